import { basename } from 'node:path';
import type { OutgoingMessage } from '../core/bus/port.ts';
import type { Command } from '../core/command.ts';
import { ObzvonError } from '../core/errors.ts';
import { suppressionReasonSchema, type SuppressionReason } from '../core/contact.ts';
import type { RawRow } from './format/raw-row.ts';
import { dueDateOf } from './due-date.ts';
import { nameOfSource, type ListSource } from './list-source.ts';
import { onePhone } from './phone/check-phones.ts';
import { masked, printable, type Problem } from './problem.ts';
import { ProblemFile, REFUSAL_HEADINGS, restoreCell } from './refused-file.ts';
import { openTables } from './tables.ts';

/** A row of a small table (payments, do-not-call), read by its heading; cells trimmed. */
export type Cells = ReadonlyMap<string, string>;
export type RowResult<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly problem: Problem };

/** What reading one of these lists did. `rows` = `accepted` + `refused`. */
export interface SideListReport {
  readonly source: string;
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  /** The first refusals, without what the cells say. */
  readonly examples: readonly { readonly line: number; readonly field: string; readonly code: string; readonly found: string; readonly expected: string }[];
  readonly refusedPath: string | null;
}

interface SideList<T> {
  /** Headings of which one of each group must be there. */
  readonly required: readonly (readonly string[])[];
  readonly read: (cells: Cells, line: number) => RowResult<T>;
}

const BATCH = 1000;
const EXAMPLES = 5;

export const refuse = (field: string, code: Problem['code'], found: string, expected: string): RowResult<never> => ({ kind: 'refused', problem: { field, code, found, expected } });

/**
 * Reads a list in CSV or a spreadsheet, packed or not, as a stream and hands its good rows on in batches; refused rows go to `refusedPath`.
 * @throws ObzvonError not_found, bad_input (no such file, wrong headings); what `take` throws
 */
export async function readSideList<T>(list: SideList<T>, source: ListSource, refusedPath: string | null, take: (values: readonly T[]) => Promise<void>): Promise<SideListReport> {
  const open = await openTables(source, {});
  const refusals = refusedPath === null ? null : new ProblemFile(refusedPath);
  const examples: SideListReport['examples'][number][] = [];
  let headings: readonly string[] | null = null;
  let own: readonly string[] = [];
  let skipped = 0;
  let rows = 0;
  let refused = 0;
  let batch: T[] = [];

  const row = (raw: RawRow): void => {
    if (headings === null) {
      headings = raw.kind === 'cells' ? raw.cells.map((cell) => cell.trim().toLowerCase()) : [];
      skipped = REFUSAL_HEADINGS.every((heading, index) => headings?.[index] === heading) ? REFUSAL_HEADINGS.length : 0;
      headings = headings.slice(skipped);
      own = headings;
      const missing = list.required.filter((group) => !group.some((heading) => headings?.includes(heading))).map((group) => group.join(' or '));
      if (missing.length > 0) {
        throw new ObzvonError('bad_input', `${open.name}: line 1: missing ${missing.join(', ')}; found: ${headings.slice(0, 20).map(printable).join(', ') || 'nothing'}; expected: ${list.required.map((group) => group.join(' or ')).join(', ')}`);
      }
      return;
    }
    rows++;
    const cells = raw.kind === 'cells' ? raw.cells.slice(skipped) : [];
    const result: RowResult<T> = raw.kind === 'broken'
      ? refuse('', raw.code, raw.found, raw.expected)
      : list.read(new Map(own.map((heading, index) => [heading, restoreCell((cells[index] ?? '').trim())])), raw.line);
    if (result.kind === 'ok') {
      batch.push(result.value);
      return;
    }
    refused++;
    const { field, code, found, expected } = result.problem;
    if (examples.length < EXAMPLES) examples.push({ line: raw.line, field, code, found: masked(found), expected });
    refusals?.add(own, raw.line, [result.problem], cells);
  };
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await take(batch);
    batch = [];
    await refusals?.flush();
  };
  try {
    for (const table of open.tables) {
      headings = null;
      if (table.headings.kind === 'in_objects') throw new ObzvonError('unsupported', `${table.name}: found JSON; expected CSV or a spreadsheet`);
      for await (const rows of table.rows({ line: 1, width: null })) {
        for (const raw of rows) {
          row(raw);
          if (batch.length >= BATCH) await flush();
        }
      }
    }
  } finally {
    await open.close();
  }
  await flush();
  await refusals?.finish();
  return { source: open.name, rows, accepted: rows - refused, refused, examples, refusedPath: refused > 0 ? refusedPath : null };
}

/** A time: ISO with an offset, or a date, which means its beginning in UTC. */
function timeMsOf(text: string): number | null {
  if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) {
    const ms = Date.parse(text.replace(' ', 'T'));
    return Number.isNaN(ms) ? null : ms;
  }
  const date = dueDateOf(text);
  return date.kind === 'ok' ? Date.parse(`${date.value}T00:00:00Z`) : null;
}

export const idOf = (cells: Cells, field: string): RowResult<string> => {
  const text = cells.get(field) ?? '';
  if (text === '') return refuse(field, 'missing', '', 'an id');
  if (text.length > 128) return refuse(field, 'too_long', text, 'at most 128 characters');
  if (/\p{Cc}/u.test(text)) return refuse(field, 'control_characters', text, 'no control characters');
  return { kind: 'ok', value: text };
};

/** What people write for a reason, and the reason of the closed list. */
const REASON_WORDS: readonly (readonly [RegExp, SuppressionReason])[] = [
  [/opt.?out|відмов|отказ|проси(?:в|ла|л|ть)|не дзвонити|не звонить/i, 'opt_out'], [/регулятор|нкрекп|нбу|regulator|реєстр|реестр/i, 'regulator'], [/спір|спор|оскарж|оспар|dispute/i, 'dispute'],
  [/помер|умер|смерт|deceased|dead/i, 'deceased'], [/неповноліт|несовершеннолет|minor/i, 'minor'], [/суд|банкр|виконавч|исполнит|legal|court|bankrupt/i, 'legal'],
];

/** The reason of the closed list that a text means; `other` if none. */
export function suppressionReasonOf(text: string): SuppressionReason {
  const code = suppressionReasonSchema.safeParse(text.trim().toLowerCase());
  return code.success ? code.data : (REASON_WORDS.find(([word]) => word.test(text))?.[1] ?? 'other');
}

export interface DncListOptions {
  readonly country: string;
  readonly nowMs: number;
  readonly refusedPath: string | null;
  /** For rows that give none. */
  readonly reason?: string;
  /** Which list it is, such as a regulator's; default: its file's name. */
  readonly source?: string;
  readonly take: (orders: readonly OutgoingMessage<Command>[]) => Promise<void>;
}

/**
 * Reads a do-not-call list: `phone` or `account_id` (or both: two orders), and `reason` and `expires` (a date) if they are there. A reason is one of
 * the closed list or words that mean one; the words are kept for phones.
 */
export function readDncList(source: ListSource, options: DncListOptions): Promise<SideListReport> {
  const from = printable(options.source ?? (source.kind === 'file' ? basename(source.path) : nameOfSource(source))).slice(0, 200);
  const read = (cells: Cells): RowResult<OutgoingMessage<Command>[]> => {
    const expires = cells.get('expires') ?? '';
    const expiresAtMs = expires === '' ? null : timeMsOf(expires);
    if (expires !== '' && expiresAtMs === null) return refuse('expires', 'not_a_date', expires, 'a date such as 2026-11-30, or nothing');
    const reason = printable((cells.get('reason') ?? '') || options.reason || 'imported').slice(0, 200);
    const code = suppressionReasonOf(reason);
    const orders: OutgoingMessage<Command>[] = [];
    const text = cells.get('phone') ?? '';
    if (text !== '') {
      const phone = onePhone(text, options.country);
      if (phone.kind === 'bad') return refuse('phone', phone.code, text, phone.expected);
      const { e164 } = phone.value;
      orders.push({ key: e164, value: { kind: 'dnc_add', phone: e164, reason, code, source: from, expiresAtMs, atMs: options.nowMs } });
    }
    if ((cells.get('account_id') ?? '') !== '') {
      const accountId = idOf(cells, 'account_id');
      if (accountId.kind === 'refused') return accountId;
      orders.push({ key: accountId.value, value: { kind: 'suppress_add', accountId: accountId.value, reason: code, source: from, expiresAtMs, atMs: options.nowMs } });
    }
    return orders.length > 0 ? { kind: 'ok', value: orders } : refuse(cells.has('phone') ? 'phone' : 'account_id', 'missing', '', 'a phone such as +380671234567, or an account id');
  };
  return readSideList({ required: [['phone', 'account_id']], read }, source, options.refusedPath, (orders) => options.take(orders.flat()));
}
