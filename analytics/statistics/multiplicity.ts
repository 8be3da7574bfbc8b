/**
 * p-values adjusted for how many were looked at so that the chance of even one false finding stays at the level: Holm (1979), "A simple sequentially
 * rejective multiple test procedure", Scandinavian Journal of Statistics 6, 65-70. In the order given.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a]! - ps[b]!);
  const adjusted = new Array<number>(ps.length);
  let most = 0;
  order.forEach((i, rank) => {
    most = Math.max(most, Math.min(1, ps[i]! * (ps.length - rank)));
    adjusted[i] = most;
  });
  return adjusted;
}

/**
 * The same so that at most the level of all findings is expected to be false: Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289-300.
 */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[b]! - ps[a]!);
  const adjusted = new Array<number>(ps.length);
  let least = 1;
  order.forEach((i, fromLast) => {
    least = Math.min(least, (ps[i]! * ps.length) / (ps.length - fromLast));
    adjusted[i] = least;
  });
  return adjusted;
}
