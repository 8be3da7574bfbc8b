import { renderTable } from '../analytics/table.ts';
import { differenceInDifferences } from '../analytics/statistics/before-after.ts';
import { addCluster, emptySums, sumOf } from '../analytics/statistics/cluster-sums.ts';
import type { Interval } from '../analytics/statistics/comparison.ts';
import { adjustedEffect } from '../analytics/statistics/covariate.ts';
import { DAYS_EARLIER, DEBT_CLEARED, effectiveCount, effectOf, effectOnShare, groupFigures, MONEY_PER_CONTACT, PAID_SHARE, type Effect } from '../analytics/statistics/effect.ts';
import { meanAtEveryLook, shareAtEveryLook } from '../analytics/statistics/daily-looks.ts';
import { effectOnReached, type WaldResult } from '../analytics/statistics/instrument.ts';
import { scoreDifference } from '../analytics/statistics/score-interval.ts';
import { asOneStratum, joinThinStrata, type Stratum } from '../analytics/statistics/strata.ts';
import { restrictedMean, restrictedMeanDifference } from '../analytics/statistics/survival.ts';
import { chanceOf, drawCampaign, drawPanels, FOLLOWED_DAYS, noTruth, PANEL_LEVEL, valuesAt, type Campaign, type Truth, type World } from './coverage-campaign.ts';
import { runIfMain, type BenchResult } from './result.ts';

const CAMPAIGNS = Number(process.env['BENCH_CAMPAIGNS'] ?? 2000);
/** Other campaigns of the same kind: what is found must not hang on one seed. */
const SEED = Number(process.env['BENCH_SEED'] ?? 0);
/** Within them an interval counts as honest: three standard errors of 2,000 campaigns around 95 %. */
const LEAST = 0.935;
const MOST = 0.965;

const SHARED = { twos: 0.1, threes: 0.05 };
const WORLDS: readonly World[] = [
  { name: 'null', contacts: 5000, holdOutShare: 0.1, reachedShare: 0.4, added: 0, debtSigma: 1.5, ...SHARED },
  { name: 'effect', contacts: 5000, holdOutShare: 0.1, reachedShare: 0.4, added: 0.15, debtSigma: 1.5, ...SHARED },
  { name: 'few reached', contacts: 5000, holdOutShare: 0.2, reachedShare: 0.01, added: 0.4, debtSigma: 1.2, ...SHARED },
  { name: 'large', contacts: 10_000, holdOutShare: 0.1, reachedShare: 0.4, added: 0.1, debtSigma: 1.5, ...SHARED },
  { name: 'other law', contacts: 6000, holdOutShare: 0.15, reachedShare: 0.3, added: 0.1, debtSigma: 0, law: 'weibull', ...SHARED },
];

/** One kind of interval in one world: its bounds in every campaign, and what they should hold. */
interface Row {
  readonly world: string;
  readonly name: string;
  readonly truth: number;
  readonly covered: number;
  readonly missedBelow: number;
  readonly missedAbove: number;
  /** Anytime-valid intervals may cover more. */
  readonly atLeast: boolean;
}

type Bounds = Interval | null | 'everything';
type TruthOf = (truth: Truth) => number;

const difference = (pair: readonly [number, number], per: number): number => (pair[1] - pair[0]) / per;
const lift = (pair: readonly [number, number]): number => pair[1] / pair[0] - 1;

/** Every interval of the uplift report, with what it should hold. */
const INTERVALS: readonly { readonly name: string; readonly truth: TruthOf; readonly bounds: (one: Stratum[], strata: Stratum[], campaign: Campaign) => Bounds }[] = [
  { name: 'paid share: Newcombe, clusters', truth: (t) => difference(t.paid, t.contacts), bounds: (one) => effectOnShare(one, PAID_SHARE) },
  { name: 'paid share: Miettinen-Nurminen, clusters', truth: (t) => difference(t.paid, t.contacts), bounds: (one) => scoreOnShare(one) },
  { name: 'paid share: Newcombe, strata and clusters', truth: (t) => difference(t.paid, t.contacts), bounds: (_, strata) => effectOnShare(strata, PAID_SHARE) },
  { name: 'paid share: CUPED', truth: (t) => difference(t.paid, t.contacts), bounds: (_, strata) => adjustedEffect(strata, PAID_SHARE) },
  { name: 'paid share: lift', truth: (t) => lift(t.paid), bounds: (_, strata) => liftOf(effectOnShare(strata, PAID_SHARE)) },
  { name: 'paid share: of those reached', truth: (t) => difference(t.paid, t.reached), bounds: (_, strata) => boundsOf(effectOnReached(strata, PAID_SHARE)) },
  { name: 'money per contact: clusters', truth: (t) => difference(t.money, t.contacts), bounds: (one) => effectOf(one, MONEY_PER_CONTACT) },
  { name: 'money per contact: strata and clusters', truth: (t) => difference(t.money, t.contacts), bounds: (_, strata) => effectOf(strata, MONEY_PER_CONTACT) },
  { name: 'money per contact: CUPED', truth: (t) => difference(t.money, t.contacts), bounds: (_, strata) => adjustedEffect(strata, MONEY_PER_CONTACT) },
  { name: 'money per contact: lift', truth: (t) => lift(t.money), bounds: (_, strata) => liftOf(effectOf(strata, MONEY_PER_CONTACT)) },
  { name: 'money per contact: CUPED, lift', truth: (t) => lift(t.money), bounds: (_, strata) => liftOf(adjustedEffect(strata, MONEY_PER_CONTACT)) },
  { name: 'money: of those reached', truth: (t) => difference(t.money, t.reached), bounds: (_, strata) => boundsOf(effectOnReached(strata, MONEY_PER_CONTACT)) },
  { name: 'debt cleared: ratio', truth: (t) => difference(t.cleared, t.debt), bounds: (_, strata) => effectOf(strata, DEBT_CLEARED) },
  { name: 'debt cleared: lift', truth: (t) => lift(t.cleared), bounds: (_, strata) => liftOf(effectOf(strata, DEBT_CLEARED)) },
  { name: 'days earlier', truth: (t) => difference(t.early, t.contacts), bounds: (_, strata) => effectOf(strata, DAYS_EARLIER) },
  { name: 'days to pay: Kaplan-Meier, some followed for 4 days', truth: (t) => -difference(t.early, t.contacts), bounds: (one, _, campaign) => restrictedDays(one, campaign) },
];

const liftOf = (effect: Effect | null): Interval | null => effect?.relative ?? null;
const boundsOf = (found: WaldResult | null): Bounds => (found === null ? null : found.kind === 'unbounded' ? 'everything' : found.effect);

function effectiveShares(one: Stratum[]): { called: { n: number; count: number }; heldOut: { n: number; count: number } } {
  const figures = groupFigures(one, PAID_SHARE)!;
  const share = (side: 'called' | 'heldOut'): { n: number; count: number } => {
    const n = effectiveCount(figures[side], one.map((stratum) => stratum[side]));
    return { n, count: Math.min(n, n * figures[side].value) };
  };
  return { called: share('called'), heldOut: share('heldOut') };
}

function scoreOnShare(one: Stratum[]): Interval {
  const { called, heldOut } = effectiveShares(one);
  return scoreDifference(called, heldOut);
}

function restrictedDays(one: Stratum[], { days }: Campaign): Interval {
  const { called, heldOut } = effectiveShares(one);
  const designEffects = { called: sumOf(one[0]!.called, 'n') / called.n, heldOut: sumOf(one[0]!.heldOut, 'n') / heldOut.n };
  return restrictedMeanDifference(restrictedMean(days.called), restrictedMean(days.heldOut), designEffects);
}

/** The whole table; how long it takes is no figure of merit. */
export async function benchCoverage(): Promise<BenchResult> {
  const startedMs = performance.now();
  const rows = [...WORLDS.flatMap(coverageIn), ...[0, 0.15].flatMap(lookedAtDaily), ...[0, 0.05].map(beforeAfter)];
  const seconds = (performance.now() - startedMs) / 1000;
  const right = (title: string) => ({ title, align: 'right' as const });
  const left = (title: string) => ({ title, align: 'left' as const });
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  console.log(
    renderTable(
      [left('world'), left('interval'), right('truth'), right('covered'), right('too high'), right('too low'), left('')],
      rows.map((row) => [row.world, row.name, row.truth.toPrecision(4), percent(row.covered), percent(row.missedBelow), percent(row.missedAbove), isHonest(row) ? '' : row.atLeast ? 'below 95 %' : 'beyond 93.5 to 96.5 %']),
    ),
  );
  const honest = rows.filter(isHonest).length;
  const worst = [...rows].sort((a, b) => Math.abs(b.covered - 0.95) - Math.abs(a.covered - 0.95)).find((row) => !row.atLeast)!;
  return Promise.resolve({
    name: 'coverage of the 95 % intervals',
    unit: 'of the intervals',
    ours: honest,
    peer: null,
    peerName: `${rows.length} intervals within 93.5 to 96.5 % of ${CAMPAIGNS} simulated campaigns each (anytime-valid ones: 95 % or more at all looks together)`,
    ratio: honest / rows.length,
    target: 1,
    detail: `log-normal (and Weibull's) debts, shared phones, ${WORLDS.map(({ name, contacts, holdOutShare }) => `${name}: ${contacts} contacts, ${100 * holdOutShare} % held out`).join('; ')}; furthest from 95 %: ${worst.world}, ${worst.name}, ${percent(worst.covered)}; ${seconds.toFixed(0)} s`,
  });
}

const isHonest = ({ covered, atLeast }: Row): boolean => (atLeast ? covered >= 0.95 : covered >= LEAST && covered <= MOST);

function coverageIn(world: World): Row[] {
  const truth = noTruth();
  const chance = chanceOf(1 + WORLDS.indexOf(world) + 1000 * SEED);
  const found: Bounds[][] = INTERVALS.map(() => []);
  for (let i = 0; i < CAMPAIGNS; i++) {
    const campaign = drawCampaign(world, chance, truth);
    const one = [asOneStratum(campaign.strata)];
    const strata = joinThinStrata(campaign.strata);
    INTERVALS.forEach(({ bounds }, k) => found[k]!.push(bounds(one, strata, campaign)));
  }
  return INTERVALS.map(({ name, truth: truthOf }, k) => rowOf(world.name, name, truthOf(truth), found[k]!));
}

function rowOf(world: string, name: string, truth: number, found: readonly Bounds[]): Row {
  const share = (is: (bounds: Bounds) => boolean): number => found.filter(is).length / found.length;
  const isInterval = (bounds: Bounds): bounds is Interval => bounds !== null && bounds !== 'everything';
  const missedBelow = share((bounds) => isInterval(bounds) && bounds.low > truth);
  const missedAbove = share((bounds) => bounds === null || (isInterval(bounds) && bounds.high < truth));
  return { world, name, truth, covered: 1 - missedBelow - missedAbove, missedBelow, missedAbove, atLeast: false };
}

/** Somebody looks every day for 30 days, and is wrong if one interval of all misses. */
function lookedAtDaily(added: number): Row[] {
  const world: World = { ...WORLDS[1]!, name: added === 0 ? 'null, daily looks' : 'effect, daily looks', added };
  const measures = [
    { name: 'paid share', measure: PAID_SHARE, truthOf: (t: DayTruth) => t.paid },
    { name: 'money per contact', measure: MONEY_PER_CONTACT, truthOf: (t: DayTruth) => t.money },
  ];
  const chance = chanceOf(100 + added * 100 + 1000 * SEED);
  const truth = noTruth();
  const arriving: Bounds[][][] = measures.map(() => []);
  const maturing: Bounds[][][] = measures.map(() => []);
  const days: DayTruth[] = Array.from({ length: FOLLOWED_DAYS }, () => ({ paid: 0, money: 0 }));
  for (let i = 0; i < CAMPAIGNS; i++) {
    const campaign = drawCampaign(world, chance, truth);
    const looks = { arriving: looksAsContactsArrive(campaign, world.contacts), maturing: looksAsPaymentsArrive(campaign) };
    measures.forEach(({ measure }, k) => {
      const at = (stratum: Stratum): Bounds => (measure === PAID_SHARE ? shareAtEveryLook : meanAtEveryLook)([stratum], measure, world.contacts);
      arriving[k]!.push(looks.arriving.map(at));
      maturing[k]!.push(looks.maturing.map((look, day) => {
        const effect = effectOf([look], measure)!;
        days[day]![k === 0 ? 'paid' : 'money'] += effect.difference / CAMPAIGNS;
        return at(look);
      }));
    });
  }
  return measures.flatMap(({ name, truthOf }, k) => [
    worstLook(world.name, `${name}: anytime, as contacts arrive`, arriving[k]!, () => (k === 0 ? difference(truth.paid, truth.contacts) : difference(truth.money, truth.contacts))),
    worstLook(world.name, `${name}: anytime, as payments arrive`, maturing[k]!, (look) => truthOf(days[look]!)),
  ]);
}

interface DayTruth {
  paid: number;
  money: number;
}

/** A thirtieth of the contacts comes each day, and is followed to the horizon. */
function looksAsContactsArrive({ clusters }: Campaign, contacts: number): Stratum[] {
  const looks: Stratum[] = [];
  const now = { called: emptySums(), heldOut: emptySums() };
  let seen = 0;
  for (const cluster of clusters) {
    addCluster(cluster.called ? now.called : now.heldOut, valuesAt(cluster, 14));
    seen += cluster.known[0]!;
    if (seen >= ((looks.length + 1) * contacts) / FOLLOWED_DAYS) looks.push(asOneStratum([now]));
  }
  return looks;
}

/** All contacts are there from the first day; what they paid grows. The truth of a day is the mean over all campaigns. */
function looksAsPaymentsArrive({ clusters }: Campaign): Stratum[] {
  const now = { called: emptySums(), heldOut: emptySums() };
  const onDay: Set<(typeof clusters)[number]>[] = Array.from({ length: FOLLOWED_DAYS + 1 }, () => new Set());
  for (const cluster of clusters) {
    addCluster(cluster.called ? now.called : now.heldOut, valuesAt(cluster, 0));
    for (const payment of cluster.payments) onDay[payment.day]!.add(cluster);
  }
  const looks: Stratum[] = [];
  for (let day = 1; day <= FOLLOWED_DAYS; day++) {
    for (const cluster of onDay[day]!) {
      const to = cluster.called ? now.called : now.heldOut;
      addCluster(to, withoutEarly(valuesAt(cluster, day - 1)), -1);
      addCluster(to, withoutEarly(valuesAt(cluster, day)));
    }
    looks.push(asOneStratum([now]));
  }
  return looks;
}

/** Days earlier change for who paid long ago, too; they are no part of these looks. */
function withoutEarly(values: number[]): number[] {
  values[7] = 0;
  return values;
}

function worstLook(world: string, name: string, found: readonly (readonly Bounds[])[], truthAt: (look: number) => number): Row {
  const isInterval = (bounds: Bounds): bounds is Interval => bounds !== null && bounds !== 'everything';
  const share = (is: (bounds: Interval, truth: number) => boolean): number => found.filter((looks) => looks.some((bounds, look) => isInterval(bounds) && is(bounds, truthAt(look)))).length / found.length;
  const missed = share((bounds, truth) => bounds.low > truth || bounds.high < truth);
  const missedBelow = share((bounds, truth) => bounds.low > truth);
  return { world, name, truth: truthAt(found[0]!.length - 1), covered: 1 - missed, missedBelow, missedAbove: missed - missedBelow, atLeast: true };
}

function beforeAfter(effect: number): Row {
  const chance = chanceOf(200 + effect * 100 + 1000 * SEED);
  const found: Bounds[] = [];
  for (let i = 0; i < CAMPAIGNS; i++) {
    const { called, compared } = drawPanels(3000, effect, chance);
    found.push(differenceInDifferences(called, compared));
  }
  return rowOf(effect === 0 ? 'null, nobody held out' : 'effect, nobody held out', 'difference in differences', effect * PANEL_LEVEL, found);
}

await runIfMain(import.meta.url, benchCoverage);
