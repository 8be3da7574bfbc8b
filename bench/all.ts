import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Every benchmark, each in a process of its own so that none pays for another's memory. */
const BENCHES = ['calls', 'loader', 'amd', 'sink', 'memory', 'redis'];

let failed = 0;
for (const name of BENCHES) {
  const file = fileURLToPath(new URL(`./${name}.js`, import.meta.url));
  try {
    process.stdout.write(execFileSync(process.execPath, [file], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }));
  } catch {
    failed++;
    console.log(`${name}: FAILED`);
  }
}
process.exitCode = failed === 0 ? 0 : 1;
