import type { Interval } from './comparison.ts';
import { logGamma } from './distributions.ts';

/**
 * Half width, in standard errors, of an interval that holds at every look at once: asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha,
 * Kennedy and Ramdas (2021, arXiv:2103.06476v7; Annals of Statistics 52, 2024), eq. 9, with rho by its eq. 161 so that it is narrowest at
 * `tunedAt` contacts. The same as GrowthBook's sequential test.
 * @param n contacts of both groups seen so far
 * @param tunedAt contacts of both groups at which the decision is expected; must not depend on the results
 */
export function anytimeQuantile(n: number, tunedAt: number, confidence = 0.95): number {
  if (!(n > 0) || !(tunedAt > 0)) throw new RangeError(`an anytime interval needs contacts, found ${n}, tuned at ${tunedAt}`);
  const alpha = 1 - confidence;
  const rho2 = (-2 * Math.log(alpha) + Math.log(-2 * Math.log(alpha) + 1)) / tunedAt;
  const nr = n * rho2;
  return Math.sqrt(((2 * (nr + 1)) / nr) * Math.log(Math.sqrt(nr + 1) / alpha));
}

/** The interval around an effect that may be looked at every day. See {@link anytimeQuantile}. */
export function anytimeInterval(effect: { readonly difference: number; readonly standardError: number }, n: number, tunedAt: number, confidence = 0.95): Interval {
  const reach = anytimeQuantile(n, tunedAt, confidence) * effect.standardError;
  return { low: effect.difference - reach, high: effect.difference + reach };
}

/**
 * Sample-ratio mismatch for those who look after every load: an anytime-valid p-value, the running minimum of 1 over the Bayes factor of
 * Dirichlet-multinomial counts against the planned shares. Lindon and Malek (2022), "Anytime-valid inference for multinomial count data", NeurIPS;
 * prior mean the planned shares, concentration 10,000, as GrowthBook.
 * @param looks counts that were added since the look before, one array a look, in the order of `shares`
 * @returns one p-value a look
 */
export function sequentialMismatch(looks: readonly (readonly number[])[], shares: readonly number[], concentration = 10_000): number[] {
  const alpha = shares.map((share) => share * concentration);
  let logFactor = 0;
  let least = 1;
  return looks.map((counts) => {
    const n = counts.reduce((sum, count) => sum + count, 0);
    const sum = alpha.reduce((total, one) => total + one, 0);
    logFactor += logGamma(sum) - logGamma(sum + n);
    counts.forEach((count, i) => {
      logFactor += logGamma(alpha[i]! + count) - logGamma(alpha[i]!) - (count === 0 ? 0 : count * Math.log(shares[i]!));
      alpha[i]! += count;
    });
    least = Math.min(least, Math.exp(-logFactor));
    return least;
  });
}
