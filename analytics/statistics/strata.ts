import { emptySums, mergeSums, type ClusterSums } from './cluster-sums.ts';

/** Both groups of one stratum: contacts alike in what was known before the first call. */
export interface Stratum {
  readonly called: ClusterSums;
  readonly heldOut: ClusterSums;
}

/**
 * A stratum with fewer clusters of a group says too little of that group. 20 is what Cochran (1977), Sampling Techniques,
 * 5A.9, calls reasonably large for weighting strata after the draw.
 */
export const LEAST_CLUSTERS = 20;

/**
 * Joins strata with their neighbours until each has {@link LEAST_CLUSTERS} clusters of both groups; what is left at the
 * end joins the last. It looks at the sizes of the groups alone, never at who paid. With too few contacts for even one, all are one stratum.
 * @param strata in an order in which neighbours are alike
 */
export function joinThinStrata(strata: readonly Stratum[], least = LEAST_CLUSTERS): Stratum[] {
  const joined: Stratum[] = [];
  let open: Stratum | null = null;
  for (const stratum of strata) {
    open ??= { called: emptySums(), heldOut: emptySums() };
    join(open, stratum);
    if (Math.min(open.called.clusters, open.heldOut.clusters) >= least) {
      joined.push(open);
      open = null;
    }
  }
  if (open) {
    const last = joined.at(-1);
    if (last) join(last, open);
    else joined.push(open);
  }
  return joined;
}

/** All strata as one. */
export function asOneStratum(strata: readonly Stratum[]): Stratum {
  const one = { called: emptySums(), heldOut: emptySums() };
  for (const stratum of strata) join(one, stratum);
  return one;
}

function join(to: Stratum, from: Stratum): void {
  mergeSums(to.called, from.called);
  mergeSums(to.heldOut, from.heldOut);
}
