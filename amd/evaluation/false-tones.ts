import { unreachable } from '../../core/errors.ts';
import type { AmdVerdictReport } from '../wav.ts';
import type { Told } from './told.ts';

/** Tones that are verdicts by themselves; `progress` is ringback, busy or reorder. */
export const VERDICT_TONES = ['sit', 'fax', 'progress'] as const;
export type VerdictTone = (typeof VERDICT_TONES)[number];

/** Tones told where none was, and the audio that was listened to for them. */
export type FalseTones = Record<VerdictTone, { told: number; hours: number }>;

/** The tone that a verdict was given for; null if it was given for something else. */
export function toneOf({ verdict, cause }: Pick<AmdVerdictReport, 'verdict' | 'cause'>): VerdictTone | null {
  switch (cause) {
    case null: return verdict === 'fax' ? 'fax' : null;
    case 'busy_tone': case 'reorder_tone': return 'progress';
    case 'known_recording': case 'before_answer': return null;
    case 'intercept': case 'vacant_code': case 'no_circuit': case 'reorder': case 'reserved': case 'unspecified': return 'sit';
    default: return unreachable(cause);
  }
}

/** That this tone is in no such call is known. Who labels a recording hears SIT or busy and says announcement, or silence. */
function isWithout(tone: VerdictTone, { kind, truth }: Told['call']): boolean {
  const isVague = kind === 'labelled_announcement' || kind === 'labelled_silence';
  switch (tone) {
    case 'sit': return !isVague && kind !== 'announcement_sit';
    case 'fax': return truth !== 'fax';
    case 'progress': return !isVague && kind !== 'ringback' && kind !== 'busy';
    default: return unreachable(tone);
  }
}

export class FalseToneTally {
  private readonly counts: Record<VerdictTone, { told: number; seconds: number }> = { sit: { told: 0, seconds: 0 }, fax: { told: 0, seconds: 0 }, progress: { told: 0, seconds: 0 } };

  add(call: Told['call'], report: Pick<AmdVerdictReport, 'verdict' | 'cause'>, seconds: number): void {
    const told = toneOf(report);
    for (const tone of VERDICT_TONES) {
      if (!isWithout(tone, call)) continue;
      this.counts[tone].seconds += seconds;
      if (told === tone) this.counts[tone].told++;
    }
  }

  figures(): FalseTones {
    const of = (tone: VerdictTone): FalseTones[VerdictTone] => ({ told: this.counts[tone].told, hours: this.counts[tone].seconds / 3600 });
    return { sit: of('sit'), fax: of('fax'), progress: of('progress') };
  }
}
