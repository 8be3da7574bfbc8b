import type { Checked } from './problem.ts';

const ISO = /^(\d{4})-(\d{2})-(\d{2})(?:[T ][\d:.]+(?:Z|[+-]\d{2}:?\d{2})?)?$/;
const DOTTED = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/;
const BAD = { kind: 'bad', code: 'not_a_date', expected: 'a date such as 2026-11-30 or 30.11.2026' } as const;

/** Reads a date: ISO (a time after it is dropped) or day.month.year. Gives `yyyy-mm-dd`. */
export function dueDateOf(raw: string): Checked<string> {
  const text = raw.trim();
  const iso = ISO.exec(text);
  const dotted = iso === null ? DOTTED.exec(text) : null;
  const parts = iso !== null ? [iso[1]!, iso[2]!, iso[3]!] : dotted !== null ? [dotted[3]!, dotted[2]!, dotted[1]!] : null;
  if (parts === null) return BAD;
  const [year, month, day] = parts.map(Number) as [number, number, number];
  if (year < 1990 || year > 2200 || month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return BAD;
  return { kind: 'ok', value: `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}` };
}
