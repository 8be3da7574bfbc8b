import { wilsonIntervalAt } from '../../core/wilson.ts';

/** One call that did or did not do what is counted. */
export interface Counted {
  /** Calls of one voice are alike: the interval is widened by how alike they are. */
  cluster: string;
  hit: boolean;
}

/** A share with its 95 % interval, 0..1. */
export interface Share {
  found: number;
  of: number;
  share: number;
  low: number;
  high: number;
}

/** Of the normal distribution, for 95 %. */
const Z = 1.96;

/**
 * Share of hits with Wilson's interval on the effective number of trials: trials over the design effect (Kish 1965), which is the variance of the
 * share over clusters by the variance of as many independent trials, at least 1. Without a hit, with hits only, or from one cluster
 * it cannot be told: then the clusters are what is counted.
 */
export function shareOf(counted: readonly Counted[]): Share {
  const of = counted.length;
  const found = counted.filter(({ hit }) => hit).length;
  if (of === 0) return { found, of, share: Number.NaN, low: 0, high: 1 };
  const share = found / of;
  const clusters = new Map<string, { hits: number; size: number }>();
  for (const { cluster, hit } of counted) {
    const each = clusters.get(cluster) ?? { hits: 0, size: 0 };
    clusters.set(cluster, { hits: each.hits + (hit ? 1 : 0), size: each.size + 1 });
  }
  if (found === 0 || found === of || clusters.size === 1) return { found, of, share, ...wilsonIntervalAt({ n: clusters.size, count: share * clusters.size }, Z) };
  let squares = 0;
  for (const { hits, size } of clusters.values()) squares += (hits - share * size) ** 2;
  const between = (squares * (clusters.size / (clusters.size - 1))) / of ** 2;
  const effect = Math.max(1, between / ((share * (1 - share)) / of));
  return { found, of, share, ...wilsonIntervalAt({ n: of / effect, count: found / effect }, Z) };
}

/**
 * Mean of two independent shares with its interval, from theirs: method of variance estimates recovery (Zou and Donner 2008, Statistics in Medicine 27,
 * 1693-1702, (5) of a sum, halved). NaN, and 0..1, if of one nothing was counted.
 */
export function meanShare(one: Share, other: Share): { share: number; low: number; high: number } {
  const share = (one.share + other.share) / 2;
  if (Number.isNaN(share)) return { share, low: 0, high: 1 };
  return { share, low: share - Math.hypot(one.share - one.low, other.share - other.low) / 2, high: share + Math.hypot(one.high - one.share, other.high - other.share) / 2 };
}

/** Who is alike: calls of one voice; a call without one is like no other. */
export const clusterOf = (voice: string, call: number): string => (voice === '' ? `call ${call}` : voice);

const percent = (value: number): string => (100 * value).toFixed(1);

export const intervalText = ({ share, low, high }: Pick<Share, 'share' | 'low' | 'high'>): string => `${percent(share)} % [${percent(low)}-${percent(high)}]`;

export function shareText(share: Share): string {
  return share.of === 0 ? 'none' : `${intervalText(share)}, ${share.found} of ${share.of}`;
}

/** The value under which `share` of all lie; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
