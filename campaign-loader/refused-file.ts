import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { printable } from './problem.ts';
import type { Problem } from './problem.ts';

/** The headings a refused file puts before the list's own. The loader passes over them when the file is loaded back. */
export const REFUSAL_HEADINGS = ['line', 'field', 'code', 'found', 'expected'] as const;

/** `list.csv` -> `list.refused.csv`; packed and other forms likewise. */
export function refusedPathOf(listPath: string): string {
  return `${listPath.replace(/(\.(csv|tsv|txt|ndjson|jsonl|json|xlsx))?(\.gz|\.zip)?$/i, '')}.refused.csv`;
}

/** Where remarks on accepted rows go: `list.refused.csv` -> `list.remarks.csv`. */
export function remarksPathOf(refusedPath: string): string {
  return `${refusedPath.replace(/(\.refused)?\.csv$/i, '')}.remarks.csv`;
}

/** Longest cell written back; a row with a longer one has to be mended in the list itself. */
const MAX_CELL_LENGTH = 8192;
const FLUSH_LENGTH = 64 * 1024;

/** A cell that a spreadsheet might run as a formula. */
const FORMULA = /^[=+\-@\t\r]/;
/** Digits and the signs of phones and negative amounts: nothing a spreadsheet could run, so they stay as they are. */
const HARMLESS = /^[+-][\d ().,;|/-]*$/;
const GUARDED = /^'[=+\-@\t\r']/;

/**
 * A cell as it is safely written: one that begins like a formula gets an apostrophe before it (as OWASP advises), which
 * {@link restoreCell} takes off when the file is loaded back. Phones such as `+380671234567` are left alone.
 */
export function guardCell(cell: string): string {
  return (FORMULA.test(cell) && !HARMLESS.test(cell)) || GUARDED.test(cell) ? `'${cell}` : cell;
}

export function restoreCell(cell: string): string {
  return GUARDED.test(cell) ? cell.slice(1) : cell;
}

function csvCell(cell: string): string {
  const cut = cell.length > MAX_CELL_LENGTH ? `${cell.slice(0, MAX_CELL_LENGTH)}…` : cell;
  // NUL would cut the file short in some editors; the row cannot be loaded back with it anyway.
  const guarded = guardCell(cut.replaceAll('\0', '\ufffd'));
  return /[",;\t\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/**
 * A CSV file (UTF-8 with BOM, commas, CRLF: what spreadsheets open rightly) of rows with their problems, one line a row; several
 * problems of one row stand in its cells parted by ` | `. It appears whole: written beside itself and renamed at the
 * end. With no rows there is no file, and one from an earlier load is removed.
 */
export class ProblemFile {
  readonly path: string;
  rows = 0;
  #file: FileHandle | null = null;
  #pending = '';

  constructor(path: string) {
    this.path = path;
  }

  /** @param headings the list's own; used with the first row */
  add(headings: readonly string[], line: number, problems: readonly Problem[], original: readonly string[]): void {
    if (this.rows === 0) this.#pending = `\ufeff${[...REFUSAL_HEADINGS, ...headings].map(csvCell).join(',')}\r\n`;
    this.rows += 1;
    const cells = [
      String(line),
      problems.map((problem) => problem.field).join(' | '),
      problems.map((problem) => problem.code).join(' | '),
      problems.map((problem) => printable(problem.found)).join(' | '),
      problems.map((problem) => problem.expected).join(' | '),
      ...original,
    ];
    while (cells.length < REFUSAL_HEADINGS.length + headings.length) cells.push('');
    this.#pending += `${cells.map(csvCell).join(',')}\r\n`;
  }

  /** Writes what has gathered if it is much. */
  async flush(atLeast = FLUSH_LENGTH): Promise<void> {
    if (this.#pending.length < atLeast || this.#pending === '') return;
    this.#file ??= await open(`${this.path}.partial`, 'w');
    const text = this.#pending;
    this.#pending = '';
    await this.#file.writeFile(text);
  }

  /** Puts the file in its place. */
  async finish(): Promise<void> {
    await this.flush(1);
    if (this.#file === null) {
      await rm(this.path, { force: true });
      return;
    }
    await this.#file.close();
    this.#file = null;
    await rename(`${this.path}.partial`, this.path);
  }

  /** Leaves nothing behind after a failure. */
  async abandon(): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    await rm(`${this.path}.partial`, { force: true });
  }
}
