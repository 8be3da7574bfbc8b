import type { Checked } from './problem.ts';

/**
 * Largest amount taken: 100 million in major units. Above it stand account numbers and phones that slid into the column
 * (0671234567 would be a debt of 671 million).
 */
export const MAX_DEBT_MINOR = 10_000_000_000;
const LIMIT = { kind: 'bad', code: 'over_limit', expected: 'a debt of at most 100000000.00' } as const;
const NOT_A_NUMBER = { kind: 'bad', code: 'not_a_number', expected: 'an amount such as 1234.56 or 1 234,56' } as const;
const NEGATIVE = { kind: 'bad', code: 'negative', expected: 'a debt above zero; a minus says that too much was paid' } as const;
const ZERO = { kind: 'bad', code: 'zero', expected: 'a debt above zero' } as const;

/** Which of `.` and `,` parts the hundredths where both readings are possible. */
export type DecimalMark = '.' | ',';

/** An amount as it was written; `currencies` are those that its sign or word can mean, null if it has none. */
export interface Amount {
  readonly minor: number;
  readonly currencies: readonly string[] | null;
}

const SIMPLE = /^(\d{1,12})(?:[.,](\d{1,2}))?$/;
/** What may part thousands beside the other mark: any space, and the apostrophes people write. */
const SPACE = "\\s\\u00a0\\u2007\\u2009\\u200a\\u202f\\u205f'\\u2019\\u02bc`";
const SPACES = new RegExp(`[${SPACE}]`, 'g');
const SPACED = new RegExp(`\\d[${SPACE}]+\\d`);
const SPACED_WELL = new RegExp(`^\\d{1,3}(?:[${SPACE}]\\d{3})+(?:[.,]\\d+)?$`);
const MINUS = '[-\\u2212\\u2012-\\u2014]';
const IS_NEGATIVE = new RegExp(`^${MINUS}\\s?[\\d.,]|\\d\\s?${MINUS}$|^\\(\\s?\\d[\\d., \\u00a0]*\\)$`);
/** What spreadsheets show for a failed formula, in three languages, and for a column that is too narrow. */
const SPREADSHEET_ERROR = /^#(?:N\/A|REF!|VALUE!|NAME\?|DIV\/0!|NUM!|NULL!|Н\/Д|ССЫЛКА!|ЗНАЧ!|ИМЯ\?|ДЕЛ\/0!|ЧИСЛО!|ПУСТО!|ПОСИЛАННЯ!|ІМ['’]Я\?|#*)$/iu;
const SIGN_BEFORE = /^([-\u2212]?)\s*(\p{Sc}|[A-Z]{3})\s*(?=[-\u2212\d])/u;
const SIGN_BEHIND = /(?<=\d|[-\u2212)])\s*(\p{Sc}|\p{L}{1,10}\.?)$/u;
/** `1 234 грн 56 коп.` */
const WITH_HUNDREDTHS = /^(.*\d)\s*(\p{L}{1,10}\.?|\p{Sc})\s*(\d{1,2})\s*(?:коп|копеек|копійок|тиын|тиин|cents?|c)\.?$/iu;

const CURRENCIES: Readonly<Record<string, readonly string[]>> = {
  '₴': ['UAH'], 'грн': ['UAH'], 'гривень': ['UAH'], 'гривня': ['UAH'], 'гривні': ['UAH'], 'гривен': ['UAH'], uah: ['UAH'],
  '₽': ['RUB'], 'руб': ['RUB', 'BYN'], 'рублей': ['RUB', 'BYN'], 'рубль': ['RUB', 'BYN'], 'рубля': ['RUB', 'BYN'], 'р': ['RUB', 'BYN'], 'крб': ['RUB'], rub: ['RUB'], rur: ['RUB'], byn: ['BYN'],
  '₸': ['KZT'], 'тг': ['KZT'], 'тенге': ['KZT'], 'теңге': ['KZT'], kzt: ['KZT'],
  $: ['USD'], usd: ['USD'], 'долл': ['USD'], 'дол': ['USD'], 'долларов': ['USD'], 'доларів': ['USD'],
  '€': ['EUR'], eur: ['EUR'], 'евро': ['EUR'], 'євро': ['EUR'], '£': ['GBP'], gbp: ['GBP'], 'zł': ['PLN'], 'зл': ['PLN'], pln: ['PLN'], mdl: ['MDL'], 'лей': ['MDL'], 'леев': ['MDL'], gel: ['GEL'], '₾': ['GEL'],
};

const currenciesOf = (word: string): readonly string[] | undefined => {
  const key = word.toLowerCase().replace(/\.$/, '');
  return Object.hasOwn(CURRENCIES, key) ? CURRENCIES[key] : undefined;
};

/**
 * Reads an amount into minor units (hundredths). The decimal mark is a dot or a comma; spaces of any kind, apostrophes and the other
 * mark may part the thousands (`1 234,56`, `1,234.56`, `1.234.567,8`); a currency's sign, code or word may stand before or behind.
 *
 * `1,234` may be 1.234 or 1234: with `mark` the other mark parts thousands (`1,234` is 1234 where the dot is the decimal mark), and three digits
 * behind the decimal mark stay refused, as everything does without `mark`. It is never a guess by a factor of 1000.
 */
export function amountOf(raw: string, mark: DecimalMark | null = null): Checked<Amount> {
  const simple = SIMPLE.exec(raw);
  if (simple !== null) return minor(simple[1]!, simple[2] ?? '', null);
  let text = raw.trim();
  if (text === '') return { kind: 'bad', code: 'missing', expected: 'an amount such as 1234.56' };
  if (text.length > 100) return text.length > 300 && /\D/.test(text) ? NOT_A_NUMBER : /^\d+$/.test(text) ? LIMIT : NOT_A_NUMBER;
  if (SPREADSHEET_ERROR.test(text)) return { kind: 'bad', code: 'spreadsheet_error', expected: 'an amount; a spreadsheet shows this for a formula that failed or a column too narrow' };
  if (new RegExp(`^${MINUS}$`).test(text)) return ZERO;

  let currencies: readonly string[] | null = null;
  let hundredths: string | null = null;
  const both = WITH_HUNDREDTHS.exec(text);
  const word = both ?? SIGN_BEHIND.exec(text);
  if (word !== null) {
    const known = currenciesOf(both === null ? word[1]! : both[2]!);
    if (known === undefined) return NOT_A_NUMBER;
    currencies = known;
    if (both !== null) hundredths = both[3]!.padStart(2, '0');
    text = both === null ? text.slice(0, word.index).trim() : both[1]!.trim();
  } else {
    const before = SIGN_BEFORE.exec(text);
    if (before !== null) {
      const known = currenciesOf(before[2]!);
      if (known === undefined) return NOT_A_NUMBER;
      currencies = known;
      text = `${before[1]!}${text.slice(before[0].length)}`;
    }
  }
  if (IS_NEGATIVE.test(text)) return /[1-9]/.test(text) ? NEGATIVE : ZERO;
  if (/^\+?\d+([.,]\d+)?e\+?\d+$/i.test(text)) return { kind: 'bad', code: 'scientific_notation', expected: 'an amount such as 1234.56 (a spreadsheet shortened it)' };
  // Spaces part thousands only: "12 34" is two numbers.
  if (SPACED.test(text) && !SPACED_WELL.test(text)) return NOT_A_NUMBER;
  const bare = text.replace(SPACES, '');
  if (!/^\d+(?:[.,]\d+)*$/.test(bare)) return NOT_A_NUMBER;
  const marks = bare.replace(/\d/g, '');
  if (hundredths !== null) return marks === '' ? minor(bare, hundredths, currencies) : NOT_A_NUMBER;
  if (marks === '') return minor(bare, '', currencies);
  const last = Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(','));
  const tail = bare.slice(last + 1);
  if (marks.length === 1) {
    if (tail.length === 3 && last <= 3 && !SPACED.test(text)) {
      if (mark !== null && bare[last] !== mark) return minor(bare.slice(0, last) + tail, '', currencies);
      return { kind: 'bad', code: 'ambiguous_amount', expected: 'an amount with two decimals or none: this may be thousands or thousandths (list.decimalMark in the campaign says which)' };
    }
    return minor(bare.slice(0, last), tail, currencies);
  }
  const thousandsMark = bare[last] === '.' ? ',' : '.';
  const head = bare.slice(0, last);
  if (head.includes(bare[last]!)) {
    // 1.234.567: one mark only, all of it thousands.
    return new Set(marks).size === 1 && /^\d{1,3}(?:[.,]\d{3})+$/.test(bare) ? minor(bare.replace(/[.,]/g, ''), '', currencies) : NOT_A_NUMBER;
  }
  const groups = head.split(thousandsMark);
  if (groups[0]!.length > 3 || groups.slice(1).some((group) => group.length !== 3)) return NOT_A_NUMBER;
  return minor(groups.join(''), tail, currencies);
}

function minor(whole: string, fraction: string, currencies: readonly string[] | null): Checked<Amount> {
  if (whole.length > 12) return LIMIT;
  let hundredths = Number(fraction.slice(0, 2).padEnd(2, '0'));
  if (/[1-9]/.test(fraction.slice(2))) {
    // 1234.5600000000001 is a spreadsheet's 1234.56 (binary fractions).
    const written = Number(`0.${fraction}`) * 100;
    if (fraction.length < 8 || Math.abs(written - Math.round(written)) > 1e-4) return { kind: 'bad', code: 'not_a_number', expected: 'an amount with at most two decimals' };
    hundredths = Math.round(written);
  }
  const value = Number(whole) * 100 + hundredths;
  if (value === 0) return ZERO;
  return value > MAX_DEBT_MINOR ? LIMIT : { kind: 'ok', value: { minor: value, currencies } };
}
