import { describe, expect, test } from 'vitest';
import { VERDICTS, type Verdict } from '../../core/outcome.ts';
import { seededRandom } from '../corpus/signals.ts';
import { auditFigures, drawSample, type AuditCall, type AuditStratum } from './audit-figures.ts';

const calls = (verdict: Verdict, count: number): AuditCall[] => Array.from({ length: count }, (_, index) => ({ attemptId: `${verdict}-${index}`, verdict }));

describe('a sample', () => {
  const all = [...calls('human', 900), ...calls('machine', 90), ...calls('fax', 4)];

  test('takes as many of each verdict as it can, and is the same for the same seed', () => {
    const drawn = drawSample(all, 60, 7);
    const count = (verdict: Verdict): number => drawn.filter((call) => call.verdict === verdict).length;
    expect([count('human'), count('machine'), count('fax')]).toEqual([28, 28, 4]);
    expect(drawSample([...all].reverse(), 60, 7)).toEqual(drawn);
    expect(drawSample(all, 60, 8)).not.toEqual(drawn);
    expect(new Set(drawn.map(({ attemptId }) => attemptId)).size).toBe(60);
  });

  test('is everything if that is less than was asked for', () => {
    expect(drawSample(all, 5000, 1)).toHaveLength(all.length);
  });
});

describe('figures', () => {
  test('each stratum is weighted by its attempts, not by what was labelled of it', () => {
    const figures = auditFigures([
      { verdict: 'human', attempts: 1000, spokenTo: 1000, labels: { human: 95, machine: 5 } },
      { verdict: 'machine', attempts: 4000, spokenTo: 0, labels: { machine: 98, human: 2 } },
    ]);
    expect(figures.reached.told).toBe(1000);
    expect(figures.reached.corrected!.value).toBeCloseTo(950 + 80, 6);
    expect(figures.humansLost!.value).toBeCloseTo(80 / 1030, 6);
    expect(figures.notCalledHuman!.value).toBeCloseTo(80 / 1030, 6);
    expect(figures.nobodySpokenTo!.value).toBeCloseTo(50 / 3970, 6);
    expect(figures.notHuman!.value).toBeCloseTo(0.05, 6);
    expect(figures.humansLost!.low).toBeGreaterThan(0.01);
    expect(figures.humansLost!.high).toBeLessThan(0.25);
  });

  test('who was not called human but spoken to is not lost; a recording of whom nothing was sure may be spoken to', () => {
    const figures = auditFigures([
      { verdict: 'human', attempts: 1000, spokenTo: 1000, labels: { human: 100 } },
      { verdict: 'unsure', attempts: 500, spokenTo: 500, labels: { human: 60, machine: 40 } },
      { verdict: 'machine', attempts: 2000, spokenTo: 0, labels: { machine: 100 } },
    ]);
    expect(figures.reached.told).toBe(1500);
    expect(figures.reached.corrected!.value).toBeCloseTo(1300, 6);
    expect(figures.humansLost!.value).toBe(0);
    expect(figures.notCalledHuman!.value).toBeCloseTo(300 / 1300, 6);
    expect(figures.nobodySpokenTo!.value).toBeCloseTo(200 / 2200, 6);
    expect(figures.nobodySpokenTo!.low).toBeGreaterThan(0.05);
    expect(figures.nobodySpokenTo!.high).toBeLessThan(0.15);
  });

  test('no error seen is not no error: the interval goes above 0', () => {
    const figures = auditFigures([{ verdict: 'human', attempts: 100, spokenTo: 100, labels: { human: 50 } }, { verdict: 'machine', attempts: 100, spokenTo: 0, labels: { machine: 50 } }]);
    expect(figures.humansLost).toMatchObject({ value: 0, low: 0 });
    expect(figures.humansLost!.high).toBeGreaterThan(0.01);
  });

  test('a verdict of which nothing was heard leaves the whole unknown; what cannot be told is left out', () => {
    const figures = auditFigures([{ verdict: 'human', attempts: 10, spokenTo: 10, labels: { human: 4, unsure: 3 } }, { verdict: 'silence', attempts: 10, spokenTo: 0, labels: {} }]);
    expect(figures).toMatchObject({ labelled: 4, untold: 3, humansLost: null, reached: { told: 10, corrected: null }, notHuman: { value: 0 } });
  });

  // 200 campaigns whose truth is known; a 95 % interval may miss in about one of twenty.
  test('intervals hold the truth as often as they say', () => {
    const random = seededRandom(11);
    let held = 0;
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      const truth: Record<'human' | 'machine', number> = { human: 0.9 + 0.09 * random(), machine: 0.08 * random() };
      const strata: AuditStratum[] = (['human', 'machine'] as const).map((verdict) => {
        const persons = Array.from({ length: 100 }, () => random() < truth[verdict]).filter(Boolean).length;
        return { verdict, attempts: verdict === 'human' ? 3000 : 9000, spokenTo: verdict === 'human' ? 3000 : 0, labels: { human: persons, machine: 100 - persons } };
      });
      const real = (9000 * truth.machine) / (3000 * truth.human + 9000 * truth.machine);
      const { low, high } = auditFigures(strata, round).humansLost!;
      if (real >= low && real <= high) held++;
    }
    expect(held / rounds).toBeGreaterThan(0.9);
  });

  test('every verdict may be a stratum', () => {
    expect(auditFigures(VERDICTS.map((verdict) => ({ verdict, attempts: 5, spokenTo: 0, labels: { [verdict === 'unsure' ? 'machine' : verdict]: 5 } }))).reached.corrected!.value).toBeCloseTo(5, 6);
  });
});
