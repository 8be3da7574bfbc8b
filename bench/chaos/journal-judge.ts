import { maskPhone } from '../../core/phone.ts';
import type { JournalEntry } from '../../dialer/simulator/journal.ts';

/** What a trial's calls had to keep to; counts and times on the trial's clock unless it says otherwise. */
export interface Caps {
  readonly minGapMs: number;
  /** Calls in any second of the wall's. */
  readonly maxPerWallSecond: number;
  readonly maxChannels: number;
}

export interface Judgement {
  /** Empty is good. */
  readonly offences: readonly string[];
  readonly calls: number;
  /** Calls the switch ended because its client was gone. */
  readonly cut: number;
  /** Most calls that started in one sliding second of the wall's. */
  readonly worstSecond: number;
  /** null: not looked at. */
  readonly mostAtOnce: number | null;
}

/**
 * A trial's clock runs many times as fast as the wall's: a few of its milliseconds on the way to the switch are hundreds of the cap's. So
 * the second that counts here is the wall's, and such a share of jitter is let pass; the cap rows count at speed 1 and let nothing pass.
 */
const JITTER_SHARE = 0.1;

/**
 * Holds the switch's own record of one campaign's calls against the rules.
 * @param journal entries of the campaign's calls, in the order of writing
 * @param frozen attempts of a dialer that stood still past its lease: the ledger cannot know that they still hold their channels
 */
export function judgeJournal(journal: readonly JournalEntry[], caps: Caps, frozen: ReadonlySet<string> = new Set()): Judgement {
  const offences: string[] = [];
  const lastStartMs = new Map<string, number>();
  const open = new Map<string, { readonly phone: string; readonly counts: boolean }>();
  const inCall = new Map<string, string>();
  const startsMs: number[] = [];
  let cut = 0;
  let atOnce = 0;
  let mostAtOnce = 0;
  for (const entry of journal) {
    if (entry.kind === 'invite') {
      const { phone, attemptId } = entry;
      const before = lastStartMs.get(phone);
      if (before !== undefined && entry.atMs - before < caps.minGapMs) offences.push(`${maskPhone(phone)} was called again after ${Math.round((entry.atMs - before) / 1000)} s`);
      if (inCall.has(phone)) offences.push(`${maskPhone(phone)} had two calls at once`);
      if (open.has(attemptId)) offences.push(`attempt ${attemptId} was placed twice`);
      lastStartMs.set(phone, entry.atMs);
      inCall.set(phone, attemptId);
      const counts = !frozen.has(attemptId);
      open.set(attemptId, { phone, counts });
      if (counts) mostAtOnce = Math.max(mostAtOnce, ++atOnce);
      startsMs.push(entry.wallMs);
    } else if (entry.kind === 'ended') {
      const call = open.get(entry.attemptId);
      if (call === undefined) continue;
      open.delete(entry.attemptId);
      if (call.counts) atOnce--;
      if (inCall.get(call.phone) === entry.attemptId) inCall.delete(call.phone);
      if (entry.by === 'crash') cut++;
    }
  }
  const worstSecond = mostWithin(startsMs, 1000);
  if (worstSecond > Math.ceil(caps.maxPerWallSecond * (1 + JITTER_SHARE))) offences.push(`${worstSecond} calls started in one second, at most ${caps.maxPerWallSecond} allowed`);
  if (mostAtOnce > caps.maxChannels) offences.push(`${mostAtOnce} calls at once, at most ${caps.maxChannels} allowed`);
  if (open.size > 0) offences.push(`${open.size} calls have no end`);
  return { offences, calls: startsMs.length, cut, worstSecond, mostAtOnce };
}

/** The most of sorted times that fall into any span of that length: two times exactly a span apart are not in one. */
export function mostWithin(sortedMs: readonly number[], spanMs: number): number {
  let most = 0;
  let first = 0;
  for (let last = 0; last < sortedMs.length; last++) {
    while (sortedMs[last]! - sortedMs[first]! >= spanMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Entries of the calls that show one of these caller ids. */
export function callsShowing(journal: readonly JournalEntry[], callerIds: readonly string[]): JournalEntry[] {
  const ours = new Set<string>();
  for (const entry of journal) if (entry.kind === 'invite' && callerIds.includes(entry.callerId)) ours.add(entry.attemptId);
  return journal.filter((entry) => entry.kind !== 'jump' && ours.has(entry.attemptId));
}
