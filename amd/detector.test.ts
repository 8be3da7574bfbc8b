import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PrintIndex } from './fingerprint/print-index.ts';
import { createDetector, type DetectorEvent, type DetectorOptions } from './detector.ts';
import { NEVER_STOPS } from './decision/stopping-policy.ts';
import type { HumanModel } from './decision/tree-model.ts';
import { joined, mixed, repeated, seededRandom, silence, sine, whiteNoise } from './corpus/signals.ts';

function eventsOf(pcm: Int16Array, options: Partial<DetectorOptions> = {}): DetectorEvent[] {
  const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 5000, ...options });
  detector.push(pcm);
  return drained(detector);
}

function drained(detector: { next: () => DetectorEvent | null }): DetectorEvent[] {
  const events: DetectorEvent[] = [];
  for (let event = detector.next(); event !== null; event = detector.next()) events.push(event);
  return events;
}

const sit = joined(sine([950], 0.33), sine([1400], 0.33), sine([1800], 0.33));

/** A noisy copy at the given signal-to-noise ratio, the sine's amplitude being 8000. */
function noisy(pcm: Int16Array, snrDb: number, seed: number): Int16Array {
  const amplitude = (8000 / Math.SQRT2) * Math.sqrt(3) * 10 ** (-snrDb / 20);
  return mixed(pcm, whiteNoise(pcm.length / 8000, amplitude, seededRandom(seed)));
}

describe('tones', () => {
  test('a special information tone is an announcement within its third segment', () => {
    const [event] = eventsOf(joined(silence(0.5), sit, silence(5)));
    expect(event).toMatchObject({ type: 'verdict', verdict: 'announcement' });
    expect(event!.audioMs).toBeGreaterThan(1160);
    expect(event!.audioMs).toBeLessThan(1490);
  });

  test.each([
    ['North American, long', [985.2, 0.38], [1428.5, 0.38], [1776.7, 0.38]],
    ['North American, short first', [913.8, 0.274], [1370.6, 0.274], [1776.7, 0.38]],
    ['at the edges of the standard', [1000, 0.26], [1350, 0.4], [1850, 0.33]],
  ])('SIT, %s, at 10 dB signal to noise', (_name, ...segments) => {
    const pcm = joined(silence(0.3), ...segments.map(([hz, seconds]) => sine([hz!], seconds!)), silence(1));
    expect(eventsOf(noisy(pcm, 10, 7))[0]).toMatchObject({ verdict: 'announcement' });
  });

  test('SIT is heard before the answer too, and said to be early media', () => {
    expect(eventsOf(joined(silence(0.3), sit), { earlyMedia: true })[0]).toMatchObject({ verdict: 'announcement', earlyMedia: true });
  });

  test('three tones in the wrong order are no SIT', () => {
    expect(eventsOf(joined(sine([1800], 0.33), sine([1400], 0.33), sine([950], 0.33), silence(5)))[0]).not.toMatchObject({ verdict: 'announcement' });
  });

  test.each([[2100, 3], [2085, 2.6], [1100, 0.5], [1138, 0.5]])('fax: %d Hz for %d s', (hz, seconds) => {
    expect(eventsOf(noisy(joined(silence(0.6), sine([hz], seconds), silence(4)), 15, 3))[0]).toMatchObject({ verdict: 'fax' });
  });

  test('ANSam: 2100 Hz with 15 Hz modulation and a phase reversal every 450 ms', () => {
    const ansam = Int16Array.from({ length: 24_000 }, (_, index) => {
      const time = index / 8000;
      const sign = Math.floor(time / 0.45) % 2 === 0 ? 1 : -1;
      return sign * 8000 * (1 + 0.2 * Math.sin(2 * Math.PI * 15 * time)) * Math.sin(2 * Math.PI * 2100 * time);
    });
    expect(eventsOf(joined(silence(0.3), ansam))[0]).toMatchObject({ verdict: 'fax' });
  });
});

const melody = joined(...[262, 294, 330, 349, 392, 440, 494, 523, 392, 330, 262, 392].map((hz) => sine([hz, hz * 1.26, hz * 1.5], 0.4)));

describe('what is not a person', () => {
  const cases: [string, Int16Array][] = [
    ['digital silence', silence(6)],
    ['comfort noise', whiteNoise(6, 40, seededRandom(1))],
    ['loud white noise', whiteNoise(6, 12_000, seededRandom(2))],
    ['white noise that starts late', joined(silence(1), whiteNoise(5, 4000, seededRandom(3)))],
    ['a burst of noise', joined(silence(1), whiteNoise(0.6, 8000, seededRandom(4)), silence(4))],
    ['425 Hz ringback', repeated(joined(sine([425], 0.8), silence(3.2)), 2)],
    ['440 + 480 Hz ringback', repeated(joined(sine([440, 480], 2), silence(4)), 2)],
    ['425 Hz busy', repeated(joined(sine([425], 0.4), silence(0.4)), 10)],
    ['480 + 620 Hz busy', repeated(joined(sine([480, 620], 0.5), silence(0.5)), 8)],
    ['480 + 620 Hz reorder', repeated(joined(sine([480, 620], 0.25), silence(0.25)), 16)],
    ['400 Hz busy', repeated(joined(sine([400], 0.375), silence(0.375)), 10)],
    ['400 + 450 Hz ringback', repeated(joined(sine([400, 450], 0.4), silence(0.2), sine([400, 450], 0.4), silence(2)), 3)],
    ['a melody of chords', joined(melody, silence(3))],
    ['a melody that stops', joined(silence(0.5), melody.subarray(0, 8000), silence(5))],
    ['one beep', joined(silence(1), sine([1000], 0.4), silence(5))],
    ['50 Hz hum', sine([50, 150], 6, 6000)],
  ];
  test.each(cases)('%s', (_name, pcm) => {
    for (const copy of [pcm, noisy(pcm, 15, 11)]) {
      expect(eventsOf(copy)[0]).toMatchObject({ type: 'verdict' });
      expect(eventsOf(copy)[0]).not.toMatchObject({ verdict: 'human' });
    }
  });

  test('silence says so, at the limit', () => {
    expect(eventsOf(silence(6), { latestDecisionMs: 3000 })).toMatchObject([{ verdict: 'silence', audioMs: 3000, speechOnsetMs: null }]);
  });

  test('ringback and silence before the answer say nothing', () => {
    expect(eventsOf(repeated(joined(sine([425], 1), silence(4)), 6), { earlyMedia: true })).toEqual([]);
    expect(eventsOf(repeated(joined(sine([440, 480], 2), silence(4)), 5), { earlyMedia: true })).toEqual([]);
  });
});

describe('properties', () => {
  const call = joined(silence(0.4), melody.subarray(0, 9000), silence(0.7), sit, whiteNoise(1, 3000, seededRandom(5)));

  test.each([8000, 16000] as const)('the same samples give the same events however they are cut (%d Hz)', (sampleRate) => {
    const bytes = Buffer.from(call.buffer);
    const whole = eventsOf(call, { sampleRate, latestDecisionMs: 2000 });
    expect(whole.length).toBeGreaterThan(0);
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 20 }), (cuts) => {
      const detector = createDetector({ sampleRate, latestDecisionMs: 2000 });
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = cuts[turn % cuts.length]! + (turn % cuts.length === 0 ? 1 : 0);
        detector.pushBytes(bytes.subarray(at, at + length));
        at += length;
      }
      expect(drained(detector)).toEqual(whole);
    }), { numRuns: 15 });
  });

  test('any bytes in any chunks: one verdict, taken back once at the most, in order, never an exception', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 3000 }), { maxLength: 30 }), fc.boolean(), fc.nat(30), (chunks, earlyMedia, answerAt) => {
      const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 800, earlyMedia });
      chunks.forEach((chunk, index) => {
        if (index === answerAt) detector.answered();
        detector.pushBytes(chunk);
      });
      const events = drained(detector);
      const verdicts = events.filter((event) => event.type === 'verdict').map(({ verdict }) => verdict);
      expect(verdicts.length).toBeLessThanOrEqual(2);
      if (verdicts.length === 2) {
        expect(['human', 'unsure']).toContain(verdicts[0]);
        expect(['machine', 'announcement']).toContain(verdicts[1]);
      }
      if (events.length > 0) expect(events[0]!.type).toBe('verdict');
      for (const event of events) expect(Number.isInteger(event.audioMs)).toBe(true);
    }), { numRuns: 60 });
  });

  test('what was heard before the answer leaves no trace in what is told of the call', () => {
    const early = createDetector({ sampleRate: 8000, latestDecisionMs: 4000, earlyMedia: true });
    early.push(call.subarray(0, 12_345));
    expect(early.next()).toBeNull();
    early.answered();
    early.push(call);
    expect(drained(early)).toEqual(eventsOf(call, { latestDecisionMs: 4000 }));
  });

  test('16 kHz is heard as 8 kHz is: what lies above 4 kHz does not fold into the voice band', () => {
    const hiss = Int16Array.from({ length: 96_000 }, (_, index) => 9000 * Math.sin((2 * Math.PI * 5900 * index) / 16_000));
    expect(eventsOf(hiss, { sampleRate: 16_000 })[0]).toMatchObject({ verdict: 'silence' });
  });

  test('a rate or a limit that cannot be is refused', () => {
    // @ts-expect-error a caller without types
    expect(() => createDetector({ sampleRate: 44_100, latestDecisionMs: 5000 })).toThrow(/8000 or 16000/);
    expect(() => createDetector({ sampleRate: 8000, latestDecisionMs: Number.NaN })).toThrow(/above 0/);
  });
});

// The voices are drawn, not spoken: the model has no say about them, their timing decides.
const speech = (): Int16Array => joined(...Array.from({ length: 12 }, (_, index) => joined(
  mixed(sine([220 + 10 * (index % 3), 440, 660, 880, 1320], 0.16 + 0.02 * (index % 4), 14_000), whiteNoise(0.16, 500, seededRandom(index))), silence(0.06))));

describe('a sound that begins before a limit', () => {
  test.each([
    ['a special information tone', 3.85, sit, 'announcement'],
    ['busy', 2.85, repeated(joined(sine([425], 0.5), silence(0.5)), 4), 'announcement'],
    ['reorder', 4.1, repeated(joined(sine([425], 0.25), silence(0.25)), 8), 'announcement'],
    ['a beep', 4.2, sine([1000], 0.6), 'machine'],
    ['a beep that has just ended', 4.05, sine([1000], 0.4), 'machine'],
  ])('%s, at %d s, is heard out: nobody is called silent in the middle of a sound', (_name, seconds, sound, verdict) => {
    expect(eventsOf(joined(silence(seconds), sound, silence(4)), { latestDecisionMs: 7000 })[0]).toMatchObject({ verdict });
  });

  test('a voice that begins just before silence would be told is listened to', () => {
    const [event] = eventsOf(joined(silence(4.46), speech(), silence(2)), { latestDecisionMs: 7000, model: null });
    expect(event).not.toMatchObject({ verdict: 'silence' });
    expect(event).toMatchObject({ type: 'verdict', speechOnsetMs: expect.closeTo(4460, -2) as number });
  });

  test('whoever rings after the answer is waited for: the call is being passed on', () => {
    const rings = joined(silence(0.3), sine([425], 1), silence(4), speech(), silence(2));
    expect(eventsOf(rings, { latestDecisionMs: 9000, model: null, country: 'UA' })[0]).toMatchObject({ speechOnsetMs: expect.closeTo(5300, -2) as number });
    expect(eventsOf(joined(silence(0.3), sine([425], 1), silence(9)), { latestDecisionMs: 9000, country: 'UA' })[0]).toMatchObject({ verdict: 'silence', audioMs: expect.closeTo(5800, -2) as number });
    // Not the ringback of that country.
    expect(eventsOf(rings, { latestDecisionMs: 9000, model: null, country: 'US' })[0]).toMatchObject({ audioMs: 4500 });
  });

  test('a beep makes a machine of who spoke, but not one as short as a vowel', () => {
    const after = (seconds: number): DetectorEvent => eventsOf(joined(silence(0.4), speech().subarray(0, 5200), silence(0.15), sine([660], seconds), silence(3)), { latestDecisionMs: 3500, model: null })[0]!;
    const said = { verdict: 'machine', reason: expect.stringContaining('a beep of 660 Hz') as string };
    for (const seconds of [0.2, 0.25]) expect(after(seconds)).toMatchObject(said);
    expect(after(0.12)).not.toMatchObject(said);
  });

  test('a beep and no voice is a machine, a blip is nobody', () => {
    expect(eventsOf(joined(silence(1), sine([660], 0.4), silence(5)))[0]).toMatchObject({ verdict: 'machine' });
    expect(eventsOf(joined(silence(1), sine([660], 0.12), silence(5)))[0]).toMatchObject({ verdict: 'silence' });
  });

  test('no sound holds off the latest decision', () => {
    expect(eventsOf(joined(silence(2.8), sine([1000], 3)), { latestDecisionMs: 3000 })[0]).toMatchObject({ verdict: 'silence', audioMs: 3000 });
  });

  test('a voice of 0.2 s at the limit is not judged', () => {
    expect(eventsOf(joined(silence(1.8), speech()), { latestDecisionMs: 2000, model: null })[0]).toMatchObject({ verdict: 'unsure', audioMs: 2000, reason: expect.stringContaining('of voice before the limit') as string });
  });
});

describe('who was taken for a person, or for nobody surely', () => {
  /** Says nothing before time is up, and then that it may be a person. */
  const undecided: HumanModel = { policy: NEVER_STOPS, ear: () => ({ logOdds: 0, hear: () => undefined }), humanProbability: () => 0.6 };
  const LATEST = { latestDecisionMs: 1500, model: undecided } as const;
  const kinds = (events: readonly DetectorEvent[]): string[] => events.map((event) => (event.type === 'verdict' ? event.verdict : event.type));
  const person = speech().subarray(0, 5200);

  test('waits, and nothing more is told', () => {
    const events = eventsOf(joined(silence(0.4), person, silence(12)), LATEST);
    expect(kinds(events)).toEqual(['human', 'settled']);
    expect(events[0]).toMatchObject({ talking: false });
  });

  test('and beeps, was a machine: the beep is told too', () => {
    const events = eventsOf(joined(silence(0.4), person, silence(2.5), sine([1000], 0.4), silence(12)), LATEST);
    expect(kinds(events)).toEqual(['human', 'machine', 'beep']);
    expect(events[1]).toMatchObject({ reason: expect.stringMatching(/a beep of 1\d\d\d Hz .*; it was taken for a person before/) as string });
  });

  test('is not taken back by a beep too short, nor by one that comes later than any voicemail\'s', () => {
    expect(kinds(eventsOf(joined(silence(0.4), person, silence(2.5), sine([1000], 0.12), silence(12)), LATEST))).toEqual(['human', 'settled']);
    expect(kinds(eventsOf(joined(silence(0.4), person, silence(8), sine([1000], 0.4), silence(12)), LATEST))).toEqual(['human', 'settled']);
  });

  const busy = repeated(joined(sine([425], 0.4), silence(0.4)), 5);
  const UNSURE = { ...LATEST, model: { ...undecided, policy: { ...NEVER_STOPS, sureHuman: 0.7 } } } as const;

  test('and is followed by a special information tone, was an announcement; or by a busy tone soon after the voice, if nothing was sure', () => {
    expect(kinds(eventsOf(joined(silence(0.4), person, silence(1.5), sit, silence(3)), LATEST))).toEqual(['human', 'announcement']);
    expect(kinds(eventsOf(joined(silence(0.4), person, silence(0.8), busy), UNSURE))).toEqual(['unsure', 'announcement']);
  });

  test.each([0.1, 0.8, 1.5, 2, 2.5])('who hangs up is a person still, though the network plays busy then, %f s after their voice', (seconds) => {
    expect(kinds(eventsOf(joined(silence(0.4), person, silence(seconds), busy, silence(4)), LATEST))).toEqual(['human', 'settled']);
    if (seconds > 1.2) expect(kinds(eventsOf(joined(silence(0.4), person, silence(seconds), busy, silence(4)), UNSURE))).toEqual(['unsure', 'settled']);
  });

  test('and still talks, and hangs up, is a person still', () => {
    const events = eventsOf(joined(silence(0.9), speech(), silence(0.2), busy, silence(8)), LATEST);
    expect(kinds(events)).toEqual(['human', 'turn_ended', 'settled']);
  });

  test('a tone in our own message that comes back from the line is no beep of theirs', () => {
    const chime = (amplitude: number): DetectorEvent[] => eventsOf(joined(silence(0.4), person, silence(2.5), sine([880], 0.4, amplitude), silence(12)), LATEST);
    expect(kinds(chime(8000))).toEqual(['human', 'machine', 'beep']);
    expect(kinds(chime(400))).toEqual(['human', 'settled']);
  });

  test('and nothing but a click was heard before a fax\'s tone, is one', () => {
    expect(kinds(eventsOf(joined(silence(0.4), person.subarray(0, 2800), silence(2.5), sine([1100], 0.5), silence(3)), LATEST))).toEqual(['human', 'fax']);
  });

  test('leaves the print of what was heard until then, whatever comes after it', () => {
    const spoken = joined(silence(0.4), speech(), speech(), silence(1));
    const prints = { index: new PrintIndex(), meaningOf: () => null };
    const printAfter = (...after: Int16Array[]): number[] => {
      const detector = createDetector({ sampleRate: 8000, ...LATEST, latestDecisionMs: Math.floor(spoken.length / 80) * 10, prints });
      detector.push(spoken);
      expect(detector.next()).toMatchObject({ type: 'verdict', verdict: 'human', talking: false });
      for (const part of after) detector.push(part);
      return [...detector.heardPrint.words!];
    };
    const atVerdict = printAfter();
    expect(printAfter(silence(4))).toEqual(atVerdict);
    expect(printAfter(speech().map((sample) => sample / 8), silence(4))).toEqual(atVerdict);
  });

  test('nobody talks where nobody has spoken', () => {
    const faint = joined(silence(1), speech().map((sample) => sample / 400), silence(6));
    const noisy = faint.map((sample, index) => sample + 14 * Math.sin(index * index));
    expect(eventsOf(noisy, LATEST)[0]).toMatchObject({ speechOnsetMs: null, quietMs: null, talking: false });
  });

  test('taken for a machine where nothing is sure, is followed as one: to the end of its greeting, its going on and its beep', () => {
    const machine = { ...UNSURE, unsureMeans: 'machine' } as const;
    const events = eventsOf(joined(silence(0.4), speech(), silence(0.7), speech(), silence(1.6), speech(), silence(0.4), sine([1000], 0.4), silence(12)), machine);
    expect(kinds(events)).toEqual(['unsure', 'greeting_ended', 'greeting_resumed', 'machine', 'beep']);
    expect(events[0]).toMatchObject({ talking: false });
    expect(events[3]).toMatchObject({ takesBack: 'unsure' });
    expect(kinds(eventsOf(joined(silence(0.4), person, silence(2.5), busy), machine))).toEqual(['unsure', 'greeting_ended', 'announcement']);
  });

  test('a turn of speech that was under way ends after half a second of quiet', () => {
    const events = eventsOf(joined(silence(0.9), speech(), silence(12)), LATEST);
    expect(kinds(events)).toEqual(['human', 'turn_ended', 'settled']);
    expect(events[0]).toMatchObject({ audioMs: 1500, talking: true });
    const endMs = 900 + speech().length / 8 - 60;
    expect(events[1]!.audioMs - endMs).toBeGreaterThan(400);
    expect(events[1]!.audioMs - endMs).toBeLessThan(650);
  });

  test('who talks on is not waited for longer than 4 s, or until the latest decision', () => {
    const turnEnd = (options: Partial<DetectorOptions>): DetectorEvent | undefined =>
      eventsOf(joined(silence(0.9), repeated(speech(), 6), silence(1)), { ...LATEST, ...options }).find(({ type }) => type === 'turn_ended');
    expect(turnEnd({})).toMatchObject({ audioMs: 5500 });
    const sure: HumanModel = { ...undecided, policy: { ...NEVER_STOPS, sureTalking: 0.55 } };
    expect(turnEnd({ model: sure, latestDecisionMs: 7000 })).toMatchObject({ audioMs: 7000 });
  });
});

describe('what a machine says after its verdict', () => {
  const kinds = (events: readonly DetectorEvent[]): string[] => events.map((event) => (event.type === 'verdict' ? event.verdict : event.type));
  const follow = (...parts: Int16Array[]): DetectorEvent[] => eventsOf(joined(silence(0.3), speech(), speech(), silence(0.4), sine([1000], 0.4), silence(0.4), ...parts), { latestDecisionMs: 2500, model: null });

  test('the beep is told within 0.2 s of its end, and nothing after it if the machine is quiet', () => {
    const events = follow(silence(12));
    expect(kinds(events)).toEqual(['machine', 'beep']);
  });

  test('a short beep is told, too', () => {
    expect(kinds(eventsOf(joined(silence(0.3), speech(), speech(), silence(0.4), sine([1000], 0.12), silence(3)), { latestDecisionMs: 2500, model: null }))).toEqual(['machine', 'beep']);
  });

  test('a machine that speaks on after its beep is told once; its next beep is told again', () => {
    expect(kinds(follow(speech(), silence(0.5), sine([1000], 0.4), silence(12), speech()))).toEqual(['machine', 'beep', 'greeting_resumed', 'beep']);
  });

  test('nor is our own voice where it was taken for a person before', () => {
    const human: HumanModel = { policy: NEVER_STOPS, ear: () => ({ logOdds: 0, hear: () => undefined }), humanProbability: () => 0.6 };
    const echo = speech().map((sample) => sample / 8);
    const beeped = joined(silence(0.3), speech(), silence(0.6), echo, echo, silence(0.3), sine([1000], 0.4), silence(0.4));
    expect(kinds(eventsOf(joined(beeped, echo, echo, silence(12)), { latestDecisionMs: 1500, model: human }))).toEqual(['human', 'turn_ended', 'machine', 'beep']);
    expect(kinds(eventsOf(joined(beeped, speech(), speech(), silence(2)), { latestDecisionMs: 1500, model: human }))).toContain('greeting_resumed');
  });

  test('our own message coming back as an echo 12 dB down is not the machine', () => {
    const echo = speech().map((sample) => sample / 4);
    expect(kinds(follow(echo, echo, silence(12)))).toEqual(['machine', 'beep']);
  });

  test('a greeting that ends without a beep is told, and its going on', () => {
    const events = eventsOf(joined(silence(0.3), speech(), speech(), silence(2), speech(), silence(2)), { latestDecisionMs: 2500, model: null });
    expect(kinds(events)).toEqual(['machine', 'greeting_ended', 'greeting_resumed', 'greeting_ended']);
  });
});
