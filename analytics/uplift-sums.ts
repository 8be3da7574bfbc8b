import { z } from 'zod';
import { groupSchema } from '../core/contact.ts';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';
import { COMPONENTS, emptySums, mergeSums, setProduct, setSum, type ClusterSums } from './statistics/cluster-sums.ts';
import type { Stratum } from './statistics/strata.ts';

const number = z.coerce.number();
/** One figure for each horizon; empty where nobody paid. */
const byHorizon = z.array(number);
const rowSchema = z.object({
  contact_group: groupSchema, debt_class: number, language: z.string(), several_phones: number, clusters: number,
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
}

/** Sums of a campaign, by cell and by horizon, in minor units and days. */
export interface UpliftSums {
  readonly horizons: readonly number[];
  readonly cells: readonly (Cell & { readonly group: 'called' | 'held_out'; readonly row: Row })[];
}

export interface SumsOptions {
  readonly horizons: readonly number[];
  readonly since: 'calling' | 'load';
  /** Days of payments before the start that are looked at. */
  readonly beforeDays: number;
}

export async function readUpliftSums(analytics: Analytics, campaignId: string, { horizons, since, beforeDays }: SumsOptions): Promise<UpliftSums> {
  const rows = await runQuery(analytics, 'uplift-sums', rowSchema, { campaign: campaignId, horizons, since, before: beforeDays });
  return { horizons, cells: rows.map((row) => ({ group: row.contact_group, debtClass: row.debt_class, language: row.language, severalPhones: row.several_phones > 0, row })) };
}

/** Both groups of each class of debts, the smallest debts first, as they stand after `days`; of cells that `keep` keeps. */
export function strataAt({ horizons, cells }: UpliftSums, days: number, keep: (cell: Cell) => boolean = () => true): Stratum[] {
  const at = horizons.indexOf(days);
  if (at < 0) throw new RangeError(`the sums have no day ${days}; they have ${horizons.join(', ')}`);
  const strata = new Map<number, Stratum>();
  for (const cell of cells) {
    if (!keep(cell)) continue;
    const stratum = strata.get(cell.debtClass) ?? { called: emptySums(), heldOut: emptySums() };
    strata.set(cell.debtClass, stratum);
    mergeSums(cell.group === 'called' ? stratum.called : stratum.heldOut, sumsOfRow(cell.row, at));
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

