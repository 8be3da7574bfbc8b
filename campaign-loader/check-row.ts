import type { Campaign } from '../core/campaign.ts';
import { LANGUAGES } from '../core/contact.ts';
import type { ClosedAtLoad, Contact, Language } from '../core/contact.ts';
import { contactIdOf } from '../core/ids.ts';
import { debtOfRow } from './debt-of-row.ts';
import type { DecimalMark } from './debt.ts';
import { birthDateOf, dueDateOf, isMinorOn } from './due-date.ts';
import { flagOf } from './flag.ts';
import { armsOf, groupOf, unitOf } from './hold-out.ts';
import { stratumOf } from './hold-out-balance.ts';
import type { ListRow } from './list-row.ts';
import { partsOfColumns, readName } from './name/name-parts.ts';
import { checkPhones } from './phone/check-phones.ts';
import { timezoneOfPhone } from './phone/zones.ts';
import type { Problem } from './problem.ts';
import { regionNamed, regionOfAddress } from './region/regions.ts';
import { cleanText, plainText } from './text.ts';

/** A row is a contact (with remarks on what was left out or changed), or refused with all that is wrong. */
export type RowVerdict =
  | { readonly kind: 'accepted'; readonly contact: Contact; readonly remarks: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export interface RowContext {
  readonly campaign: Campaign;
  readonly loadId: string;
  readonly loadedAtMs: number;
  /** What the list's unmistakable amounts show of its decimal mark (`Understanding` of the list); absent or null: nothing. */
  readonly decimalMark?: DecimalMark | null;
}

const MAX_ACCOUNT_LENGTH = 128;
const MAX_NAME_LENGTH = 200;
const MAX_FIELD_LENGTH = 500;
const SCIENTIFIC = /^\d(?:[.,]\d+)?E\+\d+$/i;

/**
 * Checks one row and makes its contact. Pure. Every problem of the row is found, not only the first. A row with some bad
 * and some good phones is accepted with the good ones, and each bad one is a remark. Who has paid, disputes the debt or is a minor of law
 * becomes a contact that is closed (`closedAtLoad`): it is accounted for and never called.
 *
 * Timezone: by column, else by region or address, else by the first number, else the campaign's. Language: by column, else by region, else the campaign's.
 */
export function checkRow(row: ListRow, context: RowContext): RowVerdict {
  const { campaign } = context;
  const problems: Problem[] = [];
  const remarks: Problem[] = [];

  const accountId = accountOf(row.accountId, problems);
  const columns = row.nameParts === null ? null : partsOfColumns(row.nameParts);
  const name = nameOf(row.name.trim() === '' && columns !== null ? [columns.last, columns.first, columns.patronymic].filter((part) => part !== undefined).join(' ') : row.name, problems, remarks);
  const debt = debtOfRow(row, campaign, context.decimalMark ?? null, problems, remarks);

  const { phones, remarks: mendedPhones, problems: badPhones } = checkPhones(row.phones, { country: campaign.defaultCountry, skip: campaign.list.skipLineTypes, accountId: row.accountId });
  if (phones.length > 0) remarks.push(...mendedPhones, ...badPhones);
  else if (badPhones.length > 0) problems.push(...badPhones);
  else problems.push({ field: row.phones[0]?.[0] ?? 'phones', code: 'missing', found: '', expected: 'at least one phone' });

  const dueDate = row.dueDate.trim() === '' ? null : dueDateOf(row.dueDate);
  if (dueDate?.kind === 'bad') problems.push({ field: 'due_date', code: dueDate.code, found: row.dueDate, expected: dueDate.expected });
  const debtSince = row.debtSince.trim() === '' ? null : dueDateOf(row.debtSince);
  // Only the comparison of groups asks for it.
  if (debtSince?.kind === 'bad') remarks.push({ field: 'debt_since', code: debtSince.code, found: row.debtSince, expected: `${debtSince.expected}; left out` });

  const region = regionNamed(row.region.trim()) ?? regionOfAddress(row.address);
  const language = row.language.trim() === '' ? (region?.language ?? campaign.defaultLanguage) : row.language.trim().toLowerCase();
  if (!isLanguage(language)) problems.push({ field: 'language', code: 'unknown_language', found: row.language, expected: `one of ${LANGUAGES.join(', ')}` });

  const zone = row.timezone.trim();
  if (zone !== '' && !isTimezone(zone)) problems.push({ field: 'timezone', code: 'unknown_timezone', found: row.timezone, expected: 'an IANA timezone such as Europe/Kyiv' });

  const priority = row.priority.trim() === '' ? '5' : row.priority.trim();
  if (!/^\d$/.test(priority)) problems.push({ field: 'priority', code: 'not_a_priority', found: row.priority, expected: 'a whole number from 0 to 9' });

  const closedAtLoad = closingOf(row, campaign, problems, remarks);
  const fields = fieldsOf(row, problems, remarks);

  if (problems.length > 0 || accountId === null || name === null || debt === null || !isLanguage(language)) return { kind: 'refused', problems: [...problems, ...(phones.length > 0 ? badPhones : [])] };
  const read = readName(name);
  const nameParts = columns ?? read.parts;
  const numbers = phones.map((phone) => phone.e164);
  const unit = unitOf(campaign, { accountId, phones: numbers, household: fields['household'] ?? row.address });
  // Fields that may be absent are set one by one: spread objects took a fifth of the time of a row.
  const contact: Contact = {
    contactId: contactIdOf(campaign.id, accountId),
    campaignId: campaign.id,
    accountId,
    name: read.name,
    debtMinor: debt.minor,
    currency: debt.currency,
    language,
    timezone: zone !== '' ? zone : (region?.timezone ?? timezoneOfPhone(phones[0]!) ?? campaign.defaultTimezone),
    phones: numbers,
    lineTypes: phones.map((phone) => phone.type),
    group: groupOf(campaign, unit),
    priority: Number(priority),
    fields,
    loadId: context.loadId,
    loadedAtMs: context.loadedAtMs,
  };
  if (dueDate?.kind === 'ok') contact.dueDate = dueDate.value;
  if (nameParts !== null) contact.nameParts = nameParts;
  if (region !== null) contact.region = region.name;
  if (debtSince?.kind === 'ok') contact.debtSince = debtSince.value;
  if (closedAtLoad !== null) contact.closedAtLoad = closedAtLoad;
  if (campaign.holdOut.strata.length > 0) contact.stratum = stratumOf(contact, campaign).slice(0, 100);
  if (campaign.holdOut.unit !== 'account') contact.cluster = unit;
  const arms = armsOf(campaign, unit);
  if (arms !== undefined && contact.group === 'called') contact.arms = arms;
  return { kind: 'accepted', remarks, contact };
}

/** Why the contact is to be closed at once, by the row itself; null if it is not. */
function closingOf(row: ListRow, campaign: Campaign, problems: Problem[], remarks: Problem[]): ClosedAtLoad | null {
  const paid = flagOf(row.paid);
  // An amount there is mostly what was paid before the debt was reckoned: it says nothing of the debt.
  if (paid === null && /\d/.test(row.paid)) remarks.push({ field: 'paid', code: 'not_a_flag', found: row.paid, expected: 'yes or no; an amount is left out' });
  else if (paid === null) problems.push({ field: 'paid', code: 'not_a_flag', found: row.paid, expected: 'yes or no' });
  // A date says since when.
  const disputed = flagOf(row.disputed) ?? (dueDateOf(row.disputed).kind === 'ok' ? 'yes' : null);
  if (disputed === null) problems.push({ field: 'disputed', code: 'not_a_flag', found: row.disputed, expected: 'yes, no, or the date since when' });
  const minor = flagOf(row.minor);
  if (minor === null) problems.push({ field: 'minor', code: 'not_a_flag', found: row.minor, expected: 'yes or no' });
  const birthDate = row.birthDate.trim() === '' ? null : birthDateOf(row.birthDate);
  if (birthDate?.kind === 'bad') problems.push({ field: 'birth_date', code: birthDate.code, found: row.birthDate, expected: birthDate.expected });
  if (paid === 'yes') return { disposition: 'paid', reason: 'list' };
  if (minor === 'yes' || (birthDate?.kind === 'ok' && isMinorOn(birthDate.value, campaign.startsAt.slice(0, 10)))) return { disposition: 'suppressed', reason: 'minor' };
  return disputed === 'yes' ? { disposition: 'suppressed', reason: 'dispute' } : null;
}

/** Columns that have a place of their own and may yet be spoken: `{{fields.region}}`; a list may give them as further columns too. */
const KEPT: readonly ['region', 'address'] = ['region', 'address'];

function fieldsOf(row: ListRow, problems: Problem[], remarks: Problem[]): Record<string, string> {
  const fields: Record<string, string> = {};
  const take = (heading: string, raw: string): void => {
    if (raw === '') return;
    const value = cleanText(raw);
    if (value.kind === 'bad') problems.push({ field: `fields.${heading}`, code: value.code, found: raw, expected: value.expected });
    else if (value.value.text.length > MAX_FIELD_LENGTH) problems.push({ field: `fields.${heading}`, code: 'too_long', found: raw, expected: `at most ${MAX_FIELD_LENGTH} characters` });
    else {
      if (value.value.cleaned) remarks.push({ field: `fields.${heading}`, code: 'text_cleaned', found: raw, expected: CLEAN });
      if (value.value.text !== '') fields[heading] = value.value.text;
    }
  };
  for (const key of KEPT) if (!row.extra.some(([heading]) => heading === key)) take(key, row[key]);
  for (const [heading, raw] of row.extra) take(heading, raw);
  return fields;
}

const CLEAN = 'text without line breaks, unseen characters and { } [ ] | < > ` $ \\ ^ (each became a space)';

function accountOf(raw: string, problems: Problem[]): string | null {
  const account = plainText(raw);
  if (account.kind === 'bad') problems.push({ field: 'account_id', code: account.code, found: raw, expected: account.expected });
  else if (account.value === '') problems.push({ field: 'account_id', code: 'missing', found: raw, expected: 'an account id' });
  else if (account.value.length > MAX_ACCOUNT_LENGTH) problems.push({ field: 'account_id', code: 'too_long', found: raw, expected: `at most ${MAX_ACCOUNT_LENGTH} characters` });
  else if (SCIENTIFIC.test(account.value)) problems.push({ field: 'account_id', code: 'scientific_notation', found: raw, expected: 'the whole account id (a spreadsheet shortened it: format the column as text)' });
  else return account.value;
  return null;
}

function nameOf(raw: string, problems: Problem[], remarks: Problem[]): string | null {
  const name = cleanText(raw);
  if (name.kind === 'bad') problems.push({ field: 'name', code: name.code, found: raw, expected: name.expected });
  else if (name.value.text === '') problems.push({ field: 'name', code: 'missing', found: raw, expected: 'the debtor\'s name, as it is to be spoken' });
  else if (name.value.text.length > MAX_NAME_LENGTH) problems.push({ field: 'name', code: 'too_long', found: raw, expected: `at most ${MAX_NAME_LENGTH} characters` });
  else {
    if (name.value.cleaned) remarks.push({ field: 'name', code: 'text_cleaned', found: raw, expected: CLEAN });
    return name.value.text;
  }
  return null;
}

function isLanguage(text: string): text is Language {
  return (LANGUAGES as readonly string[]).includes(text);
}

const zones = new Map<string, boolean>();
/** A hostile list may name any number of zones. */
const MAX_ZONES_REMEMBERED = 2000;

/** True for the names of the IANA time zone database; offsets such as `+02:00` are none, they know no summer time. */
export function isTimezone(name: string): boolean {
  let known = zones.get(name);
  if (known === undefined) {
    known = name.length <= 64 && /^[A-Za-z][A-Za-z0-9_+\-/]*$/.test(name);
    if (known) {
      try {
        new Intl.DateTimeFormat('en', { timeZone: name });
      } catch {
        known = false;
      }
    }
    if (zones.size >= MAX_ZONES_REMEMBERED) zones.clear();
    // A copy: a cell may be a view of the whole piece of the list it was cut from.
    zones.set(Buffer.from(name).toString(), known);
  }
  return known;
}
