import { z } from 'zod';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';
import { emptySums, mergeSums, setProduct, setSum, type ClusterSums, type Component } from './statistics/cluster-sums.ts';
import type { Stratum } from './statistics/strata.ts';

const number = z.coerce.number();
const rowSchema = z.object({
  drawn_arm: z.string(), debt_class: number, language: z.string(), several_phones: number, touched: number, day: number, clusters: number,
  n: number, debt: number, reached: number, n_n: number, n_debt: number, n_reached: number, debt_debt: number, reached_reached: number,
  before: number, n_before: number, before_before: number, before_reached: number, paying: number, paid: number, money: number, cleared: number, first_days: number,
  n_paid: number, paid_paid: number, before_paid: number, reached_paid: number, n_money: number, money_money: number, before_money: number, reached_money: number,
  cleared_cleared: number, debt_cleared: number, n_first_days: number, paid_first_days: number, first_days_first_days: number,
});
type Row = z.output<typeof rowSchema>;

/** What was known of a cluster before the first call. */
export interface Cell {
  readonly debtClass: number;
  readonly language: string;
  readonly severalPhones: boolean;
  /** Another channel (a letter, an SMS) reached somebody of it in the days before the first call. */
  readonly touched: boolean;
}

/** What contacts were drawn for: to be called or not, or what the campaign tries on those called. */
export type DrawnFor = 'group' | 'attempts' | 'first_hour' | 'message';

/** Sums of a campaign, by cell and by horizon, in minor units and days. */
export interface UpliftSums {
  readonly horizons: readonly number[];
  /** `arm`: `held_out`, `called`, or what was tried, as text. */
  readonly cells: readonly (Cell & {
    readonly arm: string;
    readonly contacts: number;
    /** One for each horizon. */
    readonly sums: readonly ClusterSums[];
  })[];
}

export interface SumsOptions {
  readonly horizons: readonly number[];
  readonly since: 'calling' | 'load';
  /** Zero if nobody was called yet. */
  readonly firstCallMs: number;
  /** Days of payments before the start that are looked at. */
  readonly beforeDays: number;
  /** Default: called against held out. */
  readonly drawn?: { readonly for: DrawnFor; readonly arms: readonly string[] };
}

const GROUPS = { for: 'group', arms: ['called', 'held_out'] } as const;

export async function readUpliftSums(analytics: Analytics, campaignId: string, { horizons, since, firstCallMs, beforeDays, drawn = GROUPS }: SumsOptions): Promise<UpliftSums> {
  const rows = await runQuery(analytics, 'uplift-sums', rowSchema, {
    campaign: campaignId, drawn_for: drawn.for, arms: drawn.arms, first_call_ms: firstCallMs, since, before: beforeDays, last_day: Math.max(...horizons),
  });
  const byCell = new Map<string, [Row, ...Row[]]>();
  for (const row of rows) {
    const key = JSON.stringify([row.drawn_arm, row.debt_class, row.language, row.several_phones, row.touched]);
    const own = byCell.get(key);
    if (own) own.push(row);
    else byCell.set(key, [row]);
  }
  const cells = [...byCell.values()].map((days) => {
    const [{ drawn_arm: arm, debt_class: debtClass, language, several_phones: several, touched }] = days;
    return { arm, debtClass, language, severalPhones: several > 0, touched: touched > 0, contacts: days.reduce((sum, row) => sum + row.n, 0), sums: horizons.map((horizon) => sumsAfter(days, horizon)) };
  });
  return { horizons, cells };
}

/** Of one cell: what came up to the end of day `horizon`. */
function sumsAfter(days: readonly Row[], horizon: number): ClusterSums {
  const sums = emptySums();
  const total = (name: Exclude<keyof Row, 'drawn_arm' | 'language'>): number => days.reduce((sum, row) => (row.day <= horizon ? sum + row[name] : sum), 0);
  sums.clusters = total('clusters');
  sums.paying = total('paying');
  for (const one of ['n', 'debt', 'before', 'reached', 'paid', 'money', 'cleared'] as const) setSum(sums, one, total(one));
  for (const [name, a, b] of PRODUCTS) setProduct(sums, a, b, total(name));
  // A contact paid `horizon` less its first day early: what is read are the first days.
  const paidPaid = total('paid_paid');
  setSum(sums, 'early', horizon * total('paid') - total('first_days'));
  setProduct(sums, 'n', 'early', horizon * total('n_paid') - total('n_first_days'));
  setProduct(sums, 'early', 'early', horizon * horizon * paidPaid - 2 * horizon * total('paid_first_days') + total('first_days_first_days'));
  return sums;
}

/** Products of two components that are read as they are; those that no estimate asks for are not. */
const PRODUCTS = (['n_n', 'n_debt', 'n_reached', 'n_before', 'n_paid', 'n_money', 'debt_debt', 'debt_cleared', 'before_before', 'before_reached', 'before_paid', 'before_money', 'reached_reached', 'reached_paid', 'reached_money', 'paid_paid', 'money_money', 'cleared_cleared'] as const).map(
  (name) => [name, ...(name.split('_') as [Component, Component])] as const,
);

/** Beyond every class of debts: powers of two of an Int64. */
const TOUCHED = 100;

/**
 * Both groups of each stratum as they stand after `days`; of cells that `keep` keeps. Strata are the classes of debts, the smallest first; where other channels
 * reached some before the first call, first those of the others, then theirs.
 * @param arms which arm stands as the called and which as the held out
 */
export function strataAt({ horizons, cells }: UpliftSums, days: number, keep: (cell: Cell) => boolean = () => true, arms = { called: 'called', heldOut: 'held_out' }): Stratum[] {
  const at = horizons.indexOf(days);
  if (at < 0) throw new RangeError(`the sums have no day ${days}; they have ${horizons.join(', ')}`);
  const strata = new Map<number, Stratum>();
  for (const cell of cells) {
    if ((cell.arm !== arms.called && cell.arm !== arms.heldOut) || !keep(cell)) continue;
    const key = cell.debtClass + (cell.touched ? TOUCHED : 0);
    const stratum = strata.get(key) ?? { called: emptySums(), heldOut: emptySums() };
    strata.set(key, stratum);
    mergeSums(cell.arm === arms.called ? stratum.called : stratum.heldOut, cell.sums[at]!);
  }
  return [...strata].sort(([a], [b]) => a - b).map(([, stratum]) => stratum);
}
