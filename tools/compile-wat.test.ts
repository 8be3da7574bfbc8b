import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compiled, compiledPath, texts } from './compile-wat.ts';

test('what is run of each WebAssembly text is that text, compiled', async () => {
  expect(texts().length).toBeGreaterThan(0);
  for (const path of texts()) expect(readFileSync(compiledPath(path), 'utf8')).toBe(await compiled(path));
});
