import { readFile } from 'node:fs/promises';
import { LineCounter, isMap, isScalar, parseDocument } from 'yaml';
import type { Node, Pair } from 'yaml';
import { ObzvonError } from './errors.ts';
import type { ErrorCode } from './errors.ts';

/** A YAML file, read but not yet checked, that knows where its parts stand. */
export interface YamlFile {
  readonly path: string;
  readonly value: unknown;
  /** The line of the value at `path`, or of the nearest thing around it that the file has; from 1. */
  lineOf(path: readonly PropertyKey[]): number;
}

/** @throws ObzvonError not_found if there is no such file; `code` if it is not YAML (with line, or if a key stands twice) */
export async function readYamlFile(path: string, code: ErrorCode): Promise<YamlFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    throw new ObzvonError('not_found', `${path}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'}); expected a YAML file`, { cause: error });
  }
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0];
  if (fault) throw new ObzvonError(code, `${path}:${lines.linePos(fault.pos[0]).line}: not YAML: ${fault.message}`);
  const at = (offset: number | undefined): number => (offset === undefined ? 1 : Math.max(1, lines.linePos(offset).line));
  return {
    path,
    value: document.toJS({ maxAliasCount: 100 }) as unknown,
    lineOf(wanted) {
      let node: unknown = document.contents;
      let line = at((node as Node | null)?.range?.[0]);
      for (const part of wanted) {
        if (isMap(node)) {
          const pair: Pair | undefined = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
          if (!pair) return line;
          line = at((pair.key as Node).range?.[0]);
          node = pair.value;
        } else {
          node = (node as { get?: (key: unknown, keep: boolean) => unknown } | null)?.get?.(part, true);
          if (!node) return line;
          line = at((node as Node).range?.[0]);
        }
      }
      return line;
    },
  };
}
