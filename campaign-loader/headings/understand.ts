import { ObzvonError } from '../../core/errors.ts';
import { nearest } from '../../core/nearest.ts';
import { printable } from '../problem.ts';
import type { UnderstoodColumn, WhyUnderstood } from '../understanding.ts';
import { PHONE_HEADINGS } from './fields.ts';
import type { ListField } from './fields.ts';
import { fieldNamed } from './known-names.ts';
import { looksOf } from './looks.ts';
import type { LooksOf } from './looks.ts';
import type { Mapping } from './mapping.ts';
import { fieldNameOf, normalHeading } from './normal.ts';
import { fieldByWords } from './words.ts';

/** Fields that several columns of a list may give, and those that only one may. */
const SEVERAL: ReadonlySet<ListField> = new Set<ListField>(['phones']);
const SURENESS: Readonly<Record<WhyUnderstood, number>> = { mapping_file: 1, exact_name: 1, synonym: 0.95, words: 0.75, looks: 0.6, not_known: 1 };

/** A field that a column may be, and what speaks for it. */
interface Claim {
  readonly column: number;
  readonly field: ListField | 'ignored';
  readonly why: WhyUnderstood;
  readonly looks: number | null;
}

/**
 * Says of each column which field it is. What speaks for a column is, in this order: the mapping file; the heading is the field's own
 * name; it is a known name of the field; its words; the looks of the values. A field goes to the column for which most speaks; two
 * columns for which the same speaks are an error, for a wrong debt spoken to a person is worse than a question to the clerk.
 * @param headings the heading row as it stands; empty headings are allowed
 * @param values for each column the cells of the rows looked at
 * @param source names the list and the line of the headings in errors
 * @throws ObzvonError bad_input: two columns claim one field, a required field is missing, the mapping names a column that is not there
 */
export function understandColumns(headings: readonly string[], values: readonly (readonly string[])[], source: string, mapping: Mapping | null): UnderstoodColumn[] {
  const looks = headings.map((_, index) => looksOf(values[index] ?? []));
  const mapped = mapping === null ? [] : mappedClaims(headings, mapping, source);
  const claimed = new Set(mapped.map(({ column }) => column));
  const claims = [...mapped];
  headings.forEach((heading, column) => {
    if (claimed.has(column)) return;
    const claim = claimOf(heading, column, looks[column]!);
    if (claim !== null) claims.push(claim);
  });
  const mappedFields = new Set<string>(mapped.map(({ field }) => field));
  const holders = new Map<string, Claim[]>();
  const losers = new Map<number, string>();
  for (const claim of claims) {
    if (claim.field === 'ignored') continue;
    // What the mapping file says of a field is all that is to be said.
    if (claim.why !== 'mapping_file' && mappedFields.has(claim.field)) {
      losers.set(claim.column, `the mapping file names another column for ${claim.field}`);
      continue;
    }
    const rivals = holders.get(claim.field) ?? [];
    const held = rivals[0];
    if (held === undefined || claim.why === 'mapping_file') holders.set(claim.field, [...rivals, claim]);
    else if (SEVERAL.has(claim.field)) holders.set(claim.field, [...rivals, claim]);
    else if (SURENESS[claim.why] > SURENESS[held.why]) {
      for (const { column } of rivals) losers.set(column, loserText(headings[claim.column]!, claim));
      holders.set(claim.field, [claim]);
    } else if (SURENESS[claim.why] < SURENESS[held.why]) losers.set(claim.column, loserText(headings[held.column]!, held));
    else holders.set(claim.field, [...rivals, claim]);
  }
  refuseRivals(headings, holders, source);
  const won = new Map([...holders.values()].flat().map((claim) => [claim.column, claim]));
  for (const claim of claims) if (claim.field === 'ignored') won.set(claim.column, claim);
  const columns = describe(headings, won, losers, looks);
  refuseMissing(columns, values, source, mapping);
  return columns;
}

const loserText = (heading: string, claim: Claim): string => `may also be ${claim.field}, but "${printable(heading.trim())}" is more surely that (${claim.why === 'exact_name' ? 'its own name' : claim.why === 'synonym' ? 'a known name of it' : 'by its words'})`;

function claimOf(heading: string, column: number, looks: LooksOf): Claim | null {
  const named = fieldNamed(heading);
  if (named !== null) return { column, ...named, looks: null };
  const words = fieldByWords(heading, looks);
  return words === null ? null : { column, field: words.field, why: 'words', looks: words.looks };
}

function mappedClaims(headings: readonly string[], mapping: Mapping, source: string): Claim[] {
  const normal = headings.map(normalHeading);
  const claims: Claim[] = [];
  for (const { field, place, line } of mapping.columns) {
    const where = `${mapping.path}:${line}: ${field === 'ignored' ? 'ignore' : field}`;
    if (typeof place === 'number' && place > headings.length) throw new ObzvonError('bad_input', `${where}: found column ${place}; expected a number from 1 to ${headings.length}, as many columns as ${source} has`);
    // Exactly the same heading first: two may differ in signs only.
    const exact = typeof place === 'number' ? [place - 1] : indexesOf(headings, (heading) => heading.trim() === place);
    const found = exact.length > 0 ? exact : indexesOf(normal, (heading) => heading === normalHeading(String(place)));
    if (found.length === 0) {
      const meant = nearest(String(place), headings.map((heading) => heading.trim()));
      throw new ObzvonError('bad_input', `${where}: found "${printable(String(place))}", which is no heading of ${source}; ${meant === null ? `expected one of ${listed(headings)}` : `did you mean "${printable(meant)}"?`}`);
    }
    if (found.length > 1 && field !== 'ignored') throw new ObzvonError('bad_input', `${where}: found "${printable(String(place))}", which is the heading of columns ${found.map((index) => index + 1).join(' and ')} of ${source}; expected the number of one of them`);
    for (const column of found) {
      const twice = claims.find((claim) => claim.column === column);
      if (twice !== undefined) throw new ObzvonError('bad_input', `${where}: found column ${column + 1} ("${printable(headings[column]!.trim())}"), which is already ${twice.field}; expected each column for one field`);
      claims.push({ column, field, why: 'mapping_file', looks: null });
    }
  }
  return claims;
}

const indexesOf = (headings: readonly string[], test: (heading: string) => boolean): number[] => headings.flatMap((heading, index) => (test(heading) ? [index] : []));

const listed = (headings: readonly string[]): string => headings.slice(0, 40).map((heading) => printable(heading.trim())).join(', ') || 'nothing';

const HOW_TO_SAY = 'say in a mapping file (--map) which it is';

function refuseRivals(headings: readonly string[], holders: ReadonlyMap<string, readonly Claim[]>, source: string): void {
  const faults: string[] = [];
  for (const [field, rivals] of holders) {
    if (rivals.length < 2 || SEVERAL.has(field as ListField) || rivals[0]!.why === 'mapping_file') continue;
    const texts = rivals.map(({ column }) => printable(headings[column]!.trim()));
    const columns = rivals.map(({ column }) => column + 1);
    faults.push(
      new Set(texts.map((text) => text.toLowerCase())).size === 1
        ? `found the heading "${texts[0]!.toLowerCase()}" twice (columns ${columns.join(' and ')}); expected one column for ${field}: ${HOW_TO_SAY}, for example "${field}: ${columns[0]}"`
        : `found ${texts.map((text, index) => `"${text}" (column ${columns[index]})`).join(' and ')}, which may each be ${field}; expected one column for it: ${HOW_TO_SAY}, for example "${field}: ${/^[\p{L}\d][\p{L}\d .,/-]*$/u.test(texts[0]!) ? texts[0]! : columns[0]!}"`,
    );
  }
  if (faults.length > 0) throw new ObzvonError('bad_input', faults.map((fault) => `${source}: ${fault}`).join('\n'));
}

/** How the values of a field's column are expected to look, and what they are called if they look otherwise. */
const EXPECTED_LOOKS: Partial<Record<ListField, keyof LooksOf>> = { phones: 'longNumber', debt: 'amount', due_date: 'date', debt_since: 'date', birth_date: 'date' };

const LOOKS_NAMES: Readonly<Record<keyof LooksOf, string>> = { phone: 'a phone', longNumber: 'a phone', amount: 'an amount', name: 'a name', date: 'a date', account: 'an account' };

function describe(headings: readonly string[], won: ReadonlyMap<number, Claim>, losers: ReadonlyMap<number, string>, looks: readonly LooksOf[]): UnderstoodColumn[] {
  const names = new Set<string>();
  return headings.map((raw, index) => {
    const heading = raw.trim();
    const claim = won.get(index);
    const why = claim?.why ?? 'not_known';
    const kind = claim === undefined || claim.field === 'ignored' ? undefined : EXPECTED_LOOKS[claim.field];
    const share = kind === undefined ? null : looks[index]![kind];
    const odd = share !== null && share < 0.5;
    const remark = odd ? `of the values looked at only ${Math.round(share * 100)} % look like ${LOOKS_NAMES[kind!]}` : (losers.get(index) ?? null);
    const as = claim === undefined || claim.field === 'phones' ? uniqueName(fieldNameOf(raw), index, names) : claim.field;
    return { column: index + 1, heading, field: claim?.field ?? 'extra', as, why, sureness: odd ? Math.min(0.5, SURENESS[why]) : why === 'words' && claim?.looks === null ? 0.65 : SURENESS[why], remark };
  });
}

/** A further column's name: its heading, told apart where it stands twice; never a name with a meaning to JavaScript. */
function uniqueName(name: string, index: number, taken: Set<string>): string {
  let unique = name === '' || name === '__proto__' ? `column_${index + 1}` : name;
  for (let count = 2; taken.has(unique); count += 1) unique = `${name.slice(0, 60)}_${count}`;
  taken.add(unique);
  return unique;
}

function refuseMissing(columns: readonly UnderstoodColumn[], values: readonly (readonly string[])[], source: string, mapping: Mapping | null): void {
  const has = (...fields: ListField[]): boolean => columns.some(({ field }) => (fields as string[]).includes(field));
  const missing: string[] = [];
  if (!has('account_id')) missing.push('account_id');
  if (!has('name', 'first_name', 'last_name')) missing.push('name');
  if (!has('debt')) missing.push('debt');
  if (!has('phones')) missing.push(`phones (or ${PHONE_HEADINGS[1]}, ${PHONE_HEADINGS[2]} to ${PHONE_HEADINGS.at(-1)!})`);
  if (missing.length === 0) return;
  const found = listed(columns.map(({ heading }) => heading));
  const bare = columns.length > 2 && columns.every(({ field }) => field === 'extra') && columns.some(({ heading }) => /\d{5}/.test(heading));
  const may = mapping === null ? candidates(columns, values, missing) : '';
  throw new ObzvonError(
    'bad_input',
    `${source}: missing ${missing.length > 1 ? 'headings' : 'the heading'} ${missing.join(', ')}; found: ${found}; expected: account_id, name, debt, phones, or what they are called in Ukrainian or Russian${bare ? ' (the list seems to have no headings: "headings: none" in a mapping file, and columns by number)' : ''}; what is called otherwise is named in a mapping file (--map)${may}`,
  );
}

/** Columns whose values look like what is missing: proposed, never taken. */
function candidates(columns: readonly UnderstoodColumn[], values: readonly (readonly string[])[], missing: readonly string[]): string {
  const wanted: [name: string, kind: keyof LooksOf][] = [['account_id', 'account'], ['debt', 'amount'], ['phones', 'phone'], ['name', 'name']];
  const texts = wanted.flatMap(([name, kind]) => {
    if (!missing.some((text) => text.startsWith(name))) return [];
    const fitting = columns.filter(({ field, column }) => field === 'extra' && (looksOf(values[column - 1] ?? [])[kind] ?? 0) >= 0.9);
    return fitting.length === 0 || fitting.length > 3 ? [] : [`"${name}: ${fitting.map(({ column }) => column).join('" or "')}"`];
  });
  return texts.length === 0 ? '' : `, by the looks of the values ${texts.join(', ')}`;
}
