import type { OutgoingMessage } from '../core/bus/port.ts';
import type { Command } from '../core/command.ts';
import { ObzvonError } from '../core/errors.ts';
import type { Payment } from '../core/payment.ts';
import { currencySchema } from '../core/contact.ts';
import type { RawRow } from './format/raw-row.ts';
import { debtMinorOf } from './debt.ts';
import { dueDateOf } from './due-date.ts';
import type { ListSource } from './list-source.ts';
import { parsePhone } from './phone/e164.ts';
import { masked, printable, type Problem } from './problem.ts';
import { openTables } from './tables.ts';
import { ProblemFile, REFUSAL_HEADINGS, restoreCell } from './refused-file.ts';

/** A row of a small table (payments, do-not-call), read by its heading; cells trimmed. */
type Cells = ReadonlyMap<string, string>;
type RowResult<T> = { readonly kind: 'ok'; readonly value: T } | { readonly kind: 'refused'; readonly problem: Problem };

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
  readonly required: readonly string[];
  readonly read: (cells: Cells) => RowResult<T>;
}

const BATCH = 1000;
const EXAMPLES = 5;

const refuse = (field: string, code: Problem['code'], found: string, expected: string): RowResult<never> => ({ kind: 'refused', problem: { field, code, found, expected } });

/**
 * Reads a CSV list as a stream and hands its good rows on in batches; refused rows go to `refusedPath`.
 * @throws ObzvonError not_found, bad_input (no such file, wrong headings); what `take` throws
 */
async function readSideList<T>(list: SideList<T>, source: ListSource, refusedPath: string | null, take: (values: readonly T[]) => Promise<void>): Promise<SideListReport> {
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
      const missing = list.required.filter((heading) => !headings?.includes(heading));
      if (missing.length > 0) {
        throw new ObzvonError('bad_input', `${open.name}: line 1: missing ${missing.join(', ')}; found: ${headings.slice(0, 20).map(printable).join(', ') || 'nothing'}; expected: ${list.required.join(', ')}`);
      }
      return;
    }
    rows++;
    const cells = raw.kind === 'cells' ? raw.cells.slice(skipped) : [];
    const result: RowResult<T> = raw.kind === 'broken'
      ? refuse('', raw.code, raw.found, raw.expected)
      : list.read(new Map(own.map((heading, index) => [heading, restoreCell((cells[index] ?? '').trim())])));
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

const idOf = (cells: Cells, field: string): RowResult<string> => {
  const text = cells.get(field) ?? '';
  if (text === '') return refuse(field, 'missing', '', 'an id');
  if (text.length > 128) return refuse(field, 'too_long', text, 'at most 128 characters');
  if (/\p{Cc}/u.test(text)) return refuse(field, 'control_characters', text, 'no control characters');
  return { kind: 'ok', value: text };
};

/**
 * Reads payments: `payment_id`, `account_id`, `amount` (a minus: taken back), `paid_at`, and `currency` if it is not `currency`.
 * @param nowMs when billing told us
 */
export function readPayments(source: ListSource, options: { currency: string; nowMs: number; refusedPath: string | null; take: (payments: readonly Payment[]) => Promise<void> }): Promise<SideListReport> {
  const read = (cells: Cells): RowResult<Payment> => {
    const paymentId = idOf(cells, 'payment_id');
    if (paymentId.kind === 'refused') return paymentId;
    const accountId = idOf(cells, 'account_id');
    if (accountId.kind === 'refused') return accountId;
    const text = cells.get('amount') ?? '';
    const negative = /^[-\u2212]\s?(?=\d)/.exec(text);
    const amount = debtMinorOf(negative === null ? text : text.slice(negative[0].length));
    if (amount.kind === 'bad') return refuse('amount', amount.code, text, 'an amount such as 1234.56, or -1234.56 for one taken back');
    const paidAtMs = timeMsOf(cells.get('paid_at') ?? '');
    if (paidAtMs === null) return refuse('paid_at', 'not_a_date', cells.get('paid_at') ?? '', 'a date such as 2026-11-30, or a time such as 2026-11-30T12:00:00+02:00');
    const currency = currencySchema.safeParse((cells.get('currency') ?? '') || options.currency);
    if (!currency.success) return refuse('currency', 'unknown_currency', cells.get('currency') ?? '', 'an ISO 4217 code such as UAH');
    return { kind: 'ok', value: { paymentId: paymentId.value, accountId: accountId.value, amountMinor: negative === null ? amount.value : -amount.value, currency: currency.data, paidAtMs, receivedAtMs: options.nowMs } };
  };
  return readSideList({ required: ['payment_id', 'account_id', 'amount', 'paid_at'], read }, source, options.refusedPath, options.take);
}

/** Reads a do-not-call list: `phone`, and `reason` and `expires` (a date) if they are there. */
export function readDncList(source: ListSource, options: { country: string; nowMs: number; refusedPath: string | null; take: (orders: readonly OutgoingMessage<Command>[]) => Promise<void> }): Promise<SideListReport> {
  const read = (cells: Cells): RowResult<OutgoingMessage<Command>> => {
    const text = cells.get('phone') ?? '';
    const phone = parsePhone(text, options.country);
    if (phone === null) return refuse('phone', text === '' ? 'missing' : 'not_in_plan', text, 'a phone such as +380671234567');
    const expires = cells.get('expires') ?? '';
    const expiresAtMs = expires === '' ? null : timeMsOf(expires);
    if (expires !== '' && expiresAtMs === null) return refuse('expires', 'not_a_date', expires, 'a date such as 2026-11-30, or nothing');
    const reason = printable((cells.get('reason') ?? '') || 'imported').slice(0, 200);
    return { kind: 'ok', value: { key: phone.e164, value: { kind: 'dnc_add', phone: phone.e164, reason, expiresAtMs, atMs: options.nowMs } } };
  };
  return readSideList({ required: ['phone'], read }, source, options.refusedPath, options.take);
}
