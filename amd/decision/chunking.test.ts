import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { CallBuilder, type LabelledCall } from '../corpus/calls.ts';
import { CALL_KINDS } from '../corpus/kinds.ts';
import { readClips } from '../corpus/clips.ts';
import { seededRandom } from '../corpus/signals.ts';
import { createDetector, type DetectorEvent } from '../detector.ts';

let calls: LabelledCall[];
beforeAll(async () => {
  const builder = new CallBuilder(await readClips(fileURLToPath(new URL('../fixtures', import.meta.url))));
  calls = CALL_KINDS.map((kind, index) => builder.build(kind, seededRandom(40 + index)));
}, 240_000);

/** Everything told of PCM cut at `cuts` (samples, taken in turn). */
function told(pcm: Int16Array, sampleRate: 8000 | 16000, cuts: readonly number[]): DetectorEvent[] {
  const detector = createDetector({ sampleRate, latestDecisionMs: 7000 });
  const events: DetectorEvent[] = [];
  for (let at = 0, turn = 0; at < pcm.length; turn++) {
    const end = at + cuts[turn % cuts.length]!;
    detector.push(pcm.subarray(at, end));
    for (let event = detector.next(); event !== null; event = detector.next()) events.push(event);
    at = end;
  }
  return events;
}

/** 16 kHz by repeating each sample: what lies above 4 kHz is the detector's to take off. */
const doubled = (pcm: Int16Array): Int16Array => Int16Array.from({ length: 2 * pcm.length }, (_, index) => pcm[index >> 1]!);

describe('calls of every kind', () => {
  test.each([8000, 16_000] as const)('are told the same however the samples are cut, at %d Hz', (sampleRate) => {
    const heard = calls.map(({ pcm }) => (sampleRate === 8000 ? pcm : doubled(pcm)));
    const whole = heard.map((pcm) => told(pcm, sampleRate, [pcm.length]));
    expect(whole.every((events) => events[0]?.type === 'verdict')).toBe(true);
    fc.assert(fc.property(fc.nat(calls.length - 1), fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 12 }), (call, cuts) => {
      expect(told(heard[call]!, sampleRate, cuts)).toEqual(whole[call]);
    }), { numRuns: 24 });
  });

  test('on a voice no verdict falls within 0.3 s of its first sound', () => {
    for (const { pcm } of calls) {
      const [event] = told(pcm, 8000, [160]);
      if (event?.type === 'verdict' && event.speechOnsetMs !== null && (event.verdict === 'human' || event.verdict === 'machine')) {
        expect(event.audioMs - event.speechOnsetMs).toBeGreaterThanOrEqual(300);
      }
    }
  });
});
