import type { Campaign } from '../core/campaign.ts';
import { LANGUAGES } from '../core/contact.ts';
import type { Contact, Language } from '../core/contact.ts';
import { contactIdOf } from '../core/ids.ts';
import { debtMinorOf } from './debt.ts';
import { dueDateOf } from './due-date.ts';
import { groupOf } from './hold-out.ts';
import type { ListRow } from './list-row.ts';
import { checkPhones } from './phone/check-phones.ts';
import { timezoneOfPhone } from './phone/zones.ts';
import type { Problem } from './problem.ts';
import { cleanText, plainText } from './text.ts';

/** A row is a contact (with remarks on what was left out or changed), or refused with all that is wrong. */
export type RowVerdict =
  | { readonly kind: 'accepted'; readonly contact: Contact; readonly remarks: readonly Problem[] }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

export interface RowContext {
  readonly campaign: Campaign;
  readonly loadId: string;
  readonly loadedAtMs: number;
}

const MAX_ACCOUNT_LENGTH = 128;
const MAX_NAME_LENGTH = 200;
const MAX_FIELD_LENGTH = 500;
const SCIENTIFIC = /^\d(?:[.,]\d+)?E\+\d+$/i;

/**
 * Checks one row and makes its contact. Pure. Every problem of the row is found, not only the first. A row with some bad
 * and some good phones is accepted with the good ones, and each bad one is a remark.
 */
export function checkRow(row: ListRow, context: RowContext): RowVerdict {
  const { campaign } = context;
  const problems: Problem[] = [];
  const remarks: Problem[] = [];

  const accountId = accountOf(row.accountId, problems);
  const name = nameOf(row.name, problems, remarks);

  const debt = debtMinorOf(row.debt);
  if (debt.kind === 'bad') problems.push({ field: 'debt', code: debt.code, found: row.debt, expected: debt.expected });

  const { phones, problems: badPhones } = checkPhones(row.phones, campaign.defaultCountry);
  if (phones.length > 0) remarks.push(...badPhones);
  else if (badPhones.length > 0) problems.push(...badPhones);
  else problems.push({ field: row.phones[0]?.[0] ?? 'phones', code: 'missing', found: '', expected: 'at least one phone' });

  const dueDate = row.dueDate.trim() === '' ? null : dueDateOf(row.dueDate);
  if (dueDate?.kind === 'bad') problems.push({ field: 'due_date', code: dueDate.code, found: row.dueDate, expected: dueDate.expected });

  const currency = row.currency.trim() === '' ? campaign.currency : row.currency.trim().toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency)) problems.push({ field: 'currency', code: 'unknown_currency', found: row.currency, expected: 'an ISO 4217 code such as UAH' });

  const language = row.language.trim() === '' ? campaign.defaultLanguage : row.language.trim().toLowerCase();
  if (!isLanguage(language)) problems.push({ field: 'language', code: 'unknown_language', found: row.language, expected: `one of ${LANGUAGES.join(', ')}` });

  const zone = row.timezone.trim();
  if (zone !== '' && !isTimezone(zone)) problems.push({ field: 'timezone', code: 'unknown_timezone', found: row.timezone, expected: 'an IANA timezone such as Europe/Kyiv' });

  const priority = row.priority.trim() === '' ? '5' : row.priority.trim();
  if (!/^\d$/.test(priority)) problems.push({ field: 'priority', code: 'not_a_priority', found: row.priority, expected: 'a whole number from 0 to 9' });

  const fields: Record<string, string> = {};
  for (const [heading, raw] of row.extra) {
    if (raw === '') continue;
    const value = cleanText(raw);
    if (value.kind === 'bad') problems.push({ field: `fields.${heading}`, code: value.code, found: raw, expected: value.expected });
    else if (value.value.text.length > MAX_FIELD_LENGTH) problems.push({ field: `fields.${heading}`, code: 'too_long', found: raw, expected: `at most ${MAX_FIELD_LENGTH} characters` });
    else {
      if (value.value.cleaned) remarks.push({ field: `fields.${heading}`, code: 'text_cleaned', found: raw, expected: CLEAN });
      if (value.value.text !== '') fields[heading] = value.value.text;
    }
  }

  if (problems.length > 0 || accountId === null || name === null || debt.kind === 'bad' || !isLanguage(language)) return { kind: 'refused', problems: [...problems, ...(phones.length > 0 ? badPhones : [])] };
  return {
    kind: 'accepted',
    remarks,
    contact: {
      contactId: contactIdOf(campaign.id, accountId),
      campaignId: campaign.id,
      accountId,
      name,
      debtMinor: debt.value,
      currency,
      ...(dueDate?.kind === 'ok' ? { dueDate: dueDate.value } : {}),
      language,
      timezone: zone !== '' ? zone : (timezoneOfPhone(phones[0]!) ?? campaign.defaultTimezone),
      phones: phones.map((phone) => phone.e164),
      group: groupOf(campaign, accountId, phones.map((phone) => phone.e164)),
      priority: Number(priority),
      fields,
      loadId: context.loadId,
      loadedAtMs: context.loadedAtMs,
    },
  };
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
