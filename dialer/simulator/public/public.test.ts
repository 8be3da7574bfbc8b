import { describe, expect, test } from 'vitest';
import { PERSONA_KINDS, type PersonaKind } from '../journal.ts';
import { simulatorOptionsSchema } from '../options.ts';
import type { AudioScript, PersonaAction, PersonaCall, PersonaEvent } from '../public-port.ts';
import { createPublic, type PublicOptions } from './public.ts';

const defaults = simulatorOptionsSchema.parse({});
const TUESDAY_19_KYIV = Date.UTC(2026, 10, 24, 17);
const TUESDAY_10_KYIV = Date.UTC(2026, 10, 24, 8);
const phoneOf = (index: number): string => `+38067${String(1_000_000 + index)}`;

/** A public of one kind only. */
function only(kind: PersonaKind, answerProbability = 1): PublicOptions {
  const mix = Object.fromEntries(PERSONA_KINDS.map((name) => [name, name === kind ? 1 : 0]));
  return simulatorOptionsSchema.parse({ mix, answerProbability });
}

function hear(script: AudioScript, ms: number, chunk = 160): Int16Array {
  const all = new Int16Array(ms * 8);
  for (let at = 0; at < all.length; at += chunk) {
    const out = new Int16Array(Math.min(chunk, all.length - at));
    script.read(at, out);
    all.set(out, at);
  }
  return all;
}

/** Power of one frequency over all power, by Goertzel's recursion. */
function purity(samples: Int16Array, hz: number): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / 8000);
  let [s1, s2, total] = [0, 0, 0];
  for (const sample of samples) {
    [s2, s1] = [s1, sample + coefficient * s1 - s2];
    total += sample * sample;
  }
  return (2 * (s1 * s1 + s2 * s2 - coefficient * s1 * s2)) / (samples.length * Math.max(1, total));
}

const rms = (samples: Int16Array): number => Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length);

describe('who answers', () => {
  test('the same seed, phone, call and time give the same call, sound included', () => {
    const [one, two] = [createPublic(defaults), createPublic(defaults)];
    for (let i = 0; i < 60; i++) {
      const [a, b] = [one.personaOf(phoneOf(i), 1, TUESDAY_19_KYIV), two.personaOf(phoneOf(i), 1, TUESDAY_19_KYIV)];
      expect({ ...a, react: 0, earlyMedia: 0, answerAudio: 0 }).toEqual({ ...b, react: 0, earlyMedia: 0, answerAudio: 0 });
      if (a.answerAudio && b.answerAudio) expect(hear(a.answerAudio, 2000)).toEqual(hear(b.answerAudio, 2000, 320));
    }
    const other = createPublic({ ...defaults, seed: 'another' });
    const kinds = (from: typeof other) => Array.from({ length: 60 }, (_, i) => from.personaOf(phoneOf(i), 0, TUESDAY_19_KYIV).kind).join();
    expect(kinds(other)).not.toBe(kinds(one));
  });

  test('an invalid number stays invalid and a fax a fax, however often they are called', () => {
    const people = createPublic(defaults);
    const seen = new Map<string, Set<PersonaKind>>();
    for (let i = 0; i < 800; i++) {
      const kinds = new Set(Array.from({ length: 8 }, (_, call) => people.personaOf(phoneOf(i), call, TUESDAY_10_KYIV).kind));
      seen.set(phoneOf(i), kinds);
    }
    const withKind = (kind: PersonaKind) => [...seen.values()].filter((kinds) => kinds.has(kind));
    expect(withKind('invalid').length).toBeGreaterThan(5);
    for (const kinds of withKind('invalid')) expect([...kinds]).toEqual(['invalid']);
    for (const kinds of withKind('fax')) expect(kinds.has('human') || kinds.has('voicemail')).toBe(false);
    for (const kinds of withKind('human')) expect(kinds.has('invalid') || kinds.has('sit')).toBe(false);
  });

  test('the shares come out as the mix says', () => {
    const people = createPublic({ ...defaults, answerProbability: 1 });
    const counts = new Map<PersonaKind, number>();
    for (let i = 0; i < 6000; i++) {
      const { kind } = people.personaOf(phoneOf(i), 0, TUESDAY_19_KYIV);
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
    }
    const total = Object.values(defaults.mix).reduce((sum, weight) => sum + weight, 0);
    for (const kind of PERSONA_KINDS) expect((counts.get(kind) ?? 0) / 6000).toBeCloseTo(defaults.mix[kind] / total, 1.4);
  });

  test('people are reached more in the evening than in the morning; never with probability 0, always with 1', () => {
    const reached = (options: PublicOptions, atMs: number) =>
      Array.from({ length: 1500 }, (_, i) => createPublic(options).personaOf(phoneOf(i), 0, atMs).kind).filter((kind) => kind === 'human').length / 1500;
    const [morning, evening] = [reached(only('human', 0.5), TUESDAY_10_KYIV), reached(only('human', 0.5), TUESDAY_19_KYIV)];
    expect(evening).toBeGreaterThan(morning + 0.08);
    expect(reached(only('human', 0), TUESDAY_19_KYIV)).toBe(0);
    expect(reached(only('human', 1), TUESDAY_10_KYIV)).toBe(1);
  });

  test('text that is no phone gets an invalid party', () => {
    for (const text of ['', 'drachtio', '+38067\r\nX: y', '😀']) expect(createPublic(only('human')).personaOf(text, 0, 0).kind).toBe('invalid');
  });

  test.each(PERSONA_KINDS)('%s: times, finals and sounds agree with one another', (kind) => {
    const people = createPublic(only(kind));
    for (let i = 0; i < 40; i++) {
      const call = people.personaOf(phoneOf(i), i, TUESDAY_19_KYIV);
      expect(call.kind).toBe(kind);
      if (call.ringingAfterMs !== null && call.final.kind !== 'ring_forever') expect(call.ringMs).toBeGreaterThanOrEqual(call.ringingAfterMs);
      expect(call.answerAudio !== null).toBe(call.final.kind === 'answer');
      expect(call.hangUpAfterMs !== null).toBe(call.final.kind === 'answer');
      if (call.final.kind === 'sip') expect(call.final.status).toBeGreaterThanOrEqual(400);
      if (kind === 'human') expect(call.ringMs - (call.ringingAfterMs ?? 0)).toBeLessThanOrEqual(25_000);
    }
  });
});

describe('what is heard', () => {
  const first = (kind: PersonaKind, index = 0): PersonaCall => createPublic(only(kind)).personaOf(phoneOf(index), 0, TUESDAY_19_KYIV);
  const sound = (call: PersonaCall): AudioScript => {
    const script = call.answerAudio ?? call.earlyMedia;
    if (!script) throw new Error('no sound');
    return script;
  };

  test('a human speaks within 4 s, over a floor that differs between lines', () => {
    const floors = new Set<number>();
    for (let i = 0; i < 40; i++) {
      const samples = hear(sound(first('human', i)), 6000);
      const frames = Array.from({ length: 300 }, (_, frame) => rms(samples.subarray(frame * 160, frame * 160 + 160)));
      expect(Math.max(...frames.slice(0, 200))).toBeGreaterThan(4 * Math.min(...frames) + 20);
      floors.add(Math.round(Math.min(...frames)));
    }
    expect(floors.size).toBeGreaterThan(4);
  });

  test('reading in other strides gives the same samples', () => {
    expect(hear(sound(first('voicemail')), 5000, 160)).toEqual(hear(sound(first('voicemail')), 5000, 1003));
  });

  test('voicemail beeps after its greeting and hangs up a minute later', () => {
    const pitches = [440, 620, 800, 850, 1000, 1400];
    let beeps = 0;
    for (let i = 0; i < 30; i++) {
      const call = first('voicemail', i);
      const endMs = (call.hangUpAfterMs ?? 0) - 60_000;
      const samples = hear(sound(call), endMs);
      const tail = samples.subarray(Math.max(0, samples.length - 1400), samples.length - 200);
      if (pitches.some((hz) => purity(tail, hz) > 0.8)) beeps++;
    }
    expect(beeps).toBeGreaterThan(24);
  });

  test('the special information tone rises in three steps', () => {
    for (let i = 0; i < 12; i++) {
      const samples = hear(sound(first('sit', i)), 2500);
      const has = (hz: number): boolean => Array.from({ length: 115 }, (_, step) => purity(samples.subarray(step * 160, step * 160 + 1600), hz)).some((power) => power > 0.7);
      expect((has(950) && has(1400) && has(1800)) || (has(913.8) && has(1370.6) && has(1776.7))).toBe(true);
    }
  });

  test('a fax sends CED or CNG', () => {
    for (let i = 0; i < 12; i++) {
      const samples = hear(sound(first('fax', i)), 4000);
      const has = (hz: number): boolean => Array.from({ length: 160 }, (_, step) => purity(samples.subarray(step * 160, step * 160 + 1600), hz)).some((power) => power > 0.8);
      expect(has(2100) || has(1100)).toBe(true);
    }
  });
});

describe('what people do', () => {
  /** Plays a message of two prompts to many people and notes how each call goes. */
  function play(index: number): { digit: string | null; hungUpDuring: boolean } {
    const call = createPublic(only('human')).personaOf(phoneOf(index), 0, TUESDAY_19_KYIV);
    let nowMs = 0;
    let heardMs = 0;
    const tell = (event: PersonaEvent): readonly PersonaAction[] => call.react(event) ?? [];
    expect(tell({ kind: 'answered', atMs: nowMs })).toEqual([{ kind: 'hang_up', afterMs: expect.any(Number) as number }]);
    let digit: string | null = null;
    for (const [promptIndex, durationMs] of [9000, 4000].entries()) {
      nowMs += 500;
      for (const action of tell({ kind: 'prompt_started', atMs: nowMs, promptIndex, durationMs })) {
        expect(action.afterMs).toBeLessThanOrEqual(durationMs);
        if (action.kind === 'hang_up') return { digit, hungUpDuring: true };
        digit = action.digit;
      }
      nowMs += durationMs;
      heardMs += durationMs;
      for (const action of tell({ kind: 'prompt_ended', atMs: nowMs, promptIndex, heardMs: durationMs, totalHeardMs: heardMs, completed: true })) {
        if (promptIndex === 1 && action.kind === 'press') digit = action.digit;
      }
    }
    return { digit, hungUpDuring: false };
  }

  test('some hang up in mid-message, most listen, some press each digit', () => {
    const calls = Array.from({ length: 1500 }, (_, index) => play(index));
    const share = (of: (call: (typeof calls)[number]) => boolean): number => calls.filter(of).length / calls.length;
    expect(share((call) => call.hungUpDuring)).toBeGreaterThan(0.15);
    expect(share((call) => call.hungUpDuring)).toBeLessThan(0.35);
    expect(share((call) => call.digit === '1')).toBeGreaterThan(0.15);
    for (const digit of ['2', '3', '9']) expect(share((call) => call.digit === digit)).toBeGreaterThan(0.01);
  });

  test('hello is said again into silence, but not to somebody who speaks', () => {
    let quieter = 0;
    for (let i = 0; i < 30; i++) {
      const [waited, spokenTo] = [0, 1].map(() => createPublic(only('human')).personaOf(phoneOf(i), 0, TUESDAY_19_KYIV));
      spokenTo?.react({ kind: 'answered', atMs: 1000 });
      spokenTo?.react({ kind: 'prompt_started', atMs: 4000, promptIndex: 0, durationMs: 9000 });
      const late = (call: PersonaCall | undefined): number => (call?.answerAudio ? rms(hear(call.answerAudio, 12_000).subarray(8 * 8000)) : 0);
      if (late(spokenTo) < late(waited) * 0.6) quieter++;
    }
    expect(quieter).toBeGreaterThan(12);
  });
});
