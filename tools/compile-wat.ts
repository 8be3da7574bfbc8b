/** Compiles *.wat under amd/ to *-wasm.ts beside them: `npx tsx tools/compile-wat.ts`. compile-wat.test.ts holds what is committed to this. */
import { readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { globSync } from 'tinyglobby';
import loadWabt from 'wabt';

const LINE = 140;

export const texts = (): string[] => globSync('amd/**/*.wat');
export const compiledPath = (path: string): string => path.replace(/\.wat$/, '-wasm.ts');

/** The source that a WebAssembly text becomes. */
export async function compiled(path: string): Promise<string> {
  const wabt = await loadWabt();
  const name = basename(path, '.wat');
  const bytes = Buffer.from(wabt.parseWat(path, readFileSync(path, 'utf8'), { simd: true, bulk_memory: true }).toBinary({}).buffer);
  const lines = bytes.toString('base64').match(new RegExp(`.{1,${LINE}}`, 'g')) ?? [];
  return `/** ${name}.wat, compiled by tools/compile-wat.ts. */\nexport const ${name.replaceAll('-', '_').toUpperCase()}_WASM = Buffer.from([\n${lines.map((line) => `  '${line}',\n`).join('')}].join(''), 'base64');\n`;
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const path of texts()) writeFileSync(compiledPath(path), await compiled(path));
}
