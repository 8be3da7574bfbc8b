import { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';
import { smallestEffect, type SmallestEffect } from './statistics/power.ts';
import { formatCount, formatMoney, renderTable } from './table.ts';

/** Where nothing was paid before that could tell: about a fifth of debtors pays within two weeks without a call. */
const USUAL_PAID_SHARE = 0.2;
/** Shares that are told beside the planned one. */
const OTHER_SHARES = [0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5];
const LEVEL = 0.05;
const POWER = 0.8;

export interface PowerOptions {
  /** Days payments will be followed. */
  readonly horizonDays: number;
  /** Share held out, above 0 and below 1; absent: as the campaign is defined on the bus. */
  readonly holdOutShare?: number;
  /** Absent: as the campaign is defined on the bus. */
  readonly currency?: string;
  /** Contacts of a list that is not loaded yet. */
  readonly contacts?: number;
  /** Expected share of those held out that pays within the horizon. */
  readonly paidShare?: number;
}

/** How small an effect of the calls a hold-out will show. */
export interface PowerReport {
  readonly kind: 'power';
  readonly campaignId: string;
  readonly currency: string;
  readonly horizonDays: number;
  readonly level: number;
  readonly power: number;
  readonly contacts: number;
  /** From the list that is loaded, or as planned. */
  readonly contactsFrom: 'loaded' | 'given';
  readonly designEffect: number;
  readonly paidShare: number;
  readonly paidShareFrom: 'given' | 'earlier_payments' | 'usual';
  readonly planned: PowerRow;
  readonly others: readonly PowerRow[];
}

export interface PowerRow {
  readonly holdOutShare: number;
  readonly called: number;
  readonly heldOut: number;
  /** Null: no effect, however large, would be found. */
  readonly smallest: SmallestEffect | null;
}

const number = z.coerce.number();
const planSchema = z.object({ contacts: number, held_out: number, cluster_squares: number, debt: number, debt_squares: number, paid_before: number, planned_share: number.nullable(), campaign_currency: z.string().nullable() });

/**
 * The smallest effect that will be found with a power of 80 % at the level of 5 %, for the list at hand.
 * @throws ObzvonError `usage` if nothing is loaded and no number of contacts was given, if the share held out is not known, or for figures out of range
 */
export async function powerReport(analytics: Analytics, campaignId: string, options: PowerOptions): Promise<PowerReport> {
  const { horizonDays } = options;
  if (!Number.isInteger(horizonDays) || horizonDays < 1 || horizonDays > 60) throw new ObzvonError('usage', `the horizon is ${horizonDays} days; expected a whole number from 1 to 60`);
  if (options.contacts !== undefined && !(Number.isInteger(options.contacts) && options.contacts > 0)) throw new ObzvonError('usage', `${options.contacts} contacts; expected a whole number above 0`);
  const [plan] = await runQuery(analytics, 'power-plan', planSchema, { campaign: campaignId, days: horizonDays });
  const defined = plan?.campaign_currency !== null && plan?.campaign_currency !== undefined && plan.campaign_currency !== '';
  const holdOutShare = options.holdOutShare ?? (defined ? (plan.planned_share ?? undefined) : undefined);
  const currency = options.currency ?? (defined ? plan.campaign_currency : null) ?? 'UAH';
  if (holdOutShare === undefined) throw new ObzvonError('usage', `no campaign "${campaignId}" is defined on the bus; name its file, or say --hold-out`);
  for (const [name, share] of [['the hold-out share', holdOutShare], ['the paid share', options.paidShare]] as const) {
    if (share !== undefined && !(share > 0 && share < 1)) throw new ObzvonError('usage', `${name} is ${share}; expected a number between 0 and 1`);
  }
  const loaded = plan && plan.contacts > 0 ? plan : null;
  const contacts = options.contacts ?? loaded?.contacts;
  if (contacts === undefined) throw new ObzvonError('usage', `no contact of "${campaignId}" is loaded; load its list, or say how many with --contacts`);
  const before = loaded ? loaded.paid_before / loaded.contacts : 0;
  const [paidShare, paidShareFrom] = options.paidShare !== undefined ? ([options.paidShare, 'given'] as const) : before > 0 && before < 1 ? ([before, 'earlier_payments'] as const) : ([USUAL_PAID_SHARE, 'usual'] as const);
  const designEffect = loaded ? loaded.cluster_squares / loaded.contacts : 1;
  const rowAt = (share: number, heldOut = Math.round(contacts * share)): PowerRow => {
    const called = contacts - heldOut;
    const debts = loaded ? { mean: loaded.debt / loaded.contacts, meanOfSquares: loaded.debt_squares / loaded.contacts } : undefined;
    return { holdOutShare: share, called, heldOut, smallest: called > 0 && heldOut > 0 ? smallestEffect({ called, heldOut, designEffect, paidShare, ...(debts ? { debts } : {}) }, { level: LEVEL, power: POWER }) : null };
  };
  const drawn = loaded && options.contacts === undefined && loaded.held_out > 0 ? loaded.held_out : undefined;
  return {
    kind: 'power', campaignId, currency, horizonDays, level: LEVEL, power: POWER, contacts, contactsFrom: options.contacts === undefined ? 'loaded' : 'given', designEffect, paidShare, paidShareFrom,
    planned: rowAt(holdOutShare, drawn),
    others: OTHER_SHARES.filter((share) => share !== holdOutShare).map((share) => rowAt(share)),
  };
}

const SOURCES: Readonly<Record<PowerReport['paidShareFrom'], string>> = {
  given: 'as given',
  earlier_payments: 'as in as many days before the load',
  usual: 'a guess: nobody of the list is known to have paid before',
};

export function formatPower(report: PowerReport): string {
  const { currency, planned } = report;
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const money = (minor: number | null): string => (minor === null ? '-' : formatMoney(minor, currency));
  const lines = [`Smallest effect that will be found: ${report.campaignId}, ${formatCount(report.contacts)} contacts ${report.contactsFrom === 'loaded' ? 'loaded' : 'as given'}`];
  lines.push(`${(100 * report.power).toFixed(0)} % sure to be found at the level of ${(100 * report.level).toFixed(0)} %, payments of ${report.horizonDays} days; ${percent(report.paidShare)} pay without calls (${SOURCES[report.paidShareFrom]}); shared phones enlarge the variance ${report.designEffect.toFixed(3)} times`, '');
  lines.push(
    planned.smallest === null
      ? `With ${formatCount(planned.heldOut)} held out no effect would be found, however large.`
      : `With ${formatCount(planned.heldOut)} held out: ${(100 * planned.smallest.share).toFixed(2)} percentage points more who pay${planned.smallest.totalMinor === null ? '' : `, or ${money(planned.smallest.totalMinor)} ${currency} in all`}. A smaller effect may be there and not be told from chance.`,
    '',
  );
  const rows = [planned, ...report.others].sort((a, b) => a.holdOutShare - b.holdOutShare).map((row) => [
    percent(row.holdOutShare), formatCount(row.called), formatCount(row.heldOut), row.smallest ? (100 * row.smallest.share).toFixed(2) : '-', money(row.smallest?.moneyMinor ?? null), money(row.smallest?.totalMinor ?? null), row === planned ? 'planned' : '',
  ]);
  lines.push(renderTable([{ title: 'held out', align: 'right' }, { title: 'called', align: 'right' }, { title: 'left alone', align: 'right' }, { title: 'points', align: 'right' }, { title: `${currency} a contact`, align: 'right' }, { title: `${currency} in all`, align: 'right' }, { title: '', align: 'left' }], rows));
  return `${lines.join('\n')}\n`;
}
