import type { Checked } from './problem.ts';

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;
const BAD = { kind: 'bad', code: 'not_a_date', expected: 'a date such as 2026-11-30 or 30.11.2026' } as const;

/** Reads a date: ISO (a time after it is dropped) or day.month.year. Gives `yyyy-mm-dd`. */
export function dateOf(raw: string, years: { readonly from: number; readonly to: number }): Checked<string> {
  const text = raw.trim();
  const iso = ISO.exec(text);
  const dotted = iso === null ? DOTTED.exec(text) : null;
  if (iso === null && dotted === null) return BAD;
  const year = Number(iso?.[1] ?? dotted?.[3]);
  const month = Number(iso?.[2] ?? dotted?.[2]);
  const day = Number(iso?.[3] ?? dotted?.[1]);
  if (year < years.from || year > years.to || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return BAD;
  if (iso !== null && text.length === 10) return { kind: 'ok', value: text };
  return { kind: 'ok', value: `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` };
}

/** A list has few dates of these, again and again. */
const MAX_REMEMBERED = 2000;
const remembered = new Map<string, Checked<string>>();

/** A date of a debt or a payment. */
export function dueDateOf(raw: string): Checked<string> {
  let date = remembered.get(raw);
  if (date === undefined) {
    date = dateOf(raw, { from: 1990, to: 2200 });
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    // A copy, and only of what is short: a cell may be a view of the whole piece of the list it was cut from.
    if (raw.length <= 30) remembered.set(Buffer.from(raw).toString(), date);
  }
  return date;
}

/** A person's date of birth. */
export function birthDateOf(raw: string): Checked<string> {
  return dateOf(raw, { from: 1900, to: 2200 });
}

/** Whether somebody born on a date is younger than 18 on a day. Dates as `yyyy-mm-dd`; born on 29 February, one is of age on 1 March. */
export function isMinorOn(birthDate: string, day: string): boolean {
  return `${String(Number(birthDate.slice(0, 4)) + 18).padStart(4, '0')}${birthDate.slice(4)}` > day;
}

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function daysIn(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : DAYS[month - 1]!;
}
