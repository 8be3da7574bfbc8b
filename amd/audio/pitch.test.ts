import { describe, expect, test } from 'vitest';
import { seededRandom, sine, whiteNoise } from '../corpus/signals.ts';
import { Pitch } from './pitch.ts';
import { BINS, powerSpectrum } from './spectrum.ts';

function pitchOf(pcm: Int16Array): Pitch {
  const power = new Float64Array(BINS);
  powerSpectrum(Float64Array.from(pcm), 800, power);
  const pitch = new Pitch();
  pitch.measure(power);
  return pitch;
}
const harmonics = (hz: number): number[] => Array.from({ length: Math.floor(3300 / hz) }, (_, index) => (index + 1) * hz).filter((each) => each > 300);

describe('pitch', () => {
  // The fundamental itself is cut away, as a telephone does.
  test.each([95, 120, 160, 210])('of a voice of %d Hz whose fundamental is missing, within half a semitone', (hz) => {
    const { semitones, strength } = pitchOf(sine(harmonics(hz), 0.3, 2000));
    expect(Math.abs(semitones - 12 * Math.log2(hz / 55))).toBeLessThan(0.5);
    expect(strength).toBeGreaterThan(0.6);
  });

  test('of noise is weak', () => {
    const strengths = Array.from({ length: 20 }, (_, seed) => pitchOf(whiteNoise(0.3, 5000, seededRandom(seed))).strength);
    expect(strengths.reduce((sum, each) => sum + each, 0) / 20).toBeLessThan(0.6);
  });
});
