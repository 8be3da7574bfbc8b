import { ObzvonError } from '../core/errors.ts';
import { PHONE_HEADINGS } from './headings/fields.ts';
import type { ListRow, ReadRow } from './list-row.ts';
import { printable } from './problem.ts';
import { REFUSAL_HEADINGS, restoreCell } from './refused-file.ts';

/** Headings the loader knows, as written in a list's first row (any case). The first three and a phone column must be there. */
const KNOWN = ['account_id', 'name', 'debt', 'currency', 'due_date', 'language', 'timezone', 'priority', 'region', 'address', 'debt_since', 'disputed', 'minor', 'birth_date', 'paid', 'first_name', 'last_name', 'patronymic'] as const;
type KnownHeading = (typeof KNOWN)[number];
const REQUIRED: readonly KnownHeading[] = ['account_id', 'name', 'debt'];

const NOT_THERE = { nameParts: null, debtSince: '', region: '', address: '', disputed: '', minor: '', birthDate: '', paid: '' } as const;

const isKnown = (heading: string): heading is KnownHeading => (KNOWN as readonly string[]).includes(heading);
const isPhone = (heading: string): boolean => (PHONE_HEADINGS as readonly string[]).includes(heading);

/** Which heading a name in a list is, or the name a further column gets in `contact.fields`: lower case, `_` for spaces. */
function headingOf(raw: string): string {
  return raw.trim().toLowerCase().replace(/[\s\p{Cc}]+/gu, '_').slice(0, 64);
}

/** Where each column stands in a CSV list; made from its heading row. */
export class Columns {
  /** The list's own headings, without those a refused file puts before them. */
  readonly headings: readonly string[];
  readonly #source: string;
  readonly #known = new Map<KnownHeading, number>();
  readonly #phones: [field: string, index: number][] = [];
  readonly #extra: [name: string, index: number][] = [];
  /** Cells before the list's own columns: 5 in a refused file loaded back. */
  readonly #before: number;

  /**
   * @param source names the list in errors
   * @throws ObzvonError bad_input if a required heading is missing, stands twice, or cannot be a field's name
   */
  constructor(headingRow: readonly string[], source: string) {
    this.#source = source;
    const isRefusedFile = REFUSAL_HEADINGS.every((heading, index) => headingRow[index]?.trim().toLowerCase() === heading);
    this.#before = isRefusedFile ? REFUSAL_HEADINGS.length : 0;
    const own = headingRow.slice(this.#before);
    while (own.length > 0 && own.at(-1)!.trim() === '') own.pop();
    this.headings = own;
    const seen = new Set<string>();
    own.forEach((raw, index) => {
      const heading = headingOf(raw);
      if (heading.includes('\ufffd')) throw new ObzvonError('bad_input', `${source}: line 1: the headings are not in UTF-8; save the list as CSV UTF-8`);
      if (seen.has(heading)) throw new ObzvonError('bad_input', `${source}: line 1: found the heading "${printable(heading)}" twice; expected each heading once`);
      if (heading === '' || heading === '__proto__') throw new ObzvonError('bad_input', `${source}: line 1: column ${index + 1} has ${heading === '' ? 'no heading' : 'the heading "__proto__"'}; expected a name`);
      seen.add(heading);
      const at = index + this.#before;
      if (isKnown(heading)) this.#known.set(heading, at);
      else if (isPhone(heading)) this.#phones.push([heading, at]);
      else this.#extra.push([heading, at]);
    });
    const missing: string[] = REQUIRED.filter((heading) => !seen.has(heading));
    if (this.#phones.length === 0) missing.push('phones (or phone, phone1 to phone5)');
    if (missing.length > 0) {
      const found = own.slice(0, 40).map((heading) => printable(heading.trim())).join(', ');
      throw new ObzvonError('bad_input', `${source}: line 1: missing ${missing.length > 1 ? 'headings' : 'the heading'} ${missing.join(', ')}; found: ${found || 'nothing'}; expected: ${[...REQUIRED, 'phones'].join(', ')}`);
    }
  }

  /** Puts one row's cells in their places; null if every cell is blank. */
  read(line: number, raw: readonly string[]): ReadRow | null {
    const cells = this.#before > 0 ? raw.map(restoreCell) : raw;
    const width = this.headings.length + this.#before;
    if (cells.length !== width) {
      if (cells.every((cell) => cell.trim() === '')) return null;
      if (cells.length < width || cells.slice(width).some((cell) => cell.trim() !== '')) {
        return {
          kind: 'broken',
          file: this.#source,
          line,
          problem: { field: 'row', code: 'number_of_cells', found: `${cells.length - this.#before} cells`, expected: `${this.headings.length} cells, as in the heading (is a cell with a delimiter not in quotes?)` },
          original: cells.slice(this.#before),
        };
      }
    }
    const row: ListRow = {
      ...NOT_THERE,
      file: this.#source,
      line,
      accountId: this.#cell(cells, 'account_id'),
      name: this.#cell(cells, 'name'),
      phones: this.#phones.map(([field, index]) => [field, cells[index]!] as const),
      debt: this.#cell(cells, 'debt'),
      currency: this.#cell(cells, 'currency'),
      dueDate: this.#cell(cells, 'due_date'),
      language: this.#cell(cells, 'language'),
      timezone: this.#cell(cells, 'timezone'),
      priority: this.#cell(cells, 'priority'),
      region: this.#cell(cells, 'region'),
      address: this.#cell(cells, 'address'),
      debtSince: this.#cell(cells, 'debt_since'),
      disputed: this.#cell(cells, 'disputed'),
      minor: this.#cell(cells, 'minor'),
      birthDate: this.#cell(cells, 'birth_date'),
      paid: this.#cell(cells, 'paid'),
      nameParts: { first: this.#cell(cells, 'first_name'), last: this.#cell(cells, 'last_name'), patronymic: this.#cell(cells, 'patronymic') },
      extra: this.#extra.map(([name, index]) => [name, cells[index]!] as const),
      original: this.#before > 0 ? cells.slice(this.#before) : cells,
    };
    if (row.accountId === '' && cells.slice(this.#before).every((cell) => cell.trim() === '')) return null;
    return { kind: 'row', row };
  }

  #cell(cells: readonly string[], heading: KnownHeading): string {
    const index = this.#known.get(heading);
    return index === undefined ? '' : cells[index]!;
  }
}

/** The headings under which refused rows of an NDJSON list are written; `other_fields` holds the rest as JSON. */
export const NDJSON_HEADINGS: readonly string[] = ['account_id', 'name', 'phones', 'debt', 'currency', 'due_date', 'language', 'timezone', 'priority', 'region', 'address', 'debt_since', 'disputed', 'minor', 'birth_date', 'paid', 'first_name', 'last_name', 'patronymic', 'other_fields'];

const asText = (value: unknown): string | null => {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
};

/** Puts one NDJSON object in its places. Phones may be a text or an array of texts. */
export function readObject(file: string, line: number, object: Readonly<Record<string, unknown>>): ReadRow {
  const known = new Map<string, string>();
  const phones: [string, string][] = [];
  const extra: [string, string][] = [];
  let notText: string | null = null;
  for (const [key, value] of Object.entries(object)) {
    const heading = headingOf(key);
    if (isPhone(heading)) {
      for (const phone of Array.isArray(value) ? (value as unknown[]) : [value]) {
        const text = asText(phone);
        if (text === null) notText ??= heading;
        else phones.push([heading, text]);
      }
      continue;
    }
    const text = asText(value);
    if (text === null || heading === '' || heading === '__proto__' || known.has(heading)) notText ??= heading;
    else if (isKnown(heading)) known.set(heading, text);
    else extra.push([heading, text]);
  }
  const cell = (heading: KnownHeading): string => known.get(heading) ?? '';
  const original = NDJSON_HEADINGS.map((heading) => {
    if (heading === 'phones') return phones.map(([, text]) => text).join('; ');
    if (heading === 'other_fields') return extra.length > 0 ? JSON.stringify(Object.fromEntries(extra)) : '';
    return known.get(heading) ?? '';
  });
  if (notText !== null) {
    return { kind: 'broken', file, line, problem: { field: notText, code: 'not_text', found: printable(JSON.stringify(object[notText] ?? null).slice(0, 200)), expected: 'a text or a number under a name of its own' }, original };
  }
  return {
    kind: 'row',
    row: {
      ...NOT_THERE,
      file,
      line,
      accountId: cell('account_id'),
      name: cell('name'),
      phones,
      debt: cell('debt'),
      currency: cell('currency'),
      dueDate: cell('due_date'),
      language: cell('language'),
      timezone: cell('timezone'),
      priority: cell('priority'),
      region: cell('region'),
      address: cell('address'),
      debtSince: cell('debt_since'),
      disputed: cell('disputed'),
      minor: cell('minor'),
      birthDate: cell('birth_date'),
      paid: cell('paid'),
      nameParts: { first: cell('first_name'), last: cell('last_name'), patronymic: cell('patronymic') },
      extra,
      original,
    },
  };
}
