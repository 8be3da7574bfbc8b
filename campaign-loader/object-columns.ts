import type { RawRow } from './format/raw-row.ts';
import type { ListField } from './headings/fields.ts';
import { fieldNamed } from './headings/known-names.ts';
import { fieldNameOf } from './headings/normal.ts';
import type { ListRow, ReadRow } from './list-row.ts';
import { printable } from './problem.ts';
import type { UnderstoodColumn } from './understanding.ts';

type ObjectRow = Extract<RawRow, { kind: 'object' }>;
type Place = Pick<UnderstoodColumn, 'field' | 'as'>;

/** A further column of refused files of objects: what was under keys that are not among the headings, as JSON. */
export const OTHER_FIELDS = 'other_fields';

/** Keys seen for the first time after the headings were understood; a hostile list may have any number. */
const MAX_LATE_KEYS = 10_000;

/** Puts the values of one file's objects in their places. Phones may be a text or an array of texts. */
export class ObjectColumns {
  readonly #file: string;
  readonly #keys: readonly string[];
  readonly #places = new Map<string, Place>();
  /** Keys that came later, understood by their names alone. */
  readonly #late = new Map<string, Place>();
  readonly #order: (field: ListField) => readonly string[] | null;
  readonly #of: readonly number[];
  readonly #width: number;

  /**
   * @param order in which several keys of one field are taken; null: as they stand in the object
   * @param places where the keys stand in `original`, which ends with what is under other keys, as JSON
   */
  constructor(file: string, keys: readonly string[], understood: readonly UnderstoodColumn[], order: (field: ListField) => readonly string[] | null, places: { readonly of: readonly number[]; readonly width: number }) {
    this.#file = file;
    this.#keys = keys;
    keys.forEach((key, index) => this.#places.set(key, understood[index]!));
    this.#order = order;
    this.#of = places.of;
    this.#width = places.width;
  }

  /** Null if there is nothing in the object. */
  read({ line, object }: ObjectRow): ReadRow | null {
    const cells = new Map<ListField, string>();
    const several = new Map<ListField, Map<string, string>>();
    const phones: [as: string, text: string, key: string][] = [];
    const extra: [string, string][] = [];
    const others: Record<string, unknown> = {};
    const original = new Array<string>(this.#width).fill('');
    let fault: { key: string; as: string } | null = null;
    let blank = true;
    for (const [key, value] of Object.entries(object)) {
      const place = this.#places.get(key);
      const { field, as } = place ?? this.#lateKey(key);
      const text = textOf(value);
      const list = field === 'phones' && Array.isArray(value) ? (value as unknown[]).map(textOf) : [text];
      if (place === undefined) others[key] = value;
      else original[this.#of[this.#keys.indexOf(key)]!] = list.every((part) => part !== null) ? list.join('; ') : JSON.stringify(value);
      if (field === 'ignored') continue;
      if (list.some((part) => part !== '')) blank = false;
      if (list.includes(null)) fault ??= { key, as };
      else if (field === 'phones') for (const part of list) phones.push([as, part!, key]);
      else if (field === 'extra') extra.push([as, text!]);
      else if (cells.has(field) && this.#order(field) === null) fault ??= { key, as };
      else {
        cells.set(field, text!);
        several.set(field, (several.get(field) ?? new Map<string, string>()).set(key, text!));
      }
    }
    if (blank) return null;
    if (Object.keys(others).length > 0) original[this.#width - 1] = JSON.stringify(others);
    if (fault !== null) {
      const field = fault.as;
      return { kind: 'broken', file: this.#file, line, problem: { field, code: 'not_text', found: printable(JSON.stringify(object[fault.key] ?? null).slice(0, 200)), expected: 'a text or a number under a name of its own' }, original };
    }
    return { kind: 'row', row: this.#place(line, cells, several, phones, extra, original) };
  }

  #place(line: number, cells: ReadonlyMap<ListField, string>, several: ReadonlyMap<ListField, ReadonlyMap<string, string>>, phones: [string, string, string][], extra: [string, string][], original: readonly string[]): ListRow {
    const cell = (field: ListField): string => cells.get(field) ?? '';
    const joined = (field: ListField, by: string): string => {
      const order = this.#order(field);
      if (order === null) return cell(field);
      return order.map((key) => (several.get(field)?.get(key) ?? '').trim()).filter((text) => text !== '').join(by);
    };
    const nameParts = cells.has('first_name') || cells.has('last_name') ? { first: cell('first_name').trim(), patronymic: cell('patronymic').trim(), last: cell('last_name').trim() } : null;
    const whole = joined('name', ' ');
    const address = joined('address', ', ');
    const order = this.#order('phones');
    if (order !== null) phones.sort((a, b) => order.indexOf(a[2]) - order.indexOf(b[2]));
    return {
      file: this.#file,
      line,
      accountId: cell('account_id'),
      name: whole.trim() !== '' || nameParts === null ? whole : [nameParts.first, nameParts.patronymic, nameParts.last].filter((part) => part !== '').join(' '),
      nameParts,
      phones: phones.map(([as, text]) => [as, text] as const),
      debt: cell('debt'),
      currency: cell('currency'),
      dueDate: cell('due_date'),
      debtSince: cell('debt_since'),
      language: cell('language'),
      timezone: cell('timezone'),
      region: cell('region'),
      address,
      priority: cell('priority'),
      disputed: cell('disputed'),
      minor: cell('minor'),
      birthDate: cell('birth_date'),
      paid: cell('paid'),
      extra,
      original,
    };
  }

  #lateKey(key: string): Place {
    let place = this.#late.get(key);
    if (place === undefined) {
      const named = fieldNamed(key);
      const name = fieldNameOf(key);
      place = named === null ? { field: 'extra', as: name === '' || name === '__proto__' ? 'other' : name } : { field: named.field, as: named.field === 'phones' ? name : named.field };
      if (this.#late.size < MAX_LATE_KEYS) this.#late.set(key, place);
    }
    return place;
  }
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : null;
}
