import type { Clip } from './clips.ts';

export type Split = 'train' | 'test';

/** The training part is cut into so many folds; each is judged by a model of the others when thresholds are chosen. */
export const FOLDS = 6;

/** Studio voices and synthesisers go by source, as there are few: each wholly in the test part or in one fold (its number). */
const SOURCES: Record<string, 'test' | number> = {
  asterisk_en_US_f_Allison: 0, asterisk_es_MX_f_Allison: 0, asterisk_it_IT_m_Carlo: 1, callattendant: 1, svxlink_ru: 2, asterisk_es_CO: 2,
  tts_espeak: 3, asterisk_it_IT_f_Menardi: 3, tts_flite: 4, asterisk_fr_CA_f_June: 4, asterisk_fr_f_Armelle: 5,
  asterisk_ru_RU_f_IvrvoiceRU: 'test', royce: 'test', royce_sit: 'test', tts_rhvoice: 'test', tts_festival: 'test',
};

/** A source of single voices that are only learnt from (corpus/more-voices.sh), but for what is the voice of another source by another name. */
const LEARNT_ONLY = 'festival';
const SAME_VOICE: Record<string, string> = {
  'festival/voice_kal_diphone': 'tts_flite', 'festival/voice_cmu_us_slt_arctic_hts': 'tts_flite', 'festival/voice_msu_ru_nsh_clunits': 'tts_festival',
};

/** FNV-1a of source and speaker. */
function hashOf(voice: string): number {
  let hash = 0x811c9dc5;
  for (const character of voice) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return hash >>> 8;
}

/** Which part a clip's voice belongs to: by source where named above, else by speaker. `test` is never heard in training. */
export function splitOf(clip: Pick<Clip, 'source' | 'voice'>): Split {
  const named = SOURCES[SAME_VOICE[clip.voice] ?? clip.source];
  if (named === undefined && clip.source === LEARNT_ONLY) return 'train';
  if (named !== undefined) return named === 'test' ? 'test' : 'train';
  return hashOf(clip.voice) % 3 === 2 ? 'test' : 'train';
}

/** The fold of a voice (`source/speaker`) of the training part. Sounds without a voice go by their number. */
export function foldOf(voice: string, number: number): number {
  const named = SOURCES[SAME_VOICE[voice] ?? voice.slice(0, voice.indexOf('/'))];
  if (typeof named === 'number') return named;
  return voice === '' ? number % FOLDS : Math.floor(hashOf(voice) / 3) % FOLDS;
}

export function inSplit(clip: Pick<Clip, 'source' | 'voice'>, split: Split): boolean {
  return splitOf(clip) === split;
}
