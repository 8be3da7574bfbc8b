/**
 * Makes log-odds true to what was found (Platt 1999): `scale * log-odds + shift` by logistic regression, for each stretch of time since the
 * first speech by itself, as the same log-odds mean less after half a second than after three.
 */
import { place } from '../decision/stopping-policy.ts';
import type { TreeModelFile } from '../decision/tree-model.ts';

export interface Judged {
  logOdds: number;
  elapsedMs: number;
  human: boolean;
  weight: number;
}

const FROM_MS = [0, 500, 800, 1200, 1700, 2400, 3400, 4600];
const NEWTON_STEPS = 25;
/** Pulls scale to 1 and shift to 0 where little was seen. */
const RIDGE = 1;

export function calibrate(judged: readonly Judged[]): TreeModelFile['calibration'] {
  return FROM_MS.map((fromMs, index) => {
    const within = judged.filter(({ elapsedMs }) => place(FROM_MS, elapsedMs) === index);
    let scale = 1;
    let shift = 0;
    for (let step = 0; step < NEWTON_STEPS; step++) {
      let gradScale = RIDGE * (scale - 1), gradShift = RIDGE * shift;
      let a = RIDGE, b = 0, c = RIDGE;
      for (const { logOdds, human, weight } of within) {
        const probability = 1 / (1 + Math.exp(-(scale * logOdds + shift)));
        const error = weight * (probability - (human ? 1 : 0));
        const curve = weight * probability * (1 - probability);
        gradScale += error * logOdds;
        gradShift += error;
        a += curve * logOdds * logOdds;
        b += curve * logOdds;
        c += curve;
      }
      const determinant = a * c - b * b;
      scale = Math.max(0.05, scale - (c * gradScale - b * gradShift) / determinant);
      shift -= (a * gradShift - b * gradScale) / determinant;
    }
    return { fromMs, scale: Number(scale.toPrecision(5)), shift: Number(shift.toPrecision(5)) };
  });
}
