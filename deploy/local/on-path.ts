import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first folder of PATH, then of `further`, that has all these programs. */
export function folderWith(programs: readonly string[], further: readonly string[] = []): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...further].filter((folder) => folder !== '');
  return folders.find((folder) => programs.every((program) => existsSync(join(folder, program))));
}
