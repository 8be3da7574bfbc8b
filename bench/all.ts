import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { benchResultsSchema, standingOf, type BenchResult } from './result.ts';

/** Every benchmark, each in a process of its own so that none pays for another's memory. */
const BENCHES = ['calls', 'loader', 'phones', 'amd', 'amd-live', 'sink', 'sink-memory', 'reports', 'memory', 'coverage', 'redis', 'kafka', 'cluster'];

const startedMs = performance.now();
const secondsSince = (ms: number): string => `${((performance.now() - ms) / 1000).toFixed(0)} s`;
const rows: string[] = [];
let failed = 0;
let missed = 0;
for (const name of BENCHES) {
  const benchStartedMs = performance.now();
  const child = fork(fileURLToPath(new URL(`./${name}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)));
  let results: BenchResult[] = [];
  child.on('message', (message) => { results = benchResultsSchema.parse(message); });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0 || results.length === 0) {
    failed++;
    rows.push(`FAILED     ${name}: it ended with ${code === null ? 'a signal' : `exit code ${code}`} after ${secondsSince(benchStartedMs)}`);
    continue;
  }
  for (const result of results) {
    const standing = standingOf(result);
    if (standing === 'MISSED') missed++;
    const wanted = result.target === null ? '' : `, target ${result.target.toFixed(2)}`;
    rows.push(`${standing.padEnd(10)} ${result.name}: ${result.ours} ${result.unit}, ${result.ratio.toFixed(2)} of ${result.peerName}${wanted} (${name}, ${secondsSince(benchStartedMs)})`);
  }
}
console.log(`\n${rows.join('\n')}\n${BENCHES.length} benchmarks in ${secondsSince(startedMs)}: ${missed} targets missed, ${failed} failed`);
// A missed target is a finding, not a failure of the bench.
process.exitCode = failed === 0 ? 0 : 1;
