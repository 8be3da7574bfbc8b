import type { Clip } from './clips.ts';

export type Split = 'first' | 'second' | 'test';

/**
 * Studio voices and synthesisers by source, as there are few: each source wholly in one part. `first` and `second` are trained
 * on (each also judges the other's model when thresholds are chosen); `test` is never heard in training.
 */
const SOURCES: Record<string, Split> = {
  asterisk_en_US_f_Allison: 'first', asterisk_es_MX_f_Allison: 'first', tts_flite: 'first', callattendant: 'first',
  asterisk_it_IT_m_Carlo: 'second', svxlink_ru: 'second', tts_espeak: 'second',
  asterisk_ru_RU_f_IvrvoiceRU: 'test', royce: 'test', royce_sit: 'test', tts_rhvoice: 'test', tts_festival: 'test',
};
const PARTS: readonly Split[] = ['first', 'second', 'test'];

/** Which part a clip's voice belongs to: by source where named above, else by speaker (FNV-1a of source and speaker). */
export function splitOf(clip: Pick<Clip, 'source' | 'voice'>): Split {
  const named = SOURCES[clip.source];
  if (named !== undefined) return named;
  let hash = 0x811c9dc5;
  for (const character of clip.voice) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return PARTS[(hash >>> 8) % 3]!;
}

export function inSplit(clip: Pick<Clip, 'source' | 'voice'>, split: Split): boolean {
  return splitOf(clip) === split;
}
