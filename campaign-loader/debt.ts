import type { Checked } from './problem.ts';

/**
 * Largest debt taken: 100 million in major units. Above it stand account numbers and phones that slid into the column
 * (0671234567 would be a debt of 671 million).
 */
export const MAX_DEBT_MINOR = 10_000_000_000;
const LIMIT = { kind: 'bad', code: 'over_limit', expected: 'a debt of at most 100000000.00' } as const;
const NOT_A_NUMBER = { kind: 'bad', code: 'not_a_number', expected: 'an amount such as 1234.56 or 1 234,56' } as const;

const SIMPLE = /^(\d{1,12})(?:[.,](\d{1,2}))?$/;
const SPACES = /[\s\u00a0\u202f']/g;

/**
 * Reads an amount into minor units (hundredths). The decimal mark is a dot or a comma; spaces, apostrophes and the other
 * mark may part the thousands (`1 234,56`, `1,234.56`, `1.234.567,8`). `1,234` is refused: it may be 1.234 or 1234.
 */
export function debtMinorOf(raw: string): Checked<number> {
  const simple = SIMPLE.exec(raw);
  if (simple !== null) return minor(simple[1]!, simple[2] ?? '');
  const text = raw.trim();
  if (text === '') return { kind: 'bad', code: 'missing', expected: 'an amount such as 1234.56' };
  if (/^[-\u2212]\s?\d/.test(text) || /^\(\s?\d[\d., ]*\)$/.test(text)) return { kind: 'bad', code: 'negative', expected: 'a debt above zero' };
  if (/^\+?\d+([.,]\d+)?e\+?\d+$/i.test(text)) return { kind: 'bad', code: 'scientific_notation', expected: 'an amount such as 1234.56 (a spreadsheet shortened it)' };
  // Spaces part thousands only: "12 34" is two numbers.
  if (/\d[\s\u00a0\u202f']\d/.test(text) && !/^\d{1,3}(?:[\s\u00a0\u202f']\d{3})+(?:[.,]\d+)?$/.test(text)) return NOT_A_NUMBER;
  const bare = text.replace(SPACES, '');
  const marks = bare.replace(/\d/g, '');
  if (!/^\d+(?:[.,]\d+)*$/.test(bare)) return NOT_A_NUMBER;
  if (marks === '') return minor(bare, '');
  const last = Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(','));
  const tail = bare.slice(last + 1);
  if (marks.length === 1) {
    if (tail.length === 3 && last <= 3 && bare === text) return { kind: 'bad', code: 'ambiguous_amount', expected: 'an amount with two decimals or none: this may be thousands or thousandths' };
    return minor(bare.slice(0, last), tail);
  }
  const thousandsMark = bare[last] === '.' ? ',' : '.';
  const head = bare.slice(0, last);
  if (head.includes(bare[last]!)) {
    // 1.234.567: one mark only, all of it thousands.
    return new Set(marks).size === 1 && /^\d{1,3}(?:[.,]\d{3})+$/.test(bare) ? minor(bare.replace(/[.,]/g, ''), '') : NOT_A_NUMBER;
  }
  const groups = head.split(thousandsMark);
  if (groups[0]!.length > 3 || groups.slice(1).some((group) => group.length !== 3)) return NOT_A_NUMBER;
  return minor(groups.join(''), tail);
}

function minor(whole: string, fraction: string): Checked<number> {
  if (/[1-9]/.test(fraction.slice(2))) return { kind: 'bad', code: 'not_a_number', expected: 'an amount with at most two decimals' };
  if (whole.length > 12) return LIMIT;
  const value = Number(whole) * 100 + Number(fraction.slice(0, 2).padEnd(2, '0'));
  if (value === 0) return { kind: 'bad', code: 'zero', expected: 'a debt above zero' };
  return value > MAX_DEBT_MINOR ? LIMIT : { kind: 'ok', value };
}
