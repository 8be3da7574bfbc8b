import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { CallBuilder, type LabelledCall } from './corpus/calls.ts';
import { CALL_KINDS, truthOf, type CallKind } from './corpus/kinds.ts';
import { throughChannel, activeRms } from './corpus/channel.ts';
import { readClips, type Clip } from './corpus/clips.ts';
import { joined, seededRandom, silence, sine } from './corpus/signals.ts';
import { createDetector } from './detector.ts';
import { evaluateCalls } from './evaluate.ts';
import type { Evaluation } from './evaluation/evaluation.ts';
import { classifyPcm } from './wav.ts';

let clips: Clip[];
let calls: LabelledCall[];
let evaluation: Evaluation;

/** Of the calls built, about half are noisier. */
const NOISY_SNR_DB = 20;

beforeAll(async () => {
  clips = await readClips(fileURLToPath(new URL('./fixtures', import.meta.url)));
  const builder = new CallBuilder(clips);
  calls = CALL_KINDS.flatMap((kind) =>
    Array.from({ length: truthOf(kind) === 'human' ? 40 : 30 }, (_, seed) => builder.build(kind, seededRandom(1000 + seed))));
  evaluation = await evaluateCalls(calls, { latestDecisionMs: 4000 });
}, 240_000);

describe('on calls built from the fixtures, noise and loss included', () => {
  test.each([
    ['all lines, decided by 4 s', 4000, () => true],
    ['all lines, decided by 5 s', 5000, () => true],
    ['quiet lines', 4000, (call: LabelledCall) => call.channel.snrDb >= NOISY_SNR_DB],
  ])('%s: no more persons lost, and no more recordings taken for persons, than by Asterisk\'s algorithm', async (_lines, latestDecisionMs, among) => {
    const [ours, asterisk] = (await evaluateCalls(calls.filter(among), { latestDecisionMs })).systems;
    expect(ours!.persons.wrong.of).toBeGreaterThan(40);
    expect(ours!.recordings.wrong.of).toBeGreaterThan(40);
    expect(ours!.persons.wrong.found).toBeLessThanOrEqual(asterisk!.persons.wrong.found);
    expect(ours!.recordings.wrong.found).toBeLessThanOrEqual(asterisk!.recordings.wrong.found);
  });

  // On noisy lines Asterisk takes nearly everybody for a machine and so misses hardly one: its own share over all lines is the bar there.
  test('noisy lines: far fewer persons lost than by Asterisk\'s algorithm, and no greater share of recordings missed than it misses over all lines', async () => {
    const [ours, asterisk] = (await evaluateCalls(calls.filter(({ channel }) => channel.snrDb < NOISY_SNR_DB), { latestDecisionMs: 4000 })).systems;
    const everywhere = evaluation.systems[1]!;
    expect(ours!.persons.wrong.found).toBeLessThan(0.7 * asterisk!.persons.wrong.found);
    expect(ours!.recordings.wrong.found / ours!.recordings.wrong.of).toBeLessThanOrEqual(everywhere.recordings.wrong.share);
  });

  test('no beep is heard within speech or music', () => {
    for (const { kind, pcm, beepEndMs } of calls.filter((call) => !['fax', 'busy', 'ringback', 'announcement_sit'].includes(call.kind))) {
      const { beep } = classifyPcm(pcm, 8000, kind, { latestDecisionMs: 4000 });
      if (beep !== null) expect({ kind, beep, beepEndMs, near: Math.abs(beep.audioMs - (beepEndMs ?? -1e9)) < 300 }).toMatchObject({ near: true });
    }
  });

  test('every beep after a machine is found, and its end to within 40 ms', () => {
    const { expected, found, endErrorP95Ms } = evaluation.beeps;
    expect(expected).toBeGreaterThan(4);
    expect(found / expected).toBeGreaterThanOrEqual(0.9);
    expect(Math.abs(endErrorP95Ms)).toBeLessThan(40);
  });

  test('once stopped no further call is heard, and the figures say so', async () => {
    const stop = new AbortController();
    const heard: number[] = [];
    const stopped = await evaluateCalls(calls, { stop: stop.signal, onCall: (count) => { heard.push(count); if (count === 2) setImmediate(() => stop.abort()); } });
    expect(heard.at(-1)).toBeLessThan(5);
    expect(stopped).toMatchObject({ calls: heard.length, stopped: true, text: expect.stringContaining(`Stopped after ${heard.length} calls`) as string });
    expect(evaluation).toMatchObject({ calls: calls.length, stopped: false });
  });

  test.each(['silence', 'digital_silence', 'fax'] as const)('%s is never a person', (kind) => {
    expect(evaluation.systems[0]!.kinds[kind]!.verdicts).not.toHaveProperty('human');
  });

  test('nobody there has an interval of as many calls, and times are told by language, channel and noise', () => {
    const [ours] = evaluation.systems;
    expect(ours!.nobodyCalledHuman.of).toBe(calls.filter(({ truth }) => truth === 'nobody').length);
    expect(ours!.nobodyCalledHuman.high).toBeLessThan(0.1);
    expect(Object.keys(ours!.views)).toEqual(['language', 'channel', 'signal to noise', 'loss']);
    const { humanMs, machineMs } = ours!.views['signal to noise']!['20-30 dB']!;
    for (const { p50, p95 } of [humanMs, machineMs]) {
      expect(p50).toBeGreaterThan(0);
      expect(p95).toBeGreaterThan(p50);
    }
  });

  test('what is printed says that the channel is simulated and names both systems', () => {
    expect(evaluation.text).toMatch(/Simulated channel, proxy languages/);
    expect(evaluation.text).toMatch(/Asterisk app_amd/);
  });
});

/** A clear line: the voice at -20 dBFS, 30 dB over the noise, nothing lost. */
function clear(kind: CallKind, ...parts: Int16Array[]): Int16Array {
  const pcm = joined(silence(0.5), ...parts, silence(6));
  const channel = { codec: 'alaw', levelDb: -20, snrDb: 30, noiseColour: 0.5, lossShare: 0, lossBurst: 0 } as const;
  return throughChannel(pcm, activeRms(joined(...parts)), channel, seededRandom(kind.length));
}

describe('clear cases', () => {
  const of = (label: Clip['label'], minSeconds = 0): Clip[] => clips.filter((clip) => clip.label === label && clip.pcm.length >= minSeconds * 8000);

  test('short greetings are persons, none is a machine', () => {
    const verdicts = of('human_short').map(({ pcm }) => classifyPcm(clear('human_short', pcm), 8000, '').verdict);
    expect(verdicts.filter((verdict) => verdict === 'human').length).toBeGreaterThanOrEqual(0.9 * verdicts.length);
  });

  test('whoever is hardly heard in the noise is not hung up on for silence; noise alone is silence', () => {
    const noisy = (spoken: Int16Array, like: Int16Array, seed: number): string =>
      classifyPcm(throughChannel(joined(silence(0.8), spoken, silence(6)), activeRms(like), { codec: 'mulaw', levelDb: -22, snrDb: 4, noiseColour: 0.3, lossShare: 0, lossBurst: 0 }, seededRandom(seed)), 8000, '').verdict;
    const greetings = of('human_short');
    const verdicts = greetings.map(({ pcm }, seed) => noisy(pcm, pcm, seed));
    expect(verdicts.filter((verdict) => verdict === 'silence').length).toBeLessThanOrEqual(0.15 * verdicts.length);
    expect(verdicts).not.toContain('machine');
    expect(new Set(greetings.map(({ pcm }, seed) => noisy(silence(1), pcm, 100 + seed)))).toEqual(new Set(['silence']));
  });

  test('a recorded greeting that talks on is a machine, and its beep is heard', () => {
    const prompts = of('machine_prompt', 2);
    for (let first = 0; first + 2 < prompts.length; first += 3) {
      const parts = prompts.slice(first, first + 3).flatMap(({ pcm }) => [pcm, silence(0.25)]);
      const report = classifyPcm(clear('machine', ...parts, sine([1000], 0.4, 4000)), 8000, '');
      expect(report.verdict).toBe('machine');
      expect(report.beep?.frequencyHz).toBeGreaterThan(990);
      expect(report.beep?.frequencyHz).toBeLessThan(1010);
    }
  });

  test('the end of a beep is told within 300 ms of it', () => {
    const prompts = of('machine_prompt', 2);
    const beeps = [[620, 0.4], [660, 0.25], [1000, 0.2], [1400, 0.8]].map(([hz, seconds]) => sine([hz!], seconds!, 4000));
    expect(beeps.length).toBeGreaterThan(3);
    for (const [index, beep] of beeps.entries()) {
      const parts = [...[0, 1, 2].flatMap((part) => [prompts[(3 * index + part) % prompts.length]!.pcm, silence(0.3)]), beep];
      const endMs = 500 + joined(...parts).length / 8;
      const pcm = clear('machine', ...parts);
      const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 4000 });
      let toldMs: number | null = null;
      for (let at = 0; at < pcm.length && toldMs === null; at += 160) {
        detector.push(pcm.subarray(at, at + 160));
        for (let event = detector.next(); event !== null; event = detector.next()) if (event.type === 'beep') toldMs = (at + 160) / 8;
      }
      expect({ index, samples: beep.length, told: toldMs !== null }).toMatchObject({ told: true });
      expect(toldMs! - endMs).toBeGreaterThan(-30);
      expect(toldMs! - endMs).toBeLessThanOrEqual(300);
    }
  });

  test('beeps are counted, the false one before the true one too; a recording of which no time is known is left out', async () => {
    const prompts = of('machine_prompt', 2).slice(0, 6).map(({ pcm }) => joined(pcm, silence(0.25)));
    const first = joined(...prompts.slice(0, 3), sine([1000], 0.4, 4000), silence(0.4));
    const second = joined(...prompts.slice(3), sine([1000], 0.4, 4000));
    const pcm = clear('machine', first, second);
    expect(classifyPcm(pcm, 8000, '').beeps).toHaveLength(2);
    const endMs = 500 + (first.length + second.length) / 8;
    const machine = { ...calls.find(({ kind }) => kind === 'machine')!, pcm };
    expect((await evaluateCalls([{ ...machine, beepEndMs: endMs }])).beeps).toMatchObject({ expected: 1, found: 1, falseBeeps: 1, precision: { found: 1, of: 2 } });
    expect((await evaluateCalls([{ ...machine, beepEndMs: null }])).beeps).toMatchObject({ expected: 0, found: 0, falseBeeps: 0, hours: 0 });
    expect((await evaluateCalls([{ ...machine, truth: 'announcement', beepEndMs: null }])).beeps).toMatchObject({ expected: 0, falseBeeps: 2 });
  });

  test('a recorded special information tone, and one with its announcement, are announcements', () => {
    for (const { pcm } of [...of('tone_sit'), ...of('sit_announcement')]) {
      expect(classifyPcm(clear('announcement_sit', pcm), 8000, '').verdict).toBe('announcement');
    }
  });

  test('before the answer a long announcement is one, and a word or two is nothing', () => {
    const heard = (parts: Int16Array[]): string[] => {
      const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 4000, earlyMedia: true });
      detector.push(clear('announcement', ...parts));
      const verdicts: string[] = [];
      for (let event = detector.next(); event !== null; event = detector.next()) if (event.type === 'verdict') verdicts.push(event.verdict);
      return verdicts;
    };
    const announcements = of('announcement', 1.5);
    expect(announcements.length).toBeGreaterThan(3);
    for (let first = 0; first + 1 < announcements.length; first += 2) {
      const pair = announcements.slice(first, first + 2).flatMap(({ pcm }) => [pcm, silence(0.4)]);
      expect(heard([...pair, ...pair])).toEqual(['announcement']);
    }
    for (const { pcm } of of('human_short').slice(0, 8)) expect(heard([pcm])).toEqual([]);
  });

  test('a greeting that ends without a beep says so', () => {
    const parts = of('machine_prompt', 2).slice(0, 3).flatMap(({ pcm }) => [pcm, silence(0.25)]);
    const report = classifyPcm(clear('machine', ...parts), 8000, '');
    expect(report).toMatchObject({ verdict: 'machine', beep: null });
    expect(report.greetingEndedMs).toBeGreaterThan(joined(...parts).length / 8 + 1000);
  });
});
