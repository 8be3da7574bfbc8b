import type { Campaign } from '../core/campaign.ts';
import { amountOf, type DecimalMark } from './debt.ts';
import type { ListRow } from './list-row.ts';
import type { Problem } from './problem.ts';

/** A row's debt in minor units with its currency, or null; what was wrong is added to `problems`. */
export interface RowDebt {
  readonly minor: number;
  readonly currency: string;
}

const OWN_MARKS: Readonly<Record<Campaign['list']['decimalMark'], DecimalMark | null>> = { auto: null, dot: '.', comma: ',' };
const decimal = (minor: number): string => (minor / 100).toFixed(2);

/**
 * A row's debt against the campaign's settings: floor, ceiling, currency.
 * @param listMark what the list's other amounts show of its decimal mark; the campaign's own setting goes before
 */
export function debtOfRow(row: Pick<ListRow, 'debt' | 'currency'>, campaign: Pick<Campaign, 'currency' | 'list'>, listMark: DecimalMark | null, problems: Problem[], remarks: Problem[]): RowDebt | null {
  const { list } = campaign;
  const add = (field: 'debt' | 'currency', code: Problem['code'], found: string, expected: string): null => {
    problems.push({ field, code, found, expected });
    return null;
  };
  let debt = amountOf(row.debt, OWN_MARKS[list.decimalMark]);
  if (debt.kind === 'bad' && debt.code === 'ambiguous_amount' && list.decimalMark === 'auto' && listMark !== null) {
    debt = amountOf(row.debt, listMark);
    if (debt.kind === 'ok') remarks.push({ field: 'debt', code: 'decimal_mark_taken', found: row.debt, expected: `an amount that can be read one way; the list's other amounts show ${listMark === '.' ? 'a dot' : 'a comma'} for decimal mark, so this is ${decimal(debt.value.minor)}` });
  }
  const column = row.currency.trim().toUpperCase();
  if (column !== '' && !/^[A-Z]{3}$/.test(column)) add('currency', 'unknown_currency', row.currency, 'an ISO 4217 code such as UAH');
  if (debt.kind === 'bad') return add('debt', debt.code, row.debt, debt.expected);
  const { minor, currencies } = debt.value;
  const currency = column !== '' ? column : currencies === null || currencies.includes(campaign.currency) ? campaign.currency : currencies[0]!;
  if (currencies?.includes(currency) === false) return add('debt', 'other_currency', row.debt, `an amount in ${currency}, as the row's currency says`);
  if (currency !== campaign.currency && list.otherCurrency === 'refuse' && /^[A-Z]{3}$/.test(currency)) return add(column === '' ? 'debt' : 'currency', 'other_currency', column === '' ? row.debt : row.currency, `a debt in ${campaign.currency}, the campaign's currency (list.otherCurrency)`);
  if (minor > Math.round(list.maxDebt * 100)) return add('debt', 'over_limit', row.debt, `a debt of at most ${list.maxDebt} (list.maxDebt)`);
  if (minor < Math.round(list.minDebt * 100)) return add('debt', 'under_limit', row.debt, `a debt of at least ${list.minDebt} (list.minDebt)`);
  return { minor, currency };
}
