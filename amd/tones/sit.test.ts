import { describe, expect, test } from 'vitest';
import { joined, mixed, repeated, seededRandom, silence, whiteNoise } from '../corpus/signals.ts';
import { tonesIn } from './evaluate-tones.ts';
import { tones } from './synthetic-tones.ts';

const SHORT = 0.274;
const LONG = 0.38;
const sit = (first: [number, number], second: [number, number], third: [number, number] = [1776.7, LONG]): Int16Array =>
  tones([first, second, third].map(([hz, seconds]) => ({ hz: [hz], seconds })), 6000);
const heard = (sound: Int16Array): ReturnType<typeof tonesIn> => tonesIn(joined(silence(0.4), sound, silence(0.5)));

describe('special information tones', () => {
  // AT&T Notes on the Network; Telcordia GR-674.
  test.each([
    ['intercept', [913.8, SHORT], [1370.6, SHORT]],
    ['vacant_code', [985.2, LONG], [1370.6, SHORT]],
    ['no_circuit', [985.2, LONG], [1428.5, LONG]],
    ['no_circuit', [913.8, LONG], [1370.6, LONG]],
    ['reorder', [913.8, SHORT], [1428.5, LONG]],
    ['reorder', [985.2, SHORT], [1370.6, LONG]],
    ['reserved', [913.8, LONG], [1428.5, SHORT]],
    ['reserved', [985.2, SHORT], [1428.5, SHORT]],
  ] as const)('the North American pattern of %s (%j, %j) tells its cause', (cause, first, second) => {
    const pcm = sit([...first], [...second]);
    expect(heard(pcm).sitCause).toBe(cause);
    expect(heard(mixed(pcm, whiteNoise(pcm.length / 8000, 1000, seededRandom(2)))).sitCause).toBe(cause);
  });

  test.each([
    ['as E.180 has it', [950, 0.33], [1400, 0.33], [1800, 0.33]],
    ['at one edge of it', [900, 0.26], [1350, 0.4], [1750, 0.26]],
    ['at the other', [1000, 0.4], [1450, 0.26], [1850, 0.4]],
  ] as const)('the international tone, %s, is known within its third segment and gives no cause', (_name, first, second, third) => {
    const events = heard(sit([...first], [...second], [...third]));
    expect(events.sitCause).toBe('unspecified');
    const thirdMs = 400 + 1000 * (first[1] + second[1]);
    expect(events.sitMs!).toBeGreaterThan(thirdMs);
    expect(events.sitMs!).toBeLessThan(thirdMs + 150);
  });

  test.each([[10], [30]])('gaps of %d ms between the segments are allowed', (gapMs) => {
    const parts = [950, 1400, 1800].map((hz) => tones([{ hz: [hz], seconds: 0.33 }], 6000));
    expect(heard(joined(parts[0]!, silence(gapMs / 1000), parts[1]!, silence(gapMs / 1000), parts[2]!)).sitMs).not.toBeNull();
  });

  test.each([
    ['the wrong order', sit([1800, 0.33], [1400, 0.33], [950, 0.33])],
    ['the second left out', tones([{ hz: [950], seconds: 0.33 }, { hz: [1800], seconds: 0.33 }], 6000)],
    ['a long pause in it', joined(tones([{ hz: [950], seconds: 0.33 }], 6000), silence(0.3), tones([{ hz: [1400], seconds: 0.33 }, { hz: [1800], seconds: 0.33 }], 6000))],
    ['segments of a tenth of a second', repeated(tones([950, 1400, 1800].map((hz) => ({ hz: [hz], seconds: 0.1 })), 6000), 3)],
    ['segments of a second', tones([950, 1400, 1800].map((hz) => ({ hz: [hz], seconds: 1 })), 6000)],
  ])('%s: none', (_name, sound) => {
    expect(heard(sound).sitMs).toBeNull();
  });
});
