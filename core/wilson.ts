/**
 * Wilson's score interval for the share `count` of `n` independent trials, which need not be whole, without continuity correction: Wilson (1927), JASA 22,
 * 209-212; method 3 of Newcombe (1998), Statistics in Medicine 17, 857-872.
 * @param z quantile of the normal distribution: 1.96 for 95 %
 * @throws RangeError unless 0 <= count <= n and n > 0
 */
export function wilsonIntervalAt({ n, count }: { readonly n: number; readonly count: number }, z: number): { readonly low: number; readonly high: number } {
  if (!(n > 0) || !(count >= 0) || count > n) throw new RangeError(`a share needs 0 <= count <= n and n > 0, found ${count} of ${n}`);
  const middle = 2 * count + z * z;
  const spread = z * Math.sqrt(z * z + 4 * count * (1 - count / n));
  const width = 2 * (n + z * z);
  return { low: Math.max(0, (middle - spread) / width), high: Math.min(1, (middle + spread) / width) };
}
