import { addCluster, emptySums } from '../analytics/statistics/cluster-sums.ts';
import type { Stratum } from '../analytics/statistics/strata.ts';
import type { DayAtRisk } from '../analytics/statistics/survival.ts';

/** A campaign whose truth is known, because both outcomes of each contact are drawn. */
export interface World {
  readonly name: string;
  readonly contacts: number;
  readonly holdOutShare: number;
  /** Share of those drawn to be called that hears the message. */
  readonly reachedShare: number;
  /** What being reached adds to the share that pays; 0 is a null effect. */
  readonly added: number;
  /** Debts by another law than the log-normal: Weibull's with shape 1/2, the square of an exponential. */
  readonly law?: 'weibull';
  /** Of the log-normal debts. 1.5: the largest twentieth owes half of the money. */
  readonly debtSigma: number;
  /** Clusters of two and of three contacts that share a phone, and are drawn together. */
  readonly twos: number;
  readonly threes: number;
}

export const HORIZON = 14;
/** Who pays does so within 30 days of the start of calling. */
export const FOLLOWED_DAYS = 30;
const BASE_SHARE = 0.22;
const PERIODS = 4;

/** Sums of both outcomes over contacts: what calling truly did. */
export interface Truth {
  contacts: number;
  reached: number;
  debt: number;
  paid: [without: number, called: number];
  money: [without: number, called: number];
  cleared: [without: number, called: number];
  early: [without: number, called: number];
}

export const noTruth = (): Truth => ({ contacts: 0, reached: 0, debt: 0, paid: [0, 0], money: [0, 0], cleared: [0, 0], early: [0, 0] });

/** A cluster as it is observed: what does not change, and the payments of its members. */
export interface ObservedCluster {
  readonly called: boolean;
  /** n, debt, before, reached, and zeros. */
  readonly known: number[];
  readonly payments: { readonly day: number; readonly amount: number; readonly debt: number }[];
  /** Which class of debts, by powers of two. */
  readonly debtClass: number;
}

export interface Campaign {
  readonly clusters: readonly ObservedCluster[];
  /** By class of debts, at the horizon. */
  readonly strata: Stratum[];
  /** Days to the payment where contacts are followed for 4 to 20 days. */
  readonly days: { readonly called: DayAtRisk[]; readonly heldOut: DayAtRisk[] };
}

/** xoshiro128** of Blackman and Vigna (2021), seeded by splitmix32: chance that is the same on every machine. */
export function chanceOf(seed: number): () => number {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) >>> 0;
  };
  let [a, b, c, d] = [next(), next(), next(), next()];
  return () => {
    const five = Math.imul(b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9) >>> 0;
    const t = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= t;
    d = (d << 11) | (d >>> 21);
    return (result + 0.5) / 4294967296;
  };
}

const normal = (chance: () => number): number => Math.sqrt(-2 * Math.log(chance())) * Math.cos(2 * Math.PI * chance());

/** Draws a campaign, and adds both outcomes of its contacts to `truth`. */
export function drawCampaign(world: World, chance: () => number, truth: Truth): Campaign {
  const clusters: ObservedCluster[] = [];
  const days = { called: emptyDays(), heldOut: emptyDays() };
  for (let drawn = 0; drawn < world.contacts; ) {
    const kind = chance();
    const size = kind < world.threes ? 3 : kind < world.threes + world.twos ? 2 : 1;
    const cluster = drawCluster(world, size, chance, truth, days);
    drawn += size;
    clusters.push(cluster);
  }
  const strata = new Map<number, Stratum>();
  for (const cluster of clusters) {
    const stratum = strata.get(cluster.debtClass) ?? { called: emptySums(), heldOut: emptySums() };
    strata.set(cluster.debtClass, stratum);
    addCluster(cluster.called ? stratum.called : stratum.heldOut, valuesAt(cluster, HORIZON));
  }
  return { clusters, strata: [...strata].sort(([a], [b]) => a - b).map(([, stratum]) => stratum), days };
}

/** A cluster's values when payments up to `day` are known, in the order of the components. */
export function valuesAt({ known, payments }: ObservedCluster, day: number): number[] {
  const values = [...known];
  for (const payment of payments) {
    if (payment.day > day) continue;
    values[4]! += 1;
    values[5]! += payment.amount;
    values[6]! += Math.min(payment.debt, payment.amount);
    values[7]! += day - payment.day;
  }
  return values;
}

function drawCluster(world: World, size: number, chance: () => number, truth: Truth, days: Campaign['days']): ObservedCluster {
  const called = chance() >= world.holdOutShare;
  // Members of a household are alike: half of them share one willingness to pay, and one call reaches all.
  const household = chance();
  const reached = chance() < world.reachedShare;
  const known = [0, 0, 0, 0, 0, 0, 0, 0];
  const payments: { day: number; amount: number; debt: number }[] = [];
  let most = 0;
  for (let member = 0; member < size; member++) {
    const reluctance = chance() < 0.5 ? household : chance();
    const debt = world.law === 'weibull' ? 1000 * Math.log(chance()) ** 2 : 1000 * Math.exp(world.debtSigma * normal(chance));
    // Who pays now has mostly paid before, and more if the debt is large.
    const paidBefore = (chance() < 0.6 ? reluctance : chance()) < 0.35;
    const before = paidBefore ? Math.sqrt(debt * 1000) * Math.exp(0.5 * normal(chance)) : 0;
    const part = chance() < 0.7 ? 1 : Math.min(1, 0.05 * chance() ** (-1 / 1.2));
    const ownDay = Math.ceil(FOLLOWED_DAYS * chance() ** 1.3);
    const calledDay = Math.ceil(3 * chance() - 2.5 * Math.log(chance()));
    const pays = reluctance < BASE_SHARE;
    const paysIfReached = pays || reluctance < BASE_SHARE + world.added;
    const amount = debt * part;
    const outcomes = [pays ? ownDay : Infinity, reached && paysIfReached ? (pays ? ownDay : calledDay) : pays ? ownDay : Infinity];
    truth.contacts += 1;
    truth.debt += debt;
    if (reached) truth.reached += 1;
    outcomes.forEach((day, which) => {
      if (day > HORIZON) return;
      truth.paid[which]! += 1;
      truth.money[which]! += amount;
      truth.cleared[which]! += amount;
      truth.early[which]! += HORIZON - day;
    });
    const day = outcomes[called ? 1 : 0]!;
    if (day <= FOLLOWED_DAYS) payments.push({ day, amount, debt });
    known[0]! += 1;
    known[1]! += debt;
    known[2]! += before;
    if (called && reached) known[3]! += 1;
    most = Math.max(most, debt);
    follow(called ? days.called : days.heldOut, day, 4 + Math.floor(17 * chance()));
  }
  return { called, known, payments, debtClass: Math.floor(Math.log2(most)) };
}

const emptyDays = (): { atRisk: number; paid: number }[] => Array.from({ length: HORIZON }, () => ({ atRisk: 0, paid: 0 }));

function follow(days: DayAtRisk[], paidDay: number, followedDays: number): void {
  const last = Math.min(paidDay, followedDays, HORIZON);
  for (let d = 0; d < last; d++) (days[d] as { atRisk: number }).atRisk += 1;
  if (paidDay <= followedDays && paidDay <= HORIZON) (days[paidDay - 1] as { paid: number }).paid += 1;
}

/** Payments of accounts in four periods, the last after calling began: sums of each account's changes. */
export function drawPanels(accounts: number, effect: number, chance: () => number): { called: PanelSums; compared: PanelSums } {
  const group = (extra: number): PanelSums => {
    const changes = Array.from({ length: PERIODS - 1 }, () => ({ n: 0, sum: 0, sumOfSquares: 0 }));
    for (let i = 0; i < accounts; i++) {
      const level = Math.exp(1.2 * normal(chance));
      let last = 0;
      for (let period = 0; period < PERIODS; period++) {
        const share = 0.25 + 0.05 * period + (period === PERIODS - 1 ? extra : 0);
        const paid = chance() < share ? level : 0;
        const change = changes[period - 1];
        if (change) {
          change.n += 1;
          change.sum += paid - last;
          change.sumOfSquares += (paid - last) ** 2;
        }
        last = paid;
      }
    }
    return { change: changes.at(-1)!, changesBefore: changes.slice(0, -1) };
  };
  return { called: group(effect), compared: group(0) };
}

/** Mean of the level of {@link drawPanels}. */
export const PANEL_LEVEL = Math.exp(1.2 ** 2 / 2);

interface PanelSums {
  readonly change: { n: number; sum: number; sumOfSquares: number };
  readonly changesBefore: { n: number; sum: number; sumOfSquares: number }[];
}

