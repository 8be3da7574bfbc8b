import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ObzvonError } from '../../core/errors.ts';
import { Decimator } from '../audio/decimator.ts';
import { jsonLines } from '../json-lines.ts';
import { labelLineSchema, LABELS, LABELS_FILE, type Label } from '../label/labels.ts';
import { readWav } from '../wav.ts';
import type { EvaluatedCall } from './told.ts';

/** One line of `labels.jsonl`, which `obzvon amd label` writes: a recording of the called party from the answer on, and who it was. */
const recordedCallSchema = labelLineSchema.pick({ file: true, label: true }).extend({
  language: z.string().default('-'),
  /** Whoever speaks, if known: recordings of one speaker are not counted as if they were of many. */
  speaker: z.string().optional(),
  beepEndMs: z.number().nonnegative().optional(),
});

export interface RecordedCalls {
  /** How many recordings the list names, but for those labelled `unsure`. */
  listed: number;
  /** Reads one after the other, as they are asked for; a recording that cannot be read is told to `leaveOut`, and the next one follows. */
  read(leaveOut: (fault: ObzvonError) => void): AsyncGenerator<EvaluatedCall>;
}

/**
 * Recorded calls of a folder with `labels.jsonl` (one JSON object a line: `file`, `label`, and if known `language`, `speaker`, `beepEndMs`); those labelled `unsure` are left out.
 * Null if the folder has no such list. The list outlives its recordings where those are deleted after some days.
 * @throws ObzvonError bad_input naming the line that is wrong, or if nothing is labelled; not_found if the list cannot be read
 */
export async function readRecordedCalls(folder: string): Promise<RecordedCalls | null> {
  const list = join(folder, LABELS_FILE);
  let text: string;
  try {
    text = await readFile(list, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')) return null;
    throw new ObzvonError('not_found', `${list}: cannot be read (${cause instanceof Error ? cause.message : String(cause)}); expected one JSON object a line, one a recording`, { cause });
  }
  const lines = jsonLines(text, recordedCallSchema, list, (_line, said) => `${said ?? 'not a label'}; expected file and label (${LABELS.join(', ')})`);
  // Who heard it could not tell who it was: it says nothing of who can.
  const told = lines.flatMap(({ label, ...line }) => (label === 'unsure' ? [] : [{ ...line, label }]));
  if (told.length === 0) throw new ObzvonError('bad_input', `${list}: found ${lines.length === 0 ? 'no label' : 'no label but "unsure"'}; expected at least one recording of which is known who answered`);
  return {
    listed: told.length,
    async *read(leaveOut) {
      for (const line of told) {
        try {
          yield await callOf(folder, line);
        } catch (error) {
          if (!(error instanceof ObzvonError)) throw error;
          leaveOut(error);
        }
      }
    },
  };
}

type ToldCall = z.infer<typeof recordedCallSchema> & { label: Exclude<Label, 'unsure'> };

async function callOf(folder: string, { file, label, language, speaker, beepEndMs }: ToldCall): Promise<EvaluatedCall> {
  const { pcm, sampleRate } = await readWav(join(folder, file));
  return {
    kind: `labelled_${label}`, truth: label === 'silence' ? 'nobody' : label, voice: speaker ?? file, lang: language, channel: null,
    pcm: sampleRate === 16_000 ? halved(pcm) : pcm, bodyStartMs: 0, beepEndMs: beepEndMs ?? null,
  };
}

function halved(pcm: Int16Array): Int16Array {
  const decimator = new Decimator();
  const out: number[] = [];
  for (const sample of pcm) {
    const value = decimator.push(sample);
    if (!Number.isNaN(value)) out.push(value);
  }
  return Int16Array.from(out);
}
