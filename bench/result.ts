import { pathToFileURL } from 'node:url';
import { z } from 'zod';

const figure = z.number();

/** What one benchmark found: obzvon's figure beside its peer's from the same run. */
export const benchResultSchema = z.object({
  name: z.string(),
  unit: z.string(),
  ours: figure,
  /** Null if there is no peer: then `ratio` is against the limit that `peerName` tells. */
  peer: figure.nullable(),
  peerName: z.string(),
  /** The more, the better. */
  ratio: figure,
  /** The least `ratio` that is good enough; null if none was set. */
  target: figure.nullable(),
  detail: z.string(),
});
export type BenchResult = z.infer<typeof benchResultSchema>;

/** What a benchmark's process tells the one that runs all of them. */
export const benchResultsSchema = z.array(benchResultSchema);

/** The middle one; of an even number the upper of the two in the middle. */
export function median(values: readonly number[]): number {
  const middle = [...values].sort((a, b) => a - b)[values.length >> 1];
  if (middle === undefined) throw new Error('no round was counted; expected one or more');
  return middle;
}

export const mean = (values: readonly number[]): number => values.reduce((sum, one) => sum + one, 0) / values.length;

export type Standing = 'PASS' | 'MISSED' | 'no target';

export function standingOf({ ratio, target }: BenchResult): Standing {
  if (target === null) return 'no target';
  return ratio >= target ? 'PASS' : 'MISSED';
}

/** Two lines: the figures, and how they were come by. */
export function describeResult(result: BenchResult): string {
  const { name, unit, ours, peer, peerName, ratio, target, detail } = result;
  const against = peer === null ? peerName : `${peerName} (${peer} ${unit})`;
  const wanted = target === null ? '' : `, target ${target.toFixed(2)}`;
  return `${name}: ${ours} ${unit}, ${ratio.toFixed(2)} of ${against}${wanted}: ${standingOf(result)}\n  ${detail}`;
}

/** Runs a benchmark if its file is what node was started with: prints what it found, and tells it to the process that asked for all. */
export async function runIfMain(moduleUrl: string, bench: () => Promise<BenchResult | readonly BenchResult[]>): Promise<void> {
  if (process.argv[1] === undefined || moduleUrl !== pathToFileURL(process.argv[1]).href) return;
  const found = await bench();
  const results = benchResultsSchema.parse('name' in found ? [found] : found);
  for (const result of results) console.log(describeResult(result));
  // The channel to the parent would keep this process.
  process.send?.(results, undefined, undefined, () => process.disconnect());
}
