import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ObzvonError } from '../../core/errors.ts';
import { jsonLines } from '../json-lines.ts';
import { readWav } from '../wav.ts';
import { activeRms } from './channel.ts';

export const CLIP_LABELS = [
  'human_short', 'human_long', 'announcement', 'machine_greeting', 'machine_prompt', 'tone_beep', 'tone_sit', 'sit_announcement',
  'tone_ringback', 'music', 'noise', 'noise_speech',
] as const;

/** One line of `clips.jsonl`. `speechStart` and `speechEnd` are seconds, marked by hand. */
const clipLineSchema = z.object({
  file: z.string(),
  label: z.enum(CLIP_LABELS),
  lang: z.string(),
  speaker: z.string(),
  source: z.string(),
  seconds: z.number(),
  speechStart: z.number().nullish(),
  speechEnd: z.number().nullish(),
});

export interface Clip {
  label: (typeof CLIP_LABELS)[number];
  lang: string;
  /** Source and speaker: what a split keeps together. */
  voice: string;
  source: string;
  /** 8 kHz, trimmed to what sounds. */
  pcm: Int16Array;
  /** Speech over the clip's own noise, dB: of the quietest 20 ms but three, edges included. */
  snrDb: number;
}

const FRAME = 160;
const MIN_SAMPLES = 800;
/** Kept before and after the sounding part. */
const MARGIN = 320;

/**
 * Reads a folder of labelled clips: `clips.jsonl`, and WAV files of 8 kHz under `audio/`. Every clip is trimmed the same way, so
 * that the silence about it cannot tell its class. Throws `ObzvonError` naming the line that is wrong.
 */
export async function readClips(folder: string): Promise<Clip[]> {
  const list = join(folder, 'clips.jsonl');
  let text: string;
  try {
    text = await readFile(list, 'utf8');
  } catch (error) {
    throw new ObzvonError('not_found', `${list}: cannot be read; expected one JSON object a line, one a clip`, { cause: error });
  }
  const clips: Clip[] = [];
  for (const { file, label, lang, speaker, source, seconds, speechStart, speechEnd } of jsonLines(text, clipLineSchema, list, (_line, said) => `${said ?? 'not a clip'}; expected file, label, lang, speaker, source, seconds`)) {
    if (seconds < 0.1) continue;
    const { pcm, sampleRate } = await readWav(join(folder, 'audio', file));
    if (sampleRate !== 8000) throw new ObzvonError('bad_input', `${file}: ${sampleRate} samples a second; expected 8000`);
    // In a sentence the marks are about one word of it.
    const marked = label === 'human_short' && typeof speechStart === 'number' && typeof speechEnd === 'number' && speechEnd > speechStart;
    const part = marked ? pcm.subarray(Math.max(0, speechStart * 8000 - MARGIN), speechEnd * 8000 + MARGIN) : trimmed(pcm);
    if (part.length >= MIN_SAMPLES) clips.push({ label, lang, voice: `${source}/${speaker}`, source, pcm: part, snrDb: ownSnrDb(pcm, part) });
  }
  return clips;
}

function ownSnrDb(whole: Int16Array, part: Int16Array): number {
  const noise = frameEnergies(whole).sort()[3] ?? 0;
  return 20 * Math.log10(activeRms(part) / Math.max(0.5, Math.sqrt(noise / FRAME)));
}

function frameEnergies(pcm: Int16Array): Float64Array {
  return Float64Array.from({ length: Math.floor(pcm.length / FRAME) }, (_, frame) => {
    let sum = 0;
    for (let index = frame * FRAME; index < (frame + 1) * FRAME; index++) sum += pcm[index]! ** 2;
    return sum;
  });
}

/** Cuts from both ends what lies 32 dB and more under the loudest 20 ms, or within 6 dB of the clip's own noise. */
function trimmed(pcm: Int16Array): Int16Array {
  const energy = frameEnergies(pcm);
  const sorted = energy.toSorted((a, b) => a - b);
  const loudest = sorted.at(-1) ?? 0;
  const limit = Math.min(loudest * 10 ** -1.5, Math.max(loudest * 10 ** -3.2, 4 * (sorted[Math.floor(energy.length / 10)] ?? 0)));
  const first = energy.findIndex((value) => value > limit);
  const last = energy.findLastIndex((value) => value > limit);
  return pcm.subarray(Math.max(0, first * FRAME - MARGIN), (last + 1) * FRAME + MARGIN);
}
