import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Decimator } from '../audio/decimator.ts';
import type { LabelledCall } from '../corpus/calls.ts';
import type { CallKind } from '../corpus/kinds.ts';
import { jsonLines } from '../json-lines.ts';
import { labelLineSchema, LABELS, LABELS_FILE, type Label } from '../label/labels.ts';
import { readWav } from '../wav.ts';

/** One line of `labels.jsonl`, which `obzvon amd label` writes: a recording of the called party from the answer on, and who it was. */
const recordedCallSchema = labelLineSchema.pick({ file: true, label: true }).extend({
  language: z.string().default('-'),
  /** Whoever speaks, if known: recordings of one speaker are not counted as if they were of many. */
  speaker: z.string().optional(),
  beepEndMs: z.number().nonnegative().optional(),
});

/** The nearest kind of a labelled recording: what was said is not known. */
const KIND_OF: Record<Exclude<Label, 'unsure'>, CallKind> = {
  human: 'human_short', machine: 'machine', announcement: 'announcement', fax: 'fax', silence: 'silence',
};
/** Nothing is known of a real line; it is told apart by no view. */
const REAL_LINE: LabelledCall['channel'] = { codec: 'alaw', levelDb: Number.NaN, snrDb: Number.NaN, noiseColour: 0, lossShare: 0, lossBurst: 0 };

/**
 * Recorded calls of a folder with `labels.jsonl` (one JSON object a line: `file`, `label`, and if known `language`, `speaker`, `beepEndMs`); those labelled `unsure` are left out.
 * Throws `ObzvonError` naming the line that is wrong; null if the folder has no such list.
 */
export async function readRecordedCalls(folder: string): Promise<LabelledCall[] | null> {
  const list = join(folder, LABELS_FILE);
  let text: string;
  try {
    text = await readFile(list, 'utf8');
  } catch {
    return null;
  }
  const calls: LabelledCall[] = [];
  for (const { file, label, language, speaker, beepEndMs } of jsonLines(text, recordedCallSchema, list, (_line, said) => `${said ?? 'not a label'}; expected file and label (${LABELS.join(', ')})`)) {
    // Who heard it could not tell who it was: it says nothing of who can.
    if (label === 'unsure') continue;
    const { pcm, sampleRate } = await readWav(join(folder, file));
    calls.push({
      kind: KIND_OF[label], truth: label === 'silence' ? 'nobody' : label, voice: speaker ?? file, lang: language, channel: REAL_LINE,
      pcm: sampleRate === 16_000 ? halved(pcm) : pcm, bodyStartMs: 0, beepEndMs: beepEndMs ?? null,
    });
  }
  return calls;
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
