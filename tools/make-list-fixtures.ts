/**
 * Writes the lists of campaign-loader/fixtures, the same each time; what is expected of each stands in its expected.json.
 * Run: `npx tsx tools/make-list-fixtures.ts`
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mappings, packages, spreadsheets } from './list-fixtures/binary-lists.ts';
import { damages, encodings, headings, objects, shapes } from './list-fixtures/text-lists.ts';

const folder = join(import.meta.dirname, '..', 'campaign-loader', 'fixtures');
const files = { ...encodings, ...shapes, ...headings, ...damages, ...objects, ...spreadsheets, ...packages, ...mappings };
for (const [name, content] of Object.entries(files)) {
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
console.log(`${Object.keys(files).length} files in ${folder}`);
