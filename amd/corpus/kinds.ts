export const CALL_KINDS = [
  'human_short', 'human_twice', 'human_long', 'machine', 'machine_hello', 'machine_own_voice', 'announcement_short', 'announcement', 'announcement_sit',
  'silence', 'digital_silence', 'noise', 'music', 'ringback', 'busy', 'fax',
] as const;
export type CallKind = (typeof CALL_KINDS)[number];
/** `nobody`: no person and nothing to be found; any verdict but `human` will do. */
export type CallTruth = 'human' | 'machine' | 'announcement' | 'fax' | 'nobody';

export function truthOf(kind: CallKind): CallTruth {
  if (kind.startsWith('human')) return 'human';
  if (kind.startsWith('announcement')) return 'announcement';
  if (kind.startsWith('machine')) return 'machine';
  return kind === 'fax' ? kind : 'nobody';
}

/** What each kind is, for whoever reads a table of figures. */
export const KIND_MEANS: Record<CallKind, string> = {
  human_short: 'a person says a word or two and waits',
  human_twice: 'a person says a word or two, and again',
  human_long: 'a person answers with a sentence of up to 4.3 s',
  machine: 'a voicemail\'s greeting, then a beep',
  machine_hello: 'a greeting that begins as a person does: a word or two, a pause, and on',
  machine_own_voice: 'a greeting of 4.5 s and more in the owner\'s own voice',
  announcement_short: 'an announcement of up to 2.2 s',
  announcement: 'an announcement of 2 s and more, said twice',
  announcement_sit: 'a special information tone, then an announcement',
  silence: 'nothing but the line\'s noise',
  digital_silence: 'nothing at all',
  noise: 'a burst of noise',
  music: 'music',
  ringback: 'ringback after the answer',
  busy: 'busy tone after the answer',
  fax: 'a fax machine',
};

/** How often each kind is drawn; persons and recordings are about as many. */
export const KIND_WEIGHTS: Record<CallKind, number> = {
  human_short: 24, human_twice: 8, human_long: 14, machine: 11, machine_hello: 5, machine_own_voice: 5, announcement_short: 14, announcement: 10,
  announcement_sit: 2, silence: 1, digital_silence: 0.5, noise: 3, music: 4, ringback: 2, busy: 2, fax: 1,
};
