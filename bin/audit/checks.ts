import type { Attempt } from '../../core/attempt.ts';
import type { Contact, ContactClosed } from '../../core/contact.ts';
import type { Payment } from '../../core/payment.ts';
import { maskPhone } from '../../core/phone.ts';
import type { JournalEntry } from '../../dialer/simulator/journal.ts';

/** One promise held against what was seen. */
export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** What was counted, for the reader; the first offenders if it failed. */
  readonly detail: string;
}

/** What every witness says of one campaign. */
export interface Evidence {
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly closed: readonly ContactClosed[];
  /** Each attempt on the bus once per delivery. */
  readonly attempts: readonly Attempt[];
  readonly payments: readonly Payment[];
  readonly analytics: { readonly attemptIds: ReadonlySet<string>; readonly attemptRows: number; readonly contacts: number; readonly dispositions: number };
  /** The ledger's own count of contacts not ended. */
  readonly unfinished: number;
  /** The simulated switch's record of this campaign's calls; null with a real switch. */
  readonly journal: readonly JournalEntry[] | null;
  readonly minGapMs: number;
}

/** A check that holds if there are no offenders. */
export function checkOf(name: string, offenders: readonly string[], seen: string): Check {
  const ok = offenders.length === 0;
  const first = offenders.slice(0, 3).join('; ');
  return { name, ok, detail: ok ? seen : `${offenders.length} offend: ${first}${offenders.length > 3 ? '; …' : ''}` };
}

/** Every contact has one disposition, and no disposition lacks its contact. */
export function checkDispositions(evidence: Evidence): Check[] {
  const byContact = new Map<string, Set<string>>();
  for (const closed of evidence.closed) {
    const known = byContact.get(closed.contactId) ?? new Set<string>();
    byContact.set(closed.contactId, known.add(closed.disposition));
  }
  const missing = [...evidence.contacts.keys()].filter((id) => !byContact.has(id)).map((id) => `contact ${id} has no disposition`);
  const twice = [...byContact].filter(([, kinds]) => kinds.size > 1).map(([id, kinds]) => `contact ${id} has ${[...kinds].join(' and ')}`);
  const strangers = [...byContact.keys()].filter((id) => !evidence.contacts.has(id)).map((id) => `disposition of unknown contact ${id}`);
  return [
    checkOf('every contact has a disposition', missing, `${evidence.contacts.size} contacts = ${byContact.size} dispositions, ${evidence.unfinished} unfinished in the ledger`),
    checkOf('no contact has two dispositions', twice, `${byContact.size} looked at`),
    checkOf('no disposition without its contact', strangers, `${byContact.size} looked at`),
  ];
}

/** Bus and analytics agree, attempt by attempt. */
export function checkAnalytics(evidence: Evidence): Check[] {
  const onBus = new Set(evidence.attempts.map((attempt) => attempt.attemptId));
  const { attemptIds, attemptRows, contacts, dispositions } = evidence.analytics;
  const offenders = [
    ...[...onBus].filter((id) => !attemptIds.has(id)).map((id) => `attempt ${id} is on the bus but not in the analytics`),
    ...[...attemptIds].filter((id) => !onBus.has(id)).map((id) => `attempt ${id} is in the analytics but not on the bus`),
  ];
  if (attemptRows !== attemptIds.size) offenders.push(`${attemptRows} rows for ${attemptIds.size} attempts`);
  const distinctClosed = new Set(evidence.closed.map((closed) => closed.contactId)).size;
  const rows: string[] = [];
  if (contacts !== evidence.contacts.size) rows.push(`${contacts} contacts in the analytics, ${evidence.contacts.size} on the bus`);
  if (dispositions !== distinctClosed) rows.push(`${dispositions} dispositions in the analytics, ${distinctClosed} on the bus`);
  return [
    checkOf('attempts in the analytics = attempts on the bus', offenders, `${attemptRows} = ${onBus.size}`),
    checkOf('contacts and dispositions in the analytics = on the bus', rows, `${contacts} and ${dispositions}`),
  ];
}

/** The switch saw every attempt, and nothing else; only an attempt lost in a crash, or cut off with its connection, may have died before its INVITE. */
export function checkSwitch(evidence: Evidence): Check[] {
  if (evidence.journal === null) return [];
  const onBus = new Map(evidence.attempts.map((attempt) => [attempt.attemptId, attempt]));
  const invites = evidence.journal.filter((entry) => entry.kind === 'invite');
  const seen = new Map<string, number>();
  for (const invite of invites) seen.set(invite.attemptId, (seen.get(invite.attemptId) ?? 0) + 1);
  const offenders = [
    ...[...seen].filter(([id]) => !onBus.has(id)).map(([id]) => `the switch saw attempt ${id}, the bus did not`),
    ...[...seen].filter(([, times]) => times > 1).map(([id, times]) => `attempt ${id} was placed ${times} times`),
  ];
  const brokenAtMs = evidence.journal.flatMap((entry) => (entry.kind === 'ended' && entry.by === 'crash' ? [entry.atMs] : []));
  let lostUnsent = 0;
  let cutOff = 0;
  for (const [id, attempt] of onBus) {
    if (seen.has(id)) continue;
    if (attempt.outcome === 'lost') lostUnsent++;
    else if (wasCutOff(attempt, brokenAtMs)) cutOff++;
    else offenders.push(`attempt ${id} (${attempt.outcome}) never reached the switch`);
  }
  const detail = `${invites.length} placed at the switch = ${onBus.size} on the bus${lostUnsent > 0 ? ` less ${lostUnsent} lost in a crash before their INVITE` : ''}${cutOff > 0 ? ` less ${cutOff} cut off with the connection to the switch` : ''}`;
  return [checkOf('attempts on the bus = attempts placed at the switch', offenders, detail)];
}

/** Between the switch's seeing a connection break and the dialer's, on the campaign's clock. */
const BREAK_SLACK_MS = 10_000;

/**
 * Sent on a connection that broke before any answer, at a moment at which the switch itself saw calls cut off: its dialer cannot know
 * whether the switch had the INVITE.
 */
function wasCutOff(attempt: Attempt, brokenAtMs: readonly number[]): boolean {
  const unanswered = attempt.outcome === 'failed' && attempt.sipStatus === 0 && attempt.postDialDelayMs === null && attempt.answeredAtMs === null;
  return unanswered && brokenAtMs.some((atMs) => atMs >= attempt.startedAtMs - BREAK_SLACK_MS && atMs <= attempt.endedAtMs + BREAK_SLACK_MS);
}

/** Nobody is called twice for one reason: gaps between calls to a number, and never two at once, as the switch saw them. */
export function checkGaps(evidence: Evidence): Check[] {
  if (evidence.journal === null) return [];
  const byPhone = new Map<string, { startMs: number; endMs: number }[]>();
  const open = new Map<string, { startMs: number; endMs: number }>();
  for (const entry of evidence.journal) {
    if (entry.kind === 'invite') {
      const call = { startMs: entry.atMs, endMs: entry.atMs };
      open.set(entry.attemptId, call);
      const calls = byPhone.get(entry.phone);
      if (calls) calls.push(call);
      else byPhone.set(entry.phone, [call]);
    } else if (entry.kind === 'ended') {
      const call = open.get(entry.attemptId);
      if (call) call.endMs = entry.atMs;
    }
  }
  const gaps: string[] = [];
  const overlaps: string[] = [];
  let shortestMs = Infinity;
  for (const [phone, calls] of byPhone) {
    calls.sort((a, b) => a.startMs - b.startMs);
    for (let i = 1; i < calls.length; i++) {
      const before = calls[i - 1]!;
      const gapMs = calls[i]!.startMs - before.startMs;
      shortestMs = Math.min(shortestMs, gapMs);
      if (gapMs < evidence.minGapMs) gaps.push(`${maskPhone(phone)} called again after ${Math.round(gapMs / 1000)} s`);
      if (calls[i]!.startMs < before.endMs) overlaps.push(`${maskPhone(phone)} had two calls at once`);
    }
  }
  const shortest = shortestMs === Infinity ? 'no number was called twice' : `shortest gap ${Math.round(shortestMs / 60_000)} min, least allowed ${Math.round(evidence.minGapMs / 60_000)} min`;
  return [
    checkOf('no number called again within the minimum gap', gaps, shortest),
    checkOf('never two calls to one number at once', overlaps, `${byPhone.size} numbers`),
  ];
}

/** No call to a person after the payment that ends the calls was known. `graceMs`: a call may be under way. */
export function checkPaid(evidence: Evidence, stopAtPaidShare: number, graceMs: number): Check {
  const paidAt = new Map<string, number>();
  const sums = new Map<string, number>();
  const debts = new Map([...evidence.contacts.values()].map((contact) => [contact.accountId, contact]));
  for (const payment of [...evidence.payments].sort((a, b) => a.receivedAtMs - b.receivedAtMs)) {
    const contact = debts.get(payment.accountId);
    if (contact === undefined || payment.paidAtMs < contact.loadedAtMs || paidAt.has(payment.accountId)) continue;
    const sum = (sums.get(payment.accountId) ?? 0) + payment.amountMinor;
    sums.set(payment.accountId, sum);
    if (sum > 0 && sum >= stopAtPaidShare * contact.debtMinor) paidAt.set(payment.accountId, payment.receivedAtMs);
  }
  const offenders = evidence.attempts
    .filter((attempt) => attempt.startedAtMs > (paidAt.get(attempt.accountId) ?? Infinity) + graceMs)
    .map((attempt) => `attempt ${attempt.attemptId} started ${Math.round((attempt.startedAtMs - paidAt.get(attempt.accountId)!) / 1000)} s after the payment was known`);
  return checkOf('no call after the payment was known', offenders, `${paidAt.size} accounts paid`);
}
