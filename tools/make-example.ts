/** Writes examples/november-debt/debtors.csv; the same rows each time. Usage: npx tsx tools/make-example.ts [ROWS [SEED [FILE]]] */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EXAMPLE_ROWS, EXAMPLE_SEED, csvOf, exampleList } from './example-list.ts';

const [rows = EXAMPLE_ROWS, seed = EXAMPLE_SEED] = process.argv.slice(2, 4).map(Number);
const file = process.argv[4] ?? fileURLToPath(new URL('../examples/november-debt/debtors.csv', import.meta.url));
if (!Number.isInteger(rows) || rows < 50 || !Number.isInteger(seed)) {
  console.error(`found "${process.argv.slice(2).join(' ')}"; expected ROWS (50 or more), SEED (a whole number) and FILE`);
  process.exit(2);
}
writeFileSync(file, csvOf(exampleList(rows, seed)));
console.log(`${rows} rows written to ${file}`);
