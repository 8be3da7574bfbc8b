import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeJournal, mostWithin } from '../bench/chaos/journal-judge.ts';
import { recoveryOf } from '../bench/chaos/recovery.ts';
import type { JournalEntry } from '../dialer/simulator/journal.ts';

const caps = { minGapMs: 120_000, maxPerWallSecond: 2, maxChannels: 2 };
const invite = (attemptId: string, phone: string, atMs: number): JournalEntry => ({ kind: 'invite', atMs, wallMs: atMs, attemptId, phone, callerId: '+380440001001', persona: 'human' });
const ended = (attemptId: string, phone: string, atMs: number): JournalEntry => ({ kind: 'ended', atMs, attemptId, phone, persona: 'human', answered: false, heardMs: 0, by: 'caller' });
const [ANNA, BORYS, CHRISTINA] = ['+380670000001', '+380670000002', '+380670000003'] as const;

describe('the switch’s record is held against the rules', () => {
  const cases: [string, JournalEntry[], RegExp | null][] = [
    ['two calls far apart', [invite('a', ANNA, 0), ended('a', ANNA, 900), invite('b', ANNA, 120_000), ended('b', ANNA, 121_000)], null],
    ['a second call within the gap', [invite('a', ANNA, 0), ended('a', ANNA, 900), invite('b', ANNA, 119_999), ended('b', ANNA, 121_000)], /called again after 120 s/],
    ['two calls at once', [invite('a', ANNA, 0), invite('b', ANNA, 130_000), ended('a', ANNA, 140_000), ended('b', ANNA, 141_000)], /two calls at once/],
    ['an attempt placed twice', [invite('a', ANNA, 0), invite('a', BORYS, 5000), ended('a', BORYS, 9000)], /placed twice/],
    ['a call without an end', [invite('a', ANNA, 0)], /1 calls have no end/],
    ['more channels than allowed', [invite('a', ANNA, 0), invite('b', BORYS, 2000), invite('c', CHRISTINA, 4000), ended('a', ANNA, 5000), ended('b', BORYS, 5000), ended('c', CHRISTINA, 5000)], /3 calls at once/],
  ];
  test.each(cases)('%s', (_name, journal, offence) => {
    const { offences } = judgeJournal(journal, caps);
    if (offence === null) expect(offences).toEqual([]);
    else expect(offences.join('; ')).toMatch(offence);
  });

  test('a rate far above the cap', () => {
    const phones = Array.from({ length: 5 }, (_, i) => `+38067100000${i}`);
    const journal = phones.flatMap((phone, i) => [invite(`x${i}`, phone, i * 200), ended(`x${i}`, phone, i * 200 + 100)]);
    expect(judgeJournal(journal, caps).offences).toEqual(['5 calls started in one second, at most 2 allowed']);
  });

  test('calls of a dialer that stood still hold no channel, but are calls', () => {
    const journal = [invite('a', ANNA, 0), invite('b', BORYS, 2000), invite('c', CHRISTINA, 4000), ended('a', ANNA, 5000), ended('b', BORYS, 5000), ended('c', CHRISTINA, 5000)];
    expect(judgeJournal(journal, caps, new Set(['b']))).toMatchObject({ offences: [], calls: 3, mostAtOnce: 2 });
  });
});

test('the fullest span is what counting every span gives', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 }), fc.integer({ min: 1, max: 1500 }), (times, spanMs) => {
      const sorted = times.toSorted((a, b) => a - b);
      const most = Math.max(0, ...sorted.map((from) => sorted.filter((ms) => ms >= from && ms < from + spanMs).length));
      expect(mostWithin(sorted, spanMs)).toBe(most);
    }),
  );
});

describe('how soon calls flow again', () => {
  const every = (fromMs: number, toMs: number, stepMs: number): number[] => Array.from({ length: Math.ceil((toMs - fromMs) / stepMs) }, (_, i) => fromMs + i * stepMs);
  test('after a silence of three seconds', () => {
    expect(recoveryOf([...every(0, 5000, 50), ...every(8000, 20_000, 50)], 5000)).toEqual({ rateBefore: 20, firstCallS: 3, longestSilenceS: 3, rateBackS: 3 });
  });
  test('if nothing was felt', () => {
    expect(recoveryOf(every(0, 20_000, 50), 5000)).toEqual({ rateBefore: 20, firstCallS: 0, longestSilenceS: 0.05, rateBackS: 0 });
  });
  test('if calls go on at half the rate', () => {
    expect(recoveryOf([...every(0, 5000, 50), ...every(5000, 15_000, 100)], 5000)).toMatchObject({ firstCallS: 0, rateBackS: null });
  });
});
