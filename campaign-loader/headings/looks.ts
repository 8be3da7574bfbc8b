/** Of the values of a column, which share looks like what; null if the column has no values. */
export interface LooksOf {
  readonly phone: number | null;
  /** Also phones that lost their first digit. */
  readonly longNumber: number | null;
  readonly amount: number | null;
  readonly name: number | null;
  readonly date: number | null;
  readonly account: number | null;
}

const PHONE = /^\+?\(?\d[\d\s().-]{7,20}\d(?:\s*[;,/|].*)?$/;
const AMOUNT = /^-?\d{1,3}(?:[\s\u00a0\u202f'.,]?\d{3})*(?:[.,]\d{1,2})?(?:\s*(?:грн|uah|₴|руб|р|rub|₽|usd|eur|€|\$)\.?)?$/iu;
const NAME = /^[\p{L}'’ʼ.\-\s"«»]+$/u;
const DATE = /^(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2}))(?:[T ].*)?$/;
const ACCOUNT = /^[\p{L}\d][\p{L}\d./_-]{0,31}$/u;

/** A number as long as a phone and written like one: a plus, a leading 0, a country's code, or signs between the digits. Accounts have as many digits. */
function isPhone(value: string): boolean {
  const first = firstNumber(value);
  const digits = first.replace(/\D/g, '').length;
  if (!isLongNumber(value) || digits < 9) return false;
  return first.length > digits || (digits === 10 && first.startsWith('0')) || /^(?:380\d{9}|[78]\d{10})$/.test(first);
}

/** Also phones that lost their first digit. */
function isLongNumber(value: string): boolean {
  const digits = firstNumber(value).replace(/\D/g, '').length;
  return PHONE.test(value) && digits >= 9 && digits <= 15;
}

const firstNumber = (value: string): string => value.split(/[;,/|]/, 1)[0]!.trim();

/** A sum of money: with its decimals, or not longer than debts are. */
function isAmount(value: string): boolean {
  if (!AMOUNT.test(value) || /^0\d/.test(value)) return false;
  return value.replace(/\D/g, '').length <= (/[.,]\d{1,2}(?!\d)/.test(value) ? 11 : 7);
}

export function looksOf(values: readonly string[]): LooksOf {
  const present = values.map((value) => value.trim()).filter((value) => value !== '');
  if (present.length === 0) return { phone: null, longNumber: null, amount: null, name: null, date: null, account: null };
  const share = (test: (value: string) => boolean): number => present.filter(test).length / present.length;
  return {
    phone: share(isPhone),
    longNumber: share(isLongNumber),
    amount: share(isAmount),
    name: share((value) => NAME.test(value) && /\p{L}{2}/u.test(value)),
    date: share((value) => DATE.test(value)),
    // Places in a list (1, 2, 3...) are no accounts.
    account: present.every((value, index) => value === String(index + 1)) ? 0 : share((value) => ACCOUNT.test(value) && /\d/.test(value) && !/^\d+[.,]\d{1,2}$/.test(value) && !isPhone(value) && !DATE.test(value)),
  };
}

/** The decimal mark of amounts, if those that have decimals agree on one. */
export function decimalMarkOf(values: readonly string[]): '.' | ',' | null {
  let mark: '.' | ',' | null = null;
  for (const value of values) {
    const found = /^[^.,]*(?:[.,\s\u00a0\u202f']?\d{3})*([.,])\d{1,2}(?:\D*)$/u.exec(value.trim())?.[1] as '.' | ',' | undefined;
    if (found === undefined) continue;
    if (mark !== null && mark !== found) return null;
    mark = found;
  }
  return mark;
}
