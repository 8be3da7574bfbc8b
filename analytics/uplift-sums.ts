import { z } from 'zod';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';
import { COMPONENTS, emptySums, mergeSums, setProduct, setSum, type ClusterSums } from './statistics/cluster-sums.ts';
import type { Stratum } from './statistics/strata.ts';

const number = z.coerce.number();
/** One figure for each horizon; empty where nobody paid. */
const byHorizon = z.array(number);
const rowSchema = z.object({
  drawn_arm: z.string(), debt_class: number, language: z.string(), several_phones: number, touched: number, clusters: number,
  n: number, debt: number, before: number, reached: number,
  n_n: number, n_debt: number, n_before: number, n_reached: number, debt_debt: number, before_before: number, reached_reached: number, before_reached: number,
  paying: byHorizon, paid: byHorizon, money: byHorizon, cleared: byHorizon, early: byHorizon,
  n_paid: byHorizon, paid_paid: byHorizon, before_paid: byHorizon, reached_paid: byHorizon,
  n_money: byHorizon, money_money: byHorizon, before_money: byHorizon, reached_money: byHorizon,
  cleared_cleared: byHorizon, debt_cleared: byHorizon, n_early: byHorizon, early_early: byHorizon,
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
  readonly cells: readonly (Cell & { readonly arm: string; readonly row: Row })[];
}

export interface SumsOptions {
  readonly horizons: readonly number[];
  readonly since: 'calling' | 'load';
  /** Days of payments before the start that are looked at. */
  readonly beforeDays: number;
  /** Default: called against held out. */
  readonly drawn?: { readonly for: DrawnFor; readonly arms: readonly string[] };
}

const GROUPS = { for: 'group', arms: ['called', 'held_out'] } as const;

export async function readUpliftSums(analytics: Analytics, campaignId: string, { horizons, since, beforeDays, drawn = GROUPS }: SumsOptions): Promise<UpliftSums> {
  const rows = await runQuery(analytics, 'uplift-sums', rowSchema, { campaign: campaignId, drawn_for: drawn.for, arms: drawn.arms, horizons, since, before: beforeDays });
  return { horizons, cells: rows.map((row) => ({ arm: row.drawn_arm, debtClass: row.debt_class, language: row.language, severalPhones: row.several_phones > 0, touched: row.touched > 0, row })) };
}

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
    mergeSums(cell.arm === arms.called ? stratum.called : stratum.heldOut, sumsOfRow(cell.row, at));
  }
  return [...strata].sort(([a], [b]) => a - b).map(([, stratum]) => stratum);
}

function sumsOfRow(row: Row, at: number): ClusterSums {
  const sums = emptySums();
  const value = (name: keyof Row): number | undefined => {
    const found = row[name];
    return Array.isArray(found) ? (found[at] ?? 0) : typeof found === 'number' ? found : undefined;
  };
  sums.clusters = row.clusters;
  sums.paying = row.paying[at] ?? 0;
  for (const one of COMPONENTS) {
    setSum(sums, one, value(one) ?? 0);
    for (const other of COMPONENTS) {
      const found = value(`${one}_${other}` as keyof Row);
      if (found !== undefined) setProduct(sums, one, other, found);
    }
  }
  return sums;
}

