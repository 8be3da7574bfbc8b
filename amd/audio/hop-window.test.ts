import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachHop, HOP_SAMPLES, HopWindow } from './hop-window.ts';
import { WINDOW_SAMPLES } from './spectrum.ts';

const samples = (hops: number): Int16Array => Int16Array.from({ length: hops * HOP_SAMPLES }, (_, index) => index + 1);

describe('the window of a call', () => {
  test('is the last 32 ms at each hop, with silence before the call', () => {
    const pcm = samples(11);
    const seen: number[] = [];
    eachHop(pcm, (window, timeMs) => {
      const end = (timeMs / 10) * HOP_SAMPLES;
      expect([...window]).toEqual(Array.from({ length: WINDOW_SAMPLES }, (_, index) => pcm[end - WINDOW_SAMPLES + index] ?? 0));
      seen.push(timeMs);
    });
    expect(seen).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110]);
  });

  test('is the same however the samples come', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 30 }), (cuts) => {
      const pcm = samples(9);
      const whole: number[][] = [];
      eachHop(pcm, (window) => whole.push([...window]));
      const hops = new HopWindow();
      const cut: number[][] = [];
      for (let at = 0, turn = 0; at < pcm.length; turn++) {
        const end = Math.min(pcm.length, at + cuts[turn % cuts.length]!);
        if (cuts[turn % cuts.length]! === 1) hops.push(pcm[at++]!);
        else at = hops.take(pcm, at, end);
        if (!hops.whole) continue;
        cut.push([...hops.window]);
        hops.next();
      }
      expect(cut).toEqual(whole);
    }));
  });

  test('an offset of the line is no sound; clearing forgets what was heard', () => {
    const hops = new HopWindow();
    hops.take(new Int16Array(HOP_SAMPLES).fill(700), 0, HOP_SAMPLES);
    expect(hops.newestPower).toBe(0);
    hops.next();
    hops.clear();
    hops.take(Int16Array.from({ length: HOP_SAMPLES }, (_, index) => (index % 2 === 0 ? 30 : -30)), 0, HOP_SAMPLES);
    expect(hops.newestPower).toBe(900);
    expect(Math.max(...hops.window.subarray(0, WINDOW_SAMPLES - HOP_SAMPLES))).toBe(0);
  });
});
