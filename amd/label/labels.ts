import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ObzvonError } from '../../core/errors.ts';
import { writeWhole } from '../../core/whole-file.ts';
import { jsonLines } from '../json-lines.ts';

/** What a person heard; `unsure` is a recording they cannot tell either. In the order of their keys, 1 to 6. */
export const LABELS = ['human', 'machine', 'announcement', 'fax', 'silence', 'unsure'] as const;
export type Label = (typeof LABELS)[number];

/** One line; what else is known of the recording (language, speaker, when its beep ended) is kept as it stands. */
export const labelLineSchema = z.looseObject({ file: z.string().min(1), label: z.enum(LABELS), atMs: z.number().int().nonnegative().optional() });
export type LabelLine = z.infer<typeof labelLineSchema>;

export const LABELS_FILE = 'labels.jsonl';

/** Labels of a folder's recordings: `labels.jsonl`, one a line, the whole file replaced at each change so that it is never half written. */
export class Labels {
  private readonly path: string;
  private readonly lines: Map<string, LabelLine>;
  /** What else stood on a line whose label was taken back: it may be labelled again. */
  private readonly rests = new Map<string, LabelLine>();
  private writing: Promise<void> = Promise.resolve();

  private constructor(path: string, lines: Map<string, LabelLine>) {
    this.path = path;
    this.lines = lines;
  }

  /** Reads what was labelled before. Throws `ObzvonError` (`bad_input`) naming the line that is wrong. */
  static async open(folder: string): Promise<Labels> {
    const path = join(folder, LABELS_FILE);
    const text = await readFile(path, 'utf8').catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
      throw new ObzvonError('not_found', `${path}: cannot be read`, { cause: error });
    });
    const lines = jsonLines(text, labelLineSchema, path, (line) => `found "${line.slice(0, 60)}"; expected {"file": NAME, "label": one of ${LABELS.join(', ')}, "atMs": TIME}`);
    return new Labels(path, new Map(lines.map((line) => [line.file, line])));
  }

  get(file: string): Label | null {
    return this.lines.get(file)?.label ?? null;
  }

  all(): LabelLine[] {
    return [...this.lines.values()];
  }

  /** Sets a file's label, or takes it back (null). Resolves once it is on disk. */
  async set(file: string, label: Label | null, atMs: number): Promise<void> {
    const line = this.lines.get(file) ?? this.rests.get(file);
    if (line !== undefined) this.rests.set(file, line);
    if (label === null) this.lines.delete(file);
    else this.lines.set(file, { ...line, file, label, atMs });
    const text = this.all().map((line) => `${JSON.stringify(line)}\n`).join('');
    // One after the other: an older list must not overtake a newer one.
    const written = this.writing.then(() => writeWhole(this.path, text, 0o600));
    this.writing = written.then(() => undefined, () => undefined);
    await written;
  }
}
