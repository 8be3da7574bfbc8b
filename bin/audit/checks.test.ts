import { expect, test } from 'vitest';
import type { Attempt } from '../../core/attempt.ts';
import type { JournalEntry } from '../../dialer/simulator/journal.ts';
import { checkSwitch, type Evidence } from './checks.ts';

const AT_MS = Date.parse('2026-11-23T08:00:00Z');

const attempt = (changes: Partial<Attempt> = {}): Attempt => ({
  attemptId: 'a', contactId: 'c', campaignId: 'k', accountId: '1', group: 'called', language: 'uk', timezone: 'Europe/Kyiv', attemptNumber: 1, phone: '+380670000001', phoneIndex: 0,
  trunk: 'main', callerId: '+380440000001', dialerId: 'd', outcome: 'failed', endedBy: 'network', sipStatus: 0, q850Cause: 0, startedAtMs: AT_MS, endedAtMs: AT_MS + 100, answeredAtMs: null,
  postDialDelayMs: null, ringMs: 0, verdict: null, verdictConfidence: null, verdictReason: null, verdictAudioMs: null, verdictLatencyMs: null, talkMs: 0, messageMs: 0, heardMs: 0,
  heardWhole: false, digits: '', response: { kind: 'none' }, ...changes,
});

/** Another call that the switch saw, cut off with its connection at `atMs`. */
const cut = (atMs: number): JournalEntry[] => [
  { kind: 'invite', atMs: atMs - 5000, wallMs: atMs - 5000, attemptId: 'b', phone: '+380670000002', callerId: '+380440000001', persona: 'human' },
  { kind: 'ended', atMs, attemptId: 'b', phone: '+380670000002', persona: 'human', answered: false, heardMs: 0, by: 'crash' },
];

const held = (attempts: Attempt[], journal: JournalEntry[]): boolean =>
  checkSwitch({
    contacts: new Map(), closed: [], attempts: [...attempts, attempt({ attemptId: 'b' })], payments: [], unfinished: 0, journal, minGapMs: 0,
    analytics: { attemptIds: new Set(), attemptRows: 0, contacts: 0, dispositions: 0 },
  } satisfies Evidence).every((check) => check.ok);

test.each<[string, Attempt[], JournalEntry[], boolean]>([
  ['it was sent as the connection broke', [attempt()], cut(AT_MS + 50), true],
  ['it was lost in a crash', [attempt({ outcome: 'lost' })], cut(AT_MS + 3_600_000), true],
  ['nothing broke at that time', [attempt()], cut(AT_MS + 3_600_000), false],
  ['it rang', [attempt({ postDialDelayMs: 900 })], cut(AT_MS + 50), false],
  ['somebody answered', [attempt({ answeredAtMs: AT_MS + 50 })], cut(AT_MS + 50), false],
  ['the switch refused it', [attempt({ sipStatus: 503 })], cut(AT_MS + 50), false],
  ['it ended otherwise', [attempt({ outcome: 'no_answer' })], cut(AT_MS + 50), false],
])('an attempt the switch never saw: %s', (_how, attempts, journal, ok) => {
  expect(held(attempts, journal)).toBe(ok);
});
