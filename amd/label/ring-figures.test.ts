import { describe, expect, test } from 'vitest';
import { ringLogOdds, ringOddsSchema } from '../../core/ring-odds.ts';
import { seededRandom } from '../corpus/signals.ts';
import { ringFigures, ringOddsOf, type RangCall } from './ring-figures.ts';

const random = seededRandom(4);
const person = (weight = 1): RangCall => ({ ringMs: 2000 + 14_000 * random(), human: true, weight });
/** Two in five are phones that are off. */
const recording = (weight = 1): RangCall => ({ ringMs: random() < 0.4 ? 300 : 22_000 + 6000 * random(), human: false, weight });
const many = (count: number, one: () => RangCall): RangCall[] => Array.from({ length: count }, one);

describe('what ring time tells', () => {
  test('is learnt from calls whose label is known, and is what a campaign takes', () => {
    const odds = ringOddsSchema.parse(ringOddsOf(ringFigures([...many(300, person), ...many(300, recording)])!));
    expect(ringLogOdds(odds, 300)).toBeLessThan(-1.5);
    expect(ringLogOdds(odds, 8000)).toBeGreaterThan(1);
    expect(ringLogOdds(odds, 24_000)).toBeLessThan(-1.5);
  });

  test('is next to nothing where persons and recordings answer alike', () => {
    const odds = ringOddsOf(ringFigures([...many(2000, person), ...many(2000, () => ({ ...person(), human: false }))])!);
    for (const { logOdds } of odds) expect(Math.abs(logOdds)).toBeLessThan(0.35);
  });

  test('is drawn towards nothing the fewer calls there are, and the more unevenly they weigh', () => {
    const at = (calls: RangCall[]): number => ringLogOdds(ringOddsOf(ringFigures(calls)!), 8000);
    const few = at([...many(30, person), ...many(30, recording)]);
    const uneven = at([...many(300, () => person(random() < 0.05 ? 500 : 1)), ...many(300, recording)]);
    const all = at([...many(300, person), ...many(300, recording)]);
    expect(few).toBeLessThan(all);
    expect(uneven).toBeLessThan(all);
    expect(few).toBeGreaterThan(0);
  });

  test('a call counts as many times as it stands for', () => {
    const stretches = ringFigures([...many(50, () => ({ ringMs: 0, human: true, weight: 1 })), ...many(50, () => ({ ringMs: 7000, human: true, weight: 3 })), ...many(60, recording)])!;
    expect(stretches.find(({ fromMs }) => fromMs === 0)!.persons).toBeCloseTo(0.25, 6);
    expect(stretches.find(({ fromMs }) => fromMs === 5000)!.persons).toBeCloseTo(0.75, 6);
  });

  test('is not told from a handful', () => {
    expect(ringFigures([...many(300, person), ...many(29, recording)])).toBeNull();
  });
});

describe('ring odds', () => {
  test('are those of the last stretch that has begun; before the first, and where the ring time is not known, nothing', () => {
    const odds = [{ fromMs: 1000, logOdds: -1 }, { fromMs: 5000, logOdds: 0.5 }];
    expect([null, 0, 999, 1000, 4999, 5000, 60_000].map((ms) => ringLogOdds(odds, ms))).toEqual([0, 0, 0, -1, -1, 0.5, 0.5]);
  });

  test.each([
    ['of more than e^3', [{ fromMs: 0, logOdds: -4 }]],
    ['that do not rise', [{ fromMs: 2000, logOdds: 0 }, { fromMs: 2000, logOdds: 1 }]],
  ])('%s are refused', (_, odds) => {
    expect(ringOddsSchema.safeParse(odds).success).toBe(false);
  });
});
