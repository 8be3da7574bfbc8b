/**
 * What is added up of a contact. Money in minor units of the campaign's currency, days in days.
 *
 * - `n`: 1 for each contact
 * - `debt`: what it owed at the load
 * - `before`: what its account paid in the time before the days count from
 * - `reached`: 1 if a human heard what had to be said
 * - `paid`: 1 if its payments came to more than zero
 * - `money`: what it paid, reversals taken off
 * - `cleared`: the part of the debt that was paid, from zero to the whole debt
 * - `early`: days it paid before the horizon's end; zero if it did not pay
 *
 * The first three are known before anybody is called.
 */
export const COMPONENTS = ['n', 'debt', 'before', 'reached', 'paid', 'money', 'cleared', 'early'] as const;
export type Component = (typeof COMPONENTS)[number];

const WIDTH = COMPONENTS.length;
const POSITION: Readonly<Record<Component, number>> = { n: 0, debt: 1, before: 2, reached: 3, paid: 4, money: 5, cleared: 6, early: 7 };

/**
 * Sufficient statistics of a group of contacts for every estimate here. Contacts that share a phone are one cluster: their
 * values are added before anything is multiplied, so that sums of products over clusters carry the likeness of their members
 * (Liang and Zeger 1986, Biometrika 73, 13-22; CR0 of the cluster-robust estimators). A contact that shares nothing is a
 * cluster of its own. Two of them add up to one of both: {@link mergeSums}.
 */
export interface ClusterSums {
  clusters: number;
  /** Clusters whose `money` is not zero. */
  paying: number;
  /** Sum over contacts of each component. */
  readonly sums: Float64Array;
  /** Sum over clusters of the products of two components; both halves are kept. */
  readonly products: Float64Array;
}

export const emptySums = (): ClusterSums => ({ clusters: 0, paying: 0, sums: new Float64Array(WIDTH), products: new Float64Array(WIDTH * WIDTH) });

/**
 * Adds one cluster: `values` are the sums over its members in the order of {@link COMPONENTS}.
 * @param times -1 takes one away again
 */
export function addCluster(to: ClusterSums, values: ArrayLike<number>, times = 1): void {
  to.clusters += times;
  if (values[POSITION.money] !== 0) to.paying += times;
  for (let i = 0; i < WIDTH; i++) {
    const value = times * values[i]!;
    if (value === 0) continue;
    to.sums[i]! += value;
    for (let j = 0; j < WIDTH; j++) to.products[i * WIDTH + j]! += value * values[j]!;
  }
}

export function mergeSums(to: ClusterSums, from: ClusterSums): void {
  to.clusters += from.clusters;
  to.paying += from.paying;
  for (let i = 0; i < WIDTH; i++) to.sums[i]! += from.sums[i]!;
  for (let i = 0; i < WIDTH * WIDTH; i++) to.products[i]! += from.products[i]!;
}

export const sumOf = (of: ClusterSums, component: Component): number => of.sums[POSITION[component]]!;
export const productOf = (of: ClusterSums, a: Component, b: Component): number => of.products[POSITION[a] * WIDTH + POSITION[b]]!;

export function setSum(of: ClusterSums, component: Component, value: number): void {
  of.sums[POSITION[component]] = value;
}

export function setProduct(of: ClusterSums, a: Component, b: Component, value: number): void {
  of.products[POSITION[a] * WIDTH + POSITION[b]] = value;
  of.products[POSITION[b] * WIDTH + POSITION[a]] = value;
}
