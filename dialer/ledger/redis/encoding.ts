import { z } from 'zod';
import type { Attempt } from '../../../core/attempt.ts';
import { closedAtLoadReason, type Contact, type Group, type Language } from '../../../core/contact.ts';
import type { Outcome } from '../../../core/outcome.ts';
import { ObzvonError } from '../../../core/errors.ts';
import { MONTH_MS } from '../../rules/caps.ts';
import { pastAttemptOf } from '../../rules/decide.ts';
import type { BegunAttempt, ChannelLimit, ContactFacts, DncEntry, Lease, NextStep, PastAttempt, RestoredContact, Settlement, StopRequest } from '../port.ts';
import type { Reply } from './connection.ts';

/* The arguments of the scripts, and what they answer. What the scripts do not look into goes as JSON without field names. */

type Args = (string | number)[];

/** Fields that few contacts have. */
type Seldom = Pick<Contact, 'lineTypes' | 'nameParts' | 'region' | 'debtSince' | 'heldOutBefore' | 'closedAtLoad'>;
/** A contact's fields that only clients read, in this order. */
type Rest = [name: string, currency: string, dueDate: string | null, language: Language, timezone: string, fields: Record<string, string>, loadId: string, seldom?: Seldom];

export function contactArgs(contact: Contact): Args {
  const { contactId, campaignId, accountId, group, priority, debtMinor, loadedAtMs, phones } = contact;
  const { lineTypes, nameParts, region, debtSince, heldOutBefore, closedAtLoad } = contact;
  // Keys without a value fall away in JSON.
  const seldom = { lineTypes, nameParts, region, debtSince, heldOutBefore, closedAtLoad } as Seldom;
  const rest: Rest = [contact.name, contact.currency, contact.dueDate ?? null, contact.language, contact.timezone, contact.fields, contact.loadId, seldom];
  const mark = closedAtLoad === undefined ? (contact.awaitsCommit === true ? '!' : '') : `:${closedAtLoad.disposition}:${closedAtLoadReason(closedAtLoad)}`;
  return [contactId, campaignId, accountId, `${group === 'held_out' ? 'h' : 'c'}${mark}`, priority, debtMinor, loadedAtMs, JSON.stringify(rest), phones.length, ...phones];
}

/** A past attempt as history keeps it; numbers stay where the scripts look for them (the start is the fifth). */
function pastJson(attempt: Attempt): string {
  const { attemptId, outcome, heardWhole, phoneIndex, startedAtMs, response } = pastAttemptOf(attempt);
  return JSON.stringify([attemptId, outcome, heardWhole ? 1 : 0, phoneIndex, startedAtMs, response ?? '']);
}

/** How the attempt's entry in a history begins. */
export function pastStart(attemptId: string): string {
  return `[${JSON.stringify(attemptId)}`;
}

function readHistory(history: string): PastAttempt[] {
  if (history === '') return [];
  const entries = JSON.parse(`[${history}]`) as [string, Outcome, number, number, number, PastAttempt['response'] | ''][];
  return entries.map(([attemptId, outcome, heardWhole, phoneIndex, startedAtMs, response]) => ({
    attemptId, outcome, heardWhole: heardWhole === 1, phoneIndex, startedAtMs, ...(response === '' || response === undefined ? {} : { response }),
  }));
}

export function beginArgs(lease: Lease, attempt: BegunAttempt, facts: ContactFacts, channels: readonly ChannelLimit[]): Args {
  const smallest = new Map<string, number>();
  for (const { key, max } of channels) smallest.set(key, Math.min(max, smallest.get(key) ?? Infinity));
  const seen = facts.phones.find(({ phone }) => phone === attempt.phone);
  return [
    lease.contactId, lease.token, lease.dialerId, JSON.stringify(attempt), attempt.attemptId, attempt.phone, attempt.begunAtMs, facts.person.version, seen?.version ?? '',
    attempt.begunAtMs - MONTH_MS, smallest.size, ...[...smallest].flat(),
  ];
}

export function settleArgs(lease: Lease, { attempt, next, optOut, nowMs }: Settlement): Args {
  const optsOut = optOut.length > 0 || attempt?.response.kind === 'opt_out';
  return [
    lease.contactId, lease.token, lease.dialerId, nowMs, ...nextArgs(next),
    ...(attempt === null ? ['', '', '', ''] : [JSON.stringify(attempt), pastJson(attempt), attempt.startedAtMs, attempt.outcome === 'human' ? '1' : '']),
    optsOut ? '1' : '', optOut.length, ...optOut.flatMap(dncArgs),
  ];
}

export function replayArgs(attempt: Attempt, next: NextStep, nowMs: number): Args {
  return [
    attempt.contactId, nowMs, ...nextArgs(next), JSON.stringify(attempt), pastJson(attempt), attempt.attemptId, pastStart(attempt.attemptId), attempt.phone, attempt.startedAtMs,
    attempt.outcome === 'human' ? '1' : '', attempt.response.kind === 'opt_out' ? '1' : '', attempt.endedAtMs,
  ];
}

function nextArgs(next: NextStep): Args {
  return next.kind === 'wait' ? ['wait', next.dueAtMs, ''] : ['close', next.disposition, next.reason];
}

export function dncArgs({ phone, reason, addedAtMs, expiresAtMs }: DncEntry): Args {
  return [phone, reason, addedAtMs, expiresAtMs ?? ''];
}

export function restoreArgs({ contact, attempts, closed, dueAtMs }: RestoredContact): Args {
  return [
    ...contactArgs(contact), closed?.disposition ?? '', dueAtMs, attempts.map(pastJson).join(','), attempts.length,
    ...attempts.flatMap(({ phone, startedAtMs, outcome, response, endedAtMs }) => [phone, startedAtMs, outcome === 'human' ? '1' : '', response.kind === 'opt_out' ? '1' : '', endedAtMs]),
  ];
}

export function leaseArgs({ contactId, token, dialerId }: Lease): Args {
  return [contactId, token, dialerId];
}

export function text(reply: Reply | undefined): string {
  return typeof reply === 'string' ? reply : typeof reply === 'number' ? String(reply) : unfit('a text', reply);
}

export function num(reply: Reply | undefined): number {
  return typeof reply === 'number' ? reply : typeof reply === 'string' && reply !== '' ? Number(reply) : unfit('a number', reply);
}

/** '' is null. */
export function numOrNull(reply: Reply | undefined): number | null {
  return reply === '' ? null : num(reply);
}

export function list(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? (reply as readonly Reply[]) : unfit('a list', reply);
}

function unfit(expected: string, reply: Reply | undefined): never {
  // Never what was found: it may hold a phone.
  throw new ObzvonError('storage', `the ledger on Redis answered ${reply === null ? 'nothing' : typeof reply}, expected ${expected}: it was written by another version of obzvon`);
}

/** As lib/facts.lua writes them. */
export function readFacts(reply: Reply | undefined): ContactFacts {
  const [id, campaignId, accountId, group, priority, debtMinor, loadedAtMs, restJson, history, starts, talked, optedOut, version, hasPayment, paidMinor, phones] = list(reply);
  const [name, currency, dueDate, language, timezone, fields, loadId, seldom] = JSON.parse(text(restJson)) as Rest;
  const startTexts = text(starts);
  const facts = list(phones).map((entry) => {
    const [phone, lastCallAtMs, inCall, dncReason, phoneVersion] = list(entry);
    const reason = text(dncReason);
    return { phone: text(phone), lastCallAtMs: numOrNull(lastCallAtMs), inCall: inCall === 1, dncReason: reason === '' ? null : reason.slice(1), version: num(phoneVersion) };
  });
  const groupName: Group = group === 'h' ? 'held_out' : 'called';
  return {
    contact: {
      contactId: text(id), campaignId: text(campaignId), accountId: text(accountId), name, debtMinor: num(debtMinor), currency, ...(dueDate === null ? {} : { dueDate }),
      language, timezone, phones: facts.map(({ phone }) => phone), group: groupName, priority: num(priority), fields, loadId, loadedAtMs: num(loadedAtMs), ...seldom,
    },
    attempts: readHistory(text(history)),
    person: { callStartsMs: startTexts === '' ? [] : startTexts.split(',').map(Number), lastConversationAtMs: numOrNull(talked), optedOut: optedOut === 1, version: num(version) },
    phones: facts,
    paidMinor: num(paidMinor),
    hasPayment: hasPayment === 1,
  };
}

const stopReasonSchema = z.enum(['paid', 'opted_out', 'stopped']);

export function readStopRequests(reply: Reply): StopRequest[] {
  return list(reply).map((entry) => {
    const [attemptId, contactId, reason] = list(entry);
    return { attemptId: text(attemptId), contactId: text(contactId), reason: stopReasonSchema.parse(reason) };
  });
}

/** The stops of one dialer, a flat list of contactId, and reason and attemptId joined by a space. */
export function readStops(reply: Reply): StopRequest[] {
  const flat = list(reply).map(text);
  const requests: StopRequest[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const found = flat[at + 1]!;
    const space = found.indexOf(' ');
    requests.push({ attemptId: found.slice(space + 1), contactId: flat[at]!, reason: stopReasonSchema.parse(found.slice(0, space)) });
  }
  return requests.sort((a, b) => (a.contactId < b.contactId ? -1 : 1));
}
