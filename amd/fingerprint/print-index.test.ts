import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PrintEvent } from '../../core/amd-print.ts';
import { activeRms, throughChannel, type Channel } from '../corpus/channel.ts';
import { readClips, type Clip } from '../corpus/clips.ts';
import { joined, seededRandom, silence } from '../corpus/signals.ts';
import { createDetector } from '../detector.ts';
import { bitsApart } from './band-signs.ts';
import { PrintCatalogue } from './catalogue.ts';
import { printsIn } from './evaluate-prints.ts';
import { MATCH_WORDS, PrintIndex } from './print-index.ts';

let announcements: Clip[];
let others: Clip[];
const GOOD: Channel = { codec: 'alaw', levelDb: -20, snrDb: 25, noiseColour: 0.3, lossShare: 0, lossBurst: 0 };
const POOR: Channel = { codec: 'mulaw', levelDb: -28, snrDb: 12, noiseColour: 0.6, lossShare: 0.02, lossBurst: 0.2 };

beforeAll(async () => {
  const clips = await readClips(fileURLToPath(new URL('../fixtures', import.meta.url)));
  announcements = clips.filter(({ label, pcm }) => label === 'announcement' && pcm.length > 12_000);
  others = clips.filter(({ label }) => label.startsWith('human') || label.startsWith('machine'));
});

/** The clip as another call hears it: later, shifted by less than a hop, through a line. */
function call(clip: Clip, channel: Channel, seed: number): Int16Array {
  const random = seededRandom(seed);
  return throughChannel(joined(silence(0.2 + 0.7 * random()), clip.pcm.subarray(Math.floor(80 * random())), silence(1)), activeRms(clip.pcm), channel, random);
}
const printOf = (clip: Clip, seed: number): Uint32Array => printsIn(call(clip, GOOD, seed), new PrintIndex()).words!;

describe('fingerprints', () => {
  test('a recording is known again through another line within 2 s of its first sound, most in 1.2, each as itself', () => {
    const index = new PrintIndex();
    for (const [number, clip] of announcements.entries()) index.add(String(number), printOf(clip, number));
    expect(index.size).toBeGreaterThan(5);
    let found = 0;
    for (const [number, clip] of announcements.entries()) {
      const { matches, onsetMs } = printsIn(call(clip, POOR, 100 + number), index);
      const first = matches[0];
      if (first === undefined) continue;
      found++;
      expect(first.id).toBe(String(number));
      expect(first.timeMs - onsetMs).toBeLessThanOrEqual(2000);
    }
    expect(found).toBeGreaterThanOrEqual(announcements.length - 1);
  });

  test('no other speech is taken for one', () => {
    const index = new PrintIndex();
    for (const [number, clip] of announcements.entries()) index.add(String(number), printOf(clip, number));
    for (const [number, clip] of others.entries()) expect(printsIn(call(clip, number % 2 === 0 ? GOOD : POOR, 1000 + number), index).matches).toEqual([]);
  });

  test('a print that was taken out is not found; one shorter than a match never is', () => {
    const index = new PrintIndex();
    const words = printOf(announcements[0]!, 1);
    index.add('a', words);
    for (let turn = 0; turn < 200; turn++) index.add('b', printOf(announcements[1]!, 2));
    index.remove('a');
    index.add('short', words.subarray(0, MATCH_WORDS - 1));
    expect(index.size).toBe(1);
    expect(printsIn(call(announcements[0]!, GOOD, 3), index).matches).toEqual([]);
    expect(printsIn(call(announcements[1]!, GOOD, 3), index).matches).not.toEqual([]);
  });

  test.each([[0, 0, 0], [0xffffffff, 0, 32], [0b1011, 0b0001, 2], [0x80000000, 0, 1]])('%d and %d are %d bits apart', (first, second, apart) => {
    expect(bitsApart(first, second)).toBe(apart);
  });
});

const callees = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(16));

/** Calls of the same announcement from several numbers, as one process hears them. @returns what it told the others */
function learn(catalogue: PrintCatalogue, clip: Clip, from: readonly string[]): PrintEvent[] {
  const told: PrintEvent[] = [];
  for (const [seed, callee] of from.entries()) {
    const { matches, words } = printsIn(call(clip, GOOD, seed), catalogue.index);
    const match = matches[0];
    const event = match === undefined ? catalogue.takeOffer(words!, callee, 1000 + seed) : catalogue.matched(match.id, callee, 1000 + seed);
    if (event === null) continue;
    catalogue.apply(event);
    told.push(event);
  }
  return told;
}

describe('a catalogue of prints', () => {
  test('learns a recording from three different numbers, and tells nobody of what one number played', () => {
    const catalogue = new PrintCatalogue();
    expect(learn(catalogue, announcements[0]!, [callees[0]!, callees[0]!])).toEqual([]);
    expect(catalogue.list()).toEqual([]);
    expect(learn(catalogue, announcements[0]!, [callees[1]!]).map(({ kind }) => kind)).toEqual(['heard']);
    expect(catalogue.list()).toMatchObject([{ state: { kind: 'heard' }, callees: 2 }]);
    // Again from a number that has been counted.
    expect(learn(catalogue, announcements[0]!, [callees[1]!])).toEqual([]);
    expect(learn(catalogue, announcements[0]!, [callees[2]!]).map(({ kind }) => kind)).toEqual(['matched']);
    expect(catalogue.list()).toMatchObject([{ state: { kind: 'learnt' }, callees: 3 }]);
    expect(learn(catalogue, announcements[0]!, [callees[3]!])).toEqual([]);
  });

  test('is the same for all who hear the same events, in whatever number they come', () => {
    const here = new PrintCatalogue();
    const told = learn(here, announcements[0]!, callees);
    const id = told[0]!.printId;
    told.push({ kind: 'confirmed', printId: id, means: 'announcement', name: 'not in service', atMs: 9 });
    const there = new PrintCatalogue();
    for (const event of [...told, ...told]) there.apply(event);
    here.apply(told.at(-1)!);
    expect(there.meaningOf(id)).toEqual({ means: 'announcement', name: 'not in service' });
    expect(there.list().map(({ id: each, state, callees: count }) => ({ each, state, count }))).toEqual(here.list().map(({ id: each, state, callees: count }) => ({ each, state, count })));
  });

  test('an unknown print\'s name, and words that are none, change nothing', () => {
    const catalogue = new PrintCatalogue();
    catalogue.apply({ kind: 'named', printId: '0123456789ab', name: 'x', atMs: 1 });
    catalogue.apply({ kind: 'heard', printId: '0123456789ab', words: 'AAAA', callees: [callees[0]!], atMs: 1 });
    expect(catalogue.list()).toEqual([]);
  });

  test('a learnt print decides nothing; a confirmed one is the verdict, with its name; a rejected one is known and left alone', () => {
    const catalogue = new PrintCatalogue();
    const clip = announcements[0]!;
    const id = learn(catalogue, clip, callees)[0]!.printId;
    const verdict = (): { verdict: string; reason: string; audioMs: number } => {
      const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 4000, prints: catalogue });
      detector.push(joined(call(clip, GOOD, 77), silence(5)));
      const event = detector.next();
      if (event?.type !== 'verdict') throw new Error('no verdict fell');
      expect(detector.heardPrint.matchId === null || detector.heardPrint.matchId === id).toBe(true);
      return event;
    };
    const unaided = verdict();
    expect(unaided.reason).not.toMatch(/known recording/);
    catalogue.apply({ kind: 'confirmed', printId: id, means: 'announcement', name: 'number not in service', atMs: 5 });
    expect(verdict()).toMatchObject({ verdict: 'announcement', reason: 'a known recording: number not in service' });
    catalogue.apply({ kind: 'confirmed', printId: id, means: 'machine', name: 'operator\'s voicemail', atMs: 6 });
    expect(verdict().verdict).toBe('machine');
    catalogue.apply({ kind: 'rejected', printId: id, atMs: 7 });
    expect(verdict()).toEqual(unaided);
    expect(learn(catalogue, clip, callees)).toEqual([]);
  });
});
