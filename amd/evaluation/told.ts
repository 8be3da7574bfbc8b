import type { LabelledCall } from '../corpus/calls.ts';

/** What one system said of one call. */
export interface Told {
  call: Omit<LabelledCall, 'pcm'>;
  /** obzvon's verdict, or `human`, `machine`, `not_sure` of Asterisk's algorithm. */
  verdict: string;
  /** What it said at first, if it took that back. */
  takenBack: string | null;
  /** Audio time since the answer, ms. */
  audioMs: number;
  /** The detector's first speech; for every system the same. Null if there was none. */
  onsetMs: number | null;
}

export const isRecording = (verdict: string): boolean => verdict === 'machine' || verdict === 'announcement' || verdict === 'fax';

/** Groups that the targets are set for. */
export const GROUPS = {
  'short greetings': (call: Told['call']) => call.kind === 'human_short' || call.kind === 'human_twice',
  'sentences of up to 4.3 s': (call: Told['call']) => call.kind === 'human_long',
  'voicemail greetings': (call: Told['call']) => call.kind === 'machine' || call.kind === 'machine_hello',
  'greetings in the owner\'s voice': (call: Told['call']) => call.kind === 'machine_own_voice',
  'announcements of up to 2.2 s': (call: Told['call']) => call.kind === 'announcement_short',
  'longer announcements': (call: Told['call']) => call.kind === 'announcement' || call.kind === 'announcement_sit',
} as const;

/** What stands in the way of hearing, and who speaks: what figures are told by. */
export const VIEWS: Record<string, (call: Told['call']) => string> = {
  language: ({ lang }) => lang,
  channel: ({ channel }) => channel.codec,
  'signal to noise': ({ channel }) => (Number.isNaN(channel.snrDb) ? 'unknown' : channel.snrDb < 10 ? 'under 10 dB' : channel.snrDb < 20 ? '10-20 dB' : '20-30 dB'),
  loss: ({ channel }) => (channel.lossShare === 0 ? 'none' : channel.lossShare < 0.02 ? 'under 2 %' : '2-5 %'),
};
