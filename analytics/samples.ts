import type { Attempt } from '../core/attempt.ts';
import type { Contact } from '../core/contact.ts';
import { hashFraction } from '../core/ids.ts';
import { OUTCOMES } from '../core/outcome.ts';

const DAY_MS = 86_400_000;
/** 2025-11-03T08:00:00Z, a Monday. */
export const SAMPLE_START_MS = Date.UTC(2025, 10, 3, 8);

/** A made-up contact, the same for the same arguments; for tests and benchmarks. */
export function sampleContact(campaignId: string, number: number, over: Partial<Contact> = {}): Contact {
  const chance = (what: string): number => hashFraction(campaignId, what, String(number));
  return {
    contactId: `contact-${campaignId}-${number}`,
    campaignId,
    accountId: `account-${number}`,
    name: 'Somebody',
    debtMinor: 1 + Math.floor(chance('debt') ** 3 * 900_000),
    currency: 'UAH',
    language: (['uk', 'ru', 'en'] as const)[Math.floor(chance('language') * 3)]!,
    timezone: ['Europe/Kyiv', 'Europe/Warsaw', 'Asia/Kolkata'][Math.floor(chance('timezone') * 3)]!,
    phones: [`+38067${String(1_000_000 + number)}`],
    group: chance('group') < 0.2 ? 'held_out' : 'called',
    priority: 5,
    fields: {},
    loadId: 'load-1',
    loadedAtMs: SAMPLE_START_MS - 3_600_000 + number,
    ...over,
  };
}

/** A made-up attempt to a contact; answered ones are heard and promise by chance. */
export function sampleAttempt(contact: Contact, attemptNumber: number, over: Partial<Attempt> = {}): Attempt {
  const chance = (what: string): number => hashFraction(contact.contactId, what, String(attemptNumber));
  const outcome = chance('outcome') < 0.4 ? 'human' : OUTCOMES[Math.floor(chance('other') * OUTCOMES.length)]!;
  const answered = ['human', 'machine', 'message_left', 'fax', 'silence'].includes(outcome);
  const startedAtMs = SAMPLE_START_MS + Math.floor(chance('start') * 3 * DAY_MS);
  const human = outcome === 'human';
  const promised = human && chance('promise') < 0.3;
  return {
    attemptId: `019a4f00-${contact.contactId}-${attemptNumber}`,
    contactId: contact.contactId,
    campaignId: contact.campaignId,
    accountId: contact.accountId,
    group: contact.group,
    language: contact.language,
    timezone: contact.timezone,
    attemptNumber,
    phone: contact.phones[0]!,
    phoneIndex: 0,
    trunk: `trunk-${Math.floor(chance('trunk') * 3)}`,
    callerId: '+380441112233',
    dialerId: 'dialer-1',
    outcome,
    endedBy: human ? 'callee' : 'network',
    sipStatus: answered ? 200 : 486,
    q850Cause: answered ? 16 : 17,
    startedAtMs,
    endedAtMs: startedAtMs + 40_000,
    answeredAtMs: answered ? startedAtMs + 9_000 : null,
    postDialDelayMs: 1_200,
    ringMs: 7_800,
    verdict: answered ? 'human' : null,
    verdictConfidence: answered ? 0.93 : null,
    verdictReason: answered ? 'short greeting, then silence' : null,
    verdictAudioMs: answered ? 1_480 : null,
    verdictLatencyMs: answered ? 1_530 : null,
    talkMs: answered ? 31_000 : 0,
    messageMs: 18_000,
    heardMs: human ? 18_000 : 0,
    heardWhole: human && chance('heard') < 0.8,
    digits: promised ? '1' : '',
    response: promised ? { kind: 'promise_to_pay', promisedDate: '2025-11-10' } : { kind: 'none' },
    ...over,
  };
}
