import type { LabelledCall } from '../corpus/calls.ts';
import type { Channel } from '../corpus/channel.ts';
import { CALL_KINDS, KIND_MEANS, type CallKind } from '../corpus/kinds.ts';

/** Recorded calls are of the kind that they were labelled; what was said is not known. */
export const RECORDED_KINDS = ['labelled_human', 'labelled_machine', 'labelled_announcement', 'labelled_fax', 'labelled_silence'] as const;
export type RecordedKind = (typeof RECORDED_KINDS)[number];

export const EVALUATED_KINDS = [...CALL_KINDS, ...RECORDED_KINDS] as const;
export type EvaluatedKind = CallKind | RecordedKind;

/** What each kind is, for whoever reads a table of figures. */
export const EVALUATED_KIND_MEANS: Record<EvaluatedKind, string> = {
  ...KIND_MEANS, labelled_human: 'labelled human', labelled_machine: 'labelled machine', labelled_announcement: 'labelled announcement', labelled_fax: 'labelled fax',
  labelled_silence: 'labelled silence',
};

/** A call whose truth is known: built, or recorded and labelled. */
export interface EvaluatedCall extends Omit<LabelledCall, 'kind' | 'channel'> {
  kind: EvaluatedKind;
  /** Null of a recorded call: over what line it came is not known. */
  channel: Channel | null;
}

/** What one system said of one call. */
export interface Told {
  call: Omit<EvaluatedCall, 'pcm'>;
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

/** Groups that the targets are set for, and of recorded calls what the label tells apart. */
export const GROUPS = {
  'short greetings': (call: Told['call']) => call.kind === 'human_short' || call.kind === 'human_twice',
  'sentences of up to 4.3 s': (call: Told['call']) => call.kind === 'human_long',
  'voicemail greetings': (call: Told['call']) => call.kind === 'machine' || call.kind === 'machine_hello',
  'greetings in the owner\'s voice': (call: Told['call']) => call.kind === 'machine_own_voice',
  'announcements of up to 2.2 s': (call: Told['call']) => call.kind === 'announcement_short',
  'longer announcements': (call: Told['call']) => call.kind === 'announcement' || call.kind === 'announcement_sit',
  'recordings labelled machine': (call: Told['call']) => call.kind === 'labelled_machine',
  'recordings labelled announcement': (call: Told['call']) => call.kind === 'labelled_announcement',
} as const;

/** What stands in the way of hearing, and who speaks: what figures are told by. Null where it is not known: no view tells of that call. */
export const VIEWS: Record<string, (call: Told['call']) => string | null> = {
  language: ({ lang }) => lang,
  channel: ({ channel }) => channel?.codec ?? null,
  'signal to noise': ({ channel }) => (channel === null ? null : channel.snrDb < 10 ? 'under 10 dB' : channel.snrDb < 20 ? '10-20 dB' : '20-30 dB'),
  loss: ({ channel }) => (channel === null ? null : channel.lossShare === 0 ? 'none' : channel.lossShare < 0.02 ? 'under 2 %' : '2-5 %'),
};
