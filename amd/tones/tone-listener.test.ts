import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector, type DetectorEvent } from '../detector.ts';
import { seededRandom, silence } from '../corpus/signals.ts';
import { evaluateTones, tonesIn } from './evaluate-tones.ts';
import { ansam, drawTone, tones, TONE_SAMPLE_KINDS, v21Preamble } from './synthetic-tones.ts';
import { joined } from '../corpus/signals.ts';

const heard = (sound: Int16Array): ReturnType<typeof tonesIn> => tonesIn(joined(silence(0.4), sound, silence(0.5)));

describe('a fax machine is known by', () => {
  test.each([
    ['CNG (T.30: 1100 Hz +-38, 0.5 s)', tones([{ hz: [1138], seconds: 0.5 }], 5000), 1000],
    ['CED (T.30: 2100 Hz +-15)', tones([{ hz: [2085], seconds: 3 }], 5000), 900],
    ['ANSam (V.8: 15 Hz modulation, phase reversals)', ansam(3, 5000), 900],
    ['the V.21 preamble, where no CED is sent', v21Preamble(1, 5000), 900],
  ])('%s', (_name, sound, byMs) => {
    const { faxMs } = heard(sound);
    expect(faxMs).not.toBeNull();
    expect(faxMs!).toBeLessThanOrEqual(byMs + 60);
  });

  test.each([
    ['1100 Hz for 0.2 s', tones([{ hz: [1100], seconds: 0.2 }], 5000)], ['1100 Hz for 1 s', tones([{ hz: [1100], seconds: 1 }], 5000)],
    ['2000 Hz', tones([{ hz: [2000], seconds: 2 }], 5000)], ['a tone of 1750 Hz', tones([{ hz: [1750], seconds: 2 }], 5000)],
  ])('%s is none', (_name, sound) => {
    expect(heard(sound).faxMs).toBeNull();
  });
});

test('drawn tones through lossy and noisy lines: all but the rarest are found, each by its own kind', () => {
  const { recall, sitIntoThirdMs } = evaluateTones([], { perKind: 25, rounds: 0, seed: 3 });
  expect(recall.map(({ kind }) => kind)).toEqual([...TONE_SAMPLE_KINDS]);
  for (const { found, tried } of recall) expect(found).toBeGreaterThanOrEqual(tried - 2);
  expect(sitIntoThirdMs.worst).toBeLessThan(330);
});

describe('whatever comes', () => {
  const drained = (detector: ReturnType<typeof createDetector>): DetectorEvent[] => {
    const events: DetectorEvent[] = [];
    for (let event = detector.next(); event !== null; event = detector.next()) events.push(event);
    return events;
  };

  test.each([8000, 16_000] as const)('tones at %d Hz: the same events for the same samples, however they are cut', (sampleRate) => {
    fc.assert(fc.property(fc.constantFrom(...TONE_SAMPLE_KINDS), fc.nat(1000), fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 12 }), fc.boolean(), (kind, seed, cuts, earlyMedia) => {
      const { pcm } = drawTone(kind, seededRandom(seed), 7000, silence(0.2));
      const bytes = new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength);
      const options = { sampleRate, latestDecisionMs: 1500, earlyMedia } as const;
      const whole = createDetector(options);
      whole.push(pcm);
      const cut = createDetector(options);
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = cuts[turn % cuts.length]!;
        cut.pushBytes(bytes.subarray(at, at + length));
        at += length;
      }
      expect(drained(cut)).toEqual(drained(whole));
    }), { numRuns: 20 });
  });

  test('any samples: no exception, and every time is a whole number within the audio', () => {
    const sample = fc.oneof(fc.constantFrom(-32_768, 32_767, 0, 1, -1), fc.integer({ min: -32_768, max: 32_767 }));
    fc.assert(fc.property(fc.array(sample, { minLength: 1, maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (part, times) => {
      const pcm = Int16Array.from({ length: part.length * times }, (_, index) => part[index % part.length]!);
      const events = tonesIn(pcm);
      for (const { endMs, hz } of events.beeps) {
        expect(Number.isInteger(endMs) && endMs >= 0 && endMs <= pcm.length / 8).toBe(true);
        expect(Number.isFinite(hz)).toBe(true);
      }
    }), { numRuns: 100 });
  });
});
