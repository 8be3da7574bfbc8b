import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { anytimeInterval, sequentialMismatch } from './anytime.ts';
import { differenceInDifferences } from './before-after.ts';
import { addCluster, emptySums, mergeSums, sumOf, type ClusterSums } from './cluster-sums.ts';
import { compareShares, type MeanStatistics } from './comparison.ts';
import { adjustedEffect } from './covariate.ts';
import { DAYS_EARLIER, effectOf, effectOnShare, MONEY_PER_CONTACT, PAID_SHARE } from './effect.ts';
import { effectOnReached } from './instrument.ts';
import { benjaminiHochberg, holm } from './multiplicity.ts';
import { smallestEffect } from './power.ts';
import { scoreDifference } from './score-interval.ts';
import { asOneStratum, joinThinStrata, type Stratum } from './strata.ts';
import { restrictedMean, restrictedMeanDifference } from './survival.ts';
import { ratioMismatch, standardisedDifference } from './validity.ts';

/**
 * 300 called and 120 held out whose figures follow from their number, so that the same can be made in Python. The reference figures below are of statsmodels 0.15.0,
 * scipy 1.17.1, linearmodels 7.1 and gbstats 0.8.0 (GrowthBook) on them:
 *
 *     for i in range(420): z = i < 300; x = i*7919 % 211; d = z and i*104729 % 10 < 4; y = 0.3*x + i*15485863 % 97 + 9*d
 */
const UNITS = Array.from({ length: 420 }, (_, i) => {
  const called = i < 300;
  const before = (i * 7919) % 211;
  const reached = called && (i * 104729) % 10 < 4 ? 1 : 0;
  return { i, called, before, reached, y: 0.3 * before + ((i * 15485863) % 97) + 9 * reached };
});

const near = (value: number, digits: number): number => expect.closeTo(value, digits) as number;

/** The outcome stands in `early`, which borrows no tails; see the test on money for that. */
function strataOf(stratum: (i: number) => number, cluster: (i: number) => number = (i) => i): Stratum[] {
  const strata = new Map<number, Stratum>();
  const clusters = new Map<string, { called: boolean; stratum: number; values: number[] }>();
  for (const { i, called, before, reached, y } of UNITS) {
    const key = `${called} ${stratum(i)} ${cluster(i)}`;
    const found = clusters.get(key) ?? { called, stratum: stratum(i), values: [0, 0, 0, 0, 0, 0, 0, 0] };
    [1, 0, before, reached, 0, 0, 0, y].forEach((value, k) => { found.values[k]! += value; });
    clusters.set(key, found);
  }
  for (const one of clusters.values()) {
    const both = strata.get(one.stratum) ?? { called: emptySums(), heldOut: emptySums() };
    strata.set(one.stratum, both);
    addCluster(one.called ? both.called : both.heldOut, one.values);
  }
  return [...strata.values()];
}

const sumsOfPaid = (n: number, paid: number, reached = 0): ClusterSums => {
  const sums = emptySums();
  for (let i = 0; i < n; i++) addCluster(sums, [1, 0, 0, i < reached ? 1 : 0, i < paid ? 1 : 0, 0, 0, 0]);
  return sums;
};

describe('the effect of being drawn to be called', () => {
  test("one stratum, nobody sharing a phone: Welch's interval (scipy.stats.ttest_ind, equal_var=False)", () => {
    const effect = effectOf(strataOf(() => 0), DAYS_EARLIER)!;
    expect(effect).toMatchObject({ called: near(82.362, 10), heldOut: near(79.4775, 10), degrees: near(222.31584152, 6) });
    expect([effect.low, effect.high]).toEqual([near(-4.191895865461, 8), near(9.960895865461, 8)]);
  });

  test('shared phones: clusters of three (statsmodels OLS of each group, cov_type="cluster")', () => {
    const effect = effectOf(strataOf(() => 0, (i) => Math.floor(i / 3)), DAYS_EARLIER)!;
    expect(effect.difference).toBeCloseTo(2.8845, 8);
    expect(effect.standardError).toBeCloseTo(4.682499879714, 8);
  });

  test('weighted by stratum after the draw (numpy, the sum of W²s²/n of Cochran 1977, 5A.9)', () => {
    const effect = effectOf(strataOf((i) => (i * 13) % 4), DAYS_EARLIER)!;
    expect(effect.difference).toBeCloseTo(2.8845, 8);
    expect(effect.standardError).toBeCloseTo(3.62312354093, 8);
  });

  test('earlier payments taken off: CUPED (gbstats RegressionAdjustedStatistic)', () => {
    const effect = adjustedEffect(strataOf(() => 0), DAYS_EARLIER)!;
    expect(effect.theta).toBeCloseTo(0.28760544058, 8);
    expect(effect.difference).toBeCloseTo(3.13903081491, 8);
    expect([effect.low, effect.high]).toEqual([near(-2.933142841201, 6), near(9.211204471031, 6)]);
  });

  test('looked at daily: the asymptotic confidence sequence (gbstats SequentialTwoSidedTTest)', () => {
    const effect = effectOf(strataOf(() => 0), DAYS_EARLIER)!;
    const at5000 = anytimeInterval(effect, 420, 5000);
    const at420 = anytimeInterval(effect, 420, 420);
    expect([at5000.low, at5000.high, at420.low, at420.high]).toEqual([-11.593272196882, 17.362272196882, -8.014382119244, 13.783382119244].map((value) => near(value, 8)));
  });

  test('shares: Newcombe on counts, and on effective counts where members of a cluster are alike', () => {
    const plain = effectOnShare([{ called: sumsOfPaid(70, 56), heldOut: sumsOfPaid(80, 48) }], PAID_SHARE)!;
    const newcombe = compareShares({ n: 70, count: 56 }, { n: 80, count: 48 });
    expect([plain.low, plain.high]).toEqual([near(newcombe.low, 10), near(newcombe.high, 10)]);
    const twins = (n: number, paid: number): ClusterSums => {
      const sums = emptySums();
      for (let i = 0; i < n; i++) addCluster(sums, [2, 0, 0, 0, i < paid ? 2 : 0, 0, 0, 0]);
      return sums;
    };
    const doubled = effectOnShare([{ called: twins(70, 56), heldOut: twins(80, 48) }], PAID_SHARE)!;
    expect([doubled.low, doubled.high]).toEqual([near(newcombe.low, 10), near(newcombe.high, 10)]);
  });

  test('money: the groups lend one another the size of a payment, never how many paid, and where both are alike it is Welch', () => {
    const group = (amounts: readonly number[]): ClusterSums => {
      const sums = emptySums();
      for (const amount of amounts) addCluster(sums, [1, 0, 0, 0, amount > 0 ? 1 : 0, amount, 0, 0]);
      return sums;
    };
    const amounts = [0, 0, 0, 5, 9, 100];
    const alike = effectOf([{ called: group(amounts), heldOut: group(amounts) }], MONEY_PER_CONTACT)!;
    const variance = 10106 / 6 - 19 ** 2;
    expect(alike.standardError).toBeCloseTo(Math.sqrt(2 * (variance / 5)), 10);
    // A held-out group that missed the large payments: its standard error tells of them none the less.
    const missed = effectOf([{ called: group(Array.from({ length: 50 }, () => amounts).flat()), heldOut: group([0, 0, 0, 5, 9, 10]) }], MONEY_PER_CONTACT)!;
    expect(missed.heldOut).toBe(4);
    const welch = Math.sqrt((206 - 6 * 4 ** 2) / 5 / 6);
    expect(missed.standardError).toBeGreaterThan(7 * welch);
  });

  test('thin strata are joined with their neighbours, and nobody is lost', () => {
    const strata = [[100, 30], [50, 5], [50, 16], [40, 3]].map(([n, m]) => ({ called: sumsOfPaid(n!, 9), heldOut: sumsOfPaid(m!, 2) }));
    const joined = joinThinStrata(strata);
    expect(joined.map(({ called, heldOut }) => [called.clusters, heldOut.clusters])).toEqual([[100, 30], [140, 24]]);
    expect(asOneStratum(joined)).toEqual(asOneStratum(strata));
  });

  test('sums of parts add up to those of the whole', () => {
    const value = fc.integer({ min: 0, max: 1000 });
    const unit = fc.tuple(fc.constant(1), value, value, fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 }), value, value, value);
    fc.assert(
      fc.property(fc.array(unit), fc.array(unit), (a, b) => {
        const [whole, part, rest] = [emptySums(), emptySums(), emptySums()];
        for (const one of [...a, ...b]) addCluster(whole, one);
        for (const one of a) addCluster(part, one);
        for (const one of b) addCluster(rest, one);
        mergeSums(part, rest);
        expect(part).toEqual(whole);
        expect(sumOf(part, 'n')).toBe(a.length + b.length);
      }),
    );
  });
});

describe('the effect on those reached', () => {
  test('vitamin A of Sommer and Zeger (1991), Statistics in Medicine 10, 45-52, as in Imbens and Rubin (1997): 0.0032', () => {
    // Survivors of 9,675 who took it and 2,419 who did not of those offered, and of 11,588 who were not offered.
    const called = emptySums();
    for (const [times, paid, reached] of [[9663, 1, 1], [12, 0, 1], [2385, 1, 0], [34, 0, 0]] as const) for (let i = 0; i < times; i++) addCluster(called, [1, 0, 0, reached, paid, 0, 0, 0]);
    const found = effectOnReached([{ called, heldOut: sumsOfPaid(11588, 11514) }], PAID_SHARE)!;
    if (found.kind !== 'bounded') throw new Error('expected a bounded interval');
    // linearmodels IV2SLS: 0.0032280386; statsmodels OLS of y - b d on z, HC2, roots of t = 1.959964 in b: 0.00095517 to 0.00549938.
    expect(found.effect.difference).toBeCloseTo(0.0032280386, 9);
    expect(found.effect.reachedShare).toBeCloseTo(0.79998346, 8);
    expect(found.effect.low).toBeCloseTo(0.00095517, 6);
    expect(found.effect.high).toBeCloseTo(0.00549938, 6);
  });

  test('the same by Anderson and Rubin on made-up contacts (statsmodels HC2, roots in b)', () => {
    const found = effectOnReached(strataOf(() => 0), DAYS_EARLIER)!;
    expect(found).toMatchObject({ kind: 'bounded', effect: { difference: near(7.21125, 8), low: near(-10.6391966998, 5), high: near(25.0164091743, 5) } });
  });

  test('hardly anybody reached: no bounds are claimed', () => {
    expect(effectOnReached([{ called: sumsOfPaid(300, 60, 1), heldOut: sumsOfPaid(300, 50) }], PAID_SHARE)).toMatchObject({ kind: 'unbounded' });
  });
});

describe('score interval of Miettinen and Nurminen', () => {
  // Table II of Newcombe (1998), Statistics in Medicine 17, 873-890, method 6, where 0/n against 0/m is example 5 of Miettinen and Nurminen (1985).
  test.each([
    { a: 56, m: 70, b: 48, n: 80, low: 0.0528, high: 0.3382 },
    { a: 9, m: 10, b: 3, n: 10, low: 0.17, high: 0.8406 },
    { a: 6, m: 7, b: 2, n: 7, low: 0.0342, high: 0.8534 },
    { a: 5, m: 56, b: 0, n: 29, low: -0.0326, high: 0.1933 },
    { a: 0, m: 10, b: 0, n: 20, low: -0.1658, high: 0.2844 },
    { a: 0, m: 10, b: 0, n: 10, low: -0.2879, high: 0.2879 },
    { a: 10, m: 10, b: 0, n: 20, low: 0.7156, high: 1 },
    { a: 10, m: 10, b: 0, n: 10, low: 0.6636, high: 1 },
    // DescTools 0.99, tests of BinomDiffCI, method "mn".
    { a: 84, m: 101, b: 89, n: 105, low: -0.1191, high: 0.086 },
  ])('$a/$m against $b/$n', ({ a, m, b, n, low, high }) => {
    const found = scoreDifference({ n: m, count: a }, { n, count: b });
    expect(Math.abs(found.low - low)).toBeLessThan(0.00006);
    expect(Math.abs(found.high - high)).toBeLessThan(0.00006);
  });
});

describe('validity', () => {
  test('sample-ratio mismatch: chi-square (gbstats check_srm)', () => {
    for (const [counts, shares, p] of [[[500, 600], [0.5, 0.5], 0.00256883152702], [[18020, 1980], [0.9, 0.1], 0.63735188823393], [[9150, 850], [0.9, 0.1], 5.733031437584e-7], [[1000, 1200, 800], [1, 1, 1], 4.2483542553e-18]] as const) {
      expect(ratioMismatch(counts, shares).p / p).toBeCloseTo(1, 6);
    }
    expect(ratioMismatch([500, 600], [0.5, 0.5], 2).chiSquare).toBeCloseTo(ratioMismatch([500, 600], [0.5, 0.5]).chiSquare / 2, 12);
  });

  test('sample-ratio mismatch looked at after every load (gbstats ssrm, commit c76a1b14)', () => {
    const found = sequentialMismatch([[500, 600], [480, 590], [510, 640]], [0.5, 0.5]);
    expect(found).toEqual([0.67145072648, 0.18016677283, 0.01504379656].map((p) => near(p, 6)));
    expect(sequentialMismatch([[9150, 850]], [0.9, 0.1])[0]).toBeCloseTo(0.00228214758, 6);
  });

  test('standardised difference: means 3 and 6, variances 2.5 and 10', () => {
    expect(standardisedDifference({ n: 5, sum: 15, sumOfSquares: 55 }, { n: 5, sum: 30, sumOfSquares: 220 })).toBeCloseTo(-3 / 2.5, 12);
    expect(standardisedDifference({ n: 5, sum: 5, sumOfSquares: 5 }, { n: 5, sum: 5, sumOfSquares: 5 })).toBeNull();
  });

  test('p-values of many looks: the 15 of Benjamini and Hochberg (1995, section 3.1)', () => {
    const ps = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1];
    // The paper rejects the first four, and the first three by Bonferroni; figures of statsmodels multipletests.
    expect(benjaminiHochberg(ps).filter((p) => p <= 0.05)).toHaveLength(4);
    expect(holm(ps).filter((p) => p <= 0.05)).toHaveLength(3);
    const mixed = [0.0278, 0.0001, 1, 0.0344, 0.324];
    expect(holm(mixed)).toEqual([0.1112, 0.0005, 1, 0.1112, 0.648].map((p) => near(p, 10)));
    expect(benjaminiHochberg(ps)).toEqual([0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0638571429, 0.0638571429, 0.0645, 0.0765, 0.486, 0.5811818182, 0.714875, 0.7532307692, 0.8132142857, 1].map((p) => near(p, 8)));
  });
});

describe('days to the payment', () => {
  /** Weeks of remission in acute myelogenous leukaemia (Miller 1981, Survival Analysis; `aml` of R's survival). */
  const AML = {
    maintained: { events: [9, 13, 18, 23, 31, 34, 48], censored: [13, 28, 45, 161] },
    not: { events: [5, 5, 8, 8, 12, 23, 27, 30, 33, 43, 45], censored: [16] },
  };
  const daysOf = ({ events, censored }: { events: number[]; censored: number[] }, horizon: number): { atRisk: number; paid: number }[] =>
    Array.from({ length: horizon }, (_, d) => ({ atRisk: [...events, ...censored].filter((time) => time >= d + 1).length, paid: events.filter((time) => time === d + 1).length }));

  test("restricted means of R's print(survfit(Surv(time, status) ~ x, aml), rmean = 161): 52.6 (19.83) and 22.7 (4.18)", () => {
    const [a, b] = [restrictedMean(daysOf(AML.maintained, 161)), restrictedMean(daysOf(AML.not, 161))];
    expect([a.days, Math.sqrt(a.variance)]).toEqual([near(52.6, 1), near(19.83, 2)]);
    expect([b.days, Math.sqrt(b.variance)]).toEqual([near(22.7, 1), near(4.18, 2)]);
    expect(restrictedMeanDifference(a, b).difference).toBeCloseTo(a.days - b.days, 12);
  });

  test('everybody followed to the end: the mean of days counted at most so many', () => {
    const times = [1, 1, 2, 5, 9, 9, 9];
    const found = restrictedMean(daysOf({ events: times.filter((time) => time < 8), censored: times.filter((time) => time >= 8) }, 8));
    expect(found.days).toBeCloseTo((1 + 1 + 2 + 5 + 8 + 8 + 8) / 7, 12);
  });
});

test('before and after, against others: Welch on the changes (scipy.stats.ttest_ind, equal_var=False)', () => {
  const statistics = (values: readonly number[]): MeanStatistics => ({ n: values.length, sum: values.reduce((sum, one) => sum + one, 0), sumOfSquares: values.reduce((sum, one) => sum + one * one, 0) });
  const called = Array.from({ length: 40 }, (_, i) => ((i * 31) % 17) - 5);
  const compared = Array.from({ length: 25 }, (_, i) => ((i * 29) % 13) - 6);
  const flat = statistics([1, -1, 2, -2]);
  const found = differenceInDifferences({ change: statistics(called), changesBefore: [flat, statistics(called)] }, { change: statistics(compared), changesBefore: [flat, statistics(compared)] })!;
  expect([found.difference, found.low, found.high]).toEqual([near(2.96, 10), near(0.769321941673, 8), near(5.150678058327, 8)]);
  expect(found.trends.map(({ p }) => p)).toEqual([near(1, 10), near(0.008925504147, 8)]);
  expect(found.parallel).toBe(false);
});

describe('smallest effect that would be found', () => {
  test('it is the quantiles of level and power times its own standard error, and halves with four times the contacts', () => {
    const plan = { called: 18_000, heldOut: 2000, designEffect: 1, paidShare: 0.2 };
    const { share } = smallestEffect(plan)!;
    const error = Math.sqrt((0.2 * 0.8) / 2000 + ((0.2 + share) * (0.8 - share)) / 18_000);
    expect(share / error).toBeCloseTo(1.959964 + 0.841621, 5);
    expect(smallestEffect({ ...plan, called: 72_000, heldOut: 8000 })!.share / share).toBeCloseTo(0.5, 2);
    expect(smallestEffect({ ...plan, designEffect: 2 })!.share / share).toBeCloseTo(Math.SQRT2, 1);
  });

  test('money needs the debts; a group too small finds nothing', () => {
    const found = smallestEffect({ called: 18_000, heldOut: 2000, designEffect: 1, paidShare: 0.2, debts: { mean: 1000, meanOfSquares: 1_000_000 } })!;
    // Equal debts: money is the paid share times the debt.
    expect(found.moneyMinor! / 1000).toBeCloseTo(found.share, 10);
    expect(found.totalMinor).toBeCloseTo(found.moneyMinor! * 18_000, 6);
    expect(smallestEffect({ called: 3, heldOut: 1, designEffect: 1, paidShare: 0.5 })).toBeNull();
    expect(() => smallestEffect({ called: 3, heldOut: 0, designEffect: 1, paidShare: 0.5 })).toThrow(RangeError);
  });
});
