import { describe, expect, test } from 'vitest';
import { campaignSchema, type Campaign } from '../core/campaign.ts';
import { contactSchema, type Contact } from '../core/contact.ts';
import { contactIdOf } from '../core/ids.ts';
import { ListChecks } from './list-checks.ts';
import { ListKnowledge } from './list-knowledge.ts';

const NOW_MS = Date.parse('2026-11-20T10:00:00Z');
const DAY_MS = 86_400_000;

function campaignWith(changes: Record<string, unknown> = {}): Campaign {
  return campaignSchema.parse({
    id: 'november', name: 'n', company: 'c', startsAt: '2026-11-21T00:00:00Z', expiresAt: '2026-12-31T00:00:00Z', trunks: ['a'], callerIds: ['+380441234567'],
    maxCallsPerSecond: 10, maxChannels: 10, holdOutShare: 0, flow: { start: 'e', steps: { e: { kind: 'hangup' } } }, ...changes,
  });
}

function contact(accountId: string, phones: string[], changes: Partial<Contact> = {}): Contact {
  const campaignId = changes.campaignId ?? 'november';
  return contactSchema.parse({
    contactId: contactIdOf(campaignId, accountId), campaignId, accountId, name: 'n', debtMinor: 100_000, currency: 'UAH', language: 'uk', timezone: 'Europe/Kyiv',
    phones, group: 'called', loadId: 'l', loadedAtMs: NOW_MS, ...changes,
  });
}

const [P1, P2] = ['+380671234567', '+380501234567'];
const given = (settings: Record<string, unknown> = {}, tell: (known: ListKnowledge) => void = () => undefined): ListChecks => {
  const campaign = campaignWith(settings);
  const known = new ListKnowledge(campaign, NOW_MS);
  tell(known);
  return new ListChecks(campaign, known);
};
const codes = (verdict: ReturnType<ListChecks['judge']>): string[] =>
  verdict.kind === 'refused' ? verdict.problems.map((problem) => `${problem.field}.${problem.code}`) : verdict.kind === 'duplicate' ? [] : verdict.remarks.map((problem) => `${problem.field}.${problem.code}`);

describe('repeats', () => {
  test('an account once in a list; one that the campaign has is passed over', () => {
    const checks = given({}, (known) => { known.addContact(contact('2', [P2])); });
    expect(checks.judge(contact('1', [P1])).kind).toBe('accepted');
    expect(codes(checks.judge(contact('1', [P2])))).toEqual(['account_id.duplicate_account']);
    expect(checks.judge(contact('2', [P1])).kind).toBe('duplicate');
    expect(codes(checks.judge(contact('2', [P1])))).toEqual(['account_id.duplicate_account']);
  });

  test('a refused row does not stand in the way of the same account further down', () => {
    const checks = given({ list: { duplicates: { phone: 'refuse' } } });
    checks.judge(contact('1', [P1]));
    expect(codes(checks.judge(contact('2', [P1])))).toEqual(['phones.duplicate_phone']);
    expect(checks.judge(contact('2', [P2])).kind).toBe('accepted');
  });

  test.each([['keep', 'accepted', []], ['remark', 'accepted', ['phones.duplicate_phone']], ['refuse', 'refused', ['phones.duplicate_phone']]])('a number twice, policy %s: %s', (phone, kind, found) => {
    const checks = given({ list: { duplicates: { phone } } });
    checks.judge(contact('1', [P1]));
    const verdict = checks.judge(contact('2', [P2, P1]));
    expect([verdict.kind, codes(verdict)]).toEqual([kind, found]);
    expect(checks.report().sharedPhones).toBe(kind === 'refused' ? 0 : 1);
  });

  test('accounts and numbers of other campaigns count for as many days as the campaign says', () => {
    const tell = (known: ListKnowledge): void => {
      known.addContact(contact('1', [P1], { campaignId: 'october', loadedAtMs: NOW_MS - 9 * DAY_MS }));
      known.addContact(contact('3', ['+380931234567'], { campaignId: 'october', loadedAtMs: NOW_MS - 11 * DAY_MS }));
      known.addContact(contact('4', ['+380931234568'], { campaignId: 'october', group: 'held_out' }));
    };
    const checks = given({ list: { notCalledWithinDays: 10 } }, tell);
    expect(codes(checks.judge(contact('1', [P2])))).toEqual(['account_id.called_recently']);
    const sameNumber = checks.judge(contact('2', [P1]));
    expect([sameNumber.kind, codes(sameNumber)]).toEqual(['accepted', ['phones.called_recently']]);
    expect(codes(checks.judge(contact('3', ['+380931234567'])))).toEqual([]);
    expect(codes(checks.judge(contact('4', ['+380931234568'])))).toEqual([]);
    expect(codes(given({}, tell).judge(contact('1', [P1])))).toEqual([]);
  });
});

describe('one number on many accounts', () => {
  test('the first accounts have it, the others lose it, and a row left without a number is refused', () => {
    const checks = given({ list: { maxAccountsPerPhone: 3 } });
    for (const account of ['1', '2', '3']) expect(checks.judge(contact(account, [P1])).kind).toBe('accepted');
    const fourth = checks.judge(contact('4', [P1, P2], { lineTypes: ['mobile', 'fixed'] }));
    expect(fourth).toMatchObject({ kind: 'accepted', contact: { phones: [P2], lineTypes: ['fixed'] }, remarks: [{ code: 'shared_by_too_many', found: P1 }] });
    expect(codes(checks.judge(contact('5', [P1])))).toEqual(['phones.shared_by_too_many']);
    expect(checks.report()).toMatchObject({ sharedPhones: 1, mostAccountsOnOnePhone: 3 });
  });

  test('what the campaign has already counts', () => {
    const checks = given({ list: { maxAccountsPerPhone: 2 } }, (known) => { for (const account of ['a', 'b']) known.addContact(contact(account, [P1])); });
    expect(codes(checks.judge(contact('1', [P1])))).toEqual(['phones.shared_by_too_many']);
  });

  test('a number called for one account and held out for another is counted', () => {
    const checks = given();
    checks.judge(contact('1', [P1]));
    checks.judge(contact('2', [P1], { group: 'held_out' }));
    checks.judge(contact('3', [P1], { group: 'held_out' }));
    expect(checks.report().phonesInBothGroups).toBe(1);
  });
});

describe('who must not be called ends with the disposition, not without a trace', () => {
  const suppress = (accountId: string, expiresAtMs: number | null = null) => ({ kind: 'suppress_add', accountId, reason: 'dispute', expiresAtMs, atMs: 1 }) as const;
  const block = (phone: string, expiresAtMs: number | null = null) => ({ kind: 'dnc_add', phone, reason: 'asked', code: 'regulator', expiresAtMs, atMs: 1 }) as const;

  test.each<[string, (known: ListKnowledge) => void, unknown]>([
    ['an account on a suppression list', (known) => { known.addCommand(suppress('1')); }, { disposition: 'suppressed', reason: 'dispute' }],
    ['one that was taken off it', (known) => { known.addCommand(suppress('1')); known.addCommand({ kind: 'suppress_remove', accountId: '1', atMs: 2 }); }, undefined],
    ['one put back on', (known) => { known.addCommand(suppress('1')); known.addCommand({ kind: 'suppress_remove', accountId: '1', atMs: 2 }); known.addCommand(suppress('1')); }, { disposition: 'suppressed', reason: 'dispute' }],
    ['one whose time is over when the campaign starts', (known) => { known.addCommand(suppress('1', Date.parse('2026-11-21T00:00:00Z'))); }, undefined],
    ['one whose time ends in the campaign', (known) => { known.addCommand(suppress('1', Date.parse('2026-12-01T00:00:00Z'))); }, { disposition: 'suppressed', reason: 'dispute' }],
    ['every number on the do-not-call list', (known) => { known.addCommand(block(P1)); known.addCommand(block(P2)); }, { disposition: 'suppressed', reason: 'regulator' }],
    ['a number that is free again before the end', (known) => { known.addCommand(block(P1, Date.parse('2026-12-01T00:00:00Z'))); known.addCommand(block(P2)); }, undefined],
    ['paid since the list was made', (known) => { known.addPayment({ accountId: '1', amountMinor: 1, paidAtMs: Date.parse('2026-11-19T12:00:00Z'), currency: 'UAH' }); }, { disposition: 'paid', reason: 'payments' }],
    ['paid before the list was made', (known) => { known.addPayment({ accountId: '1', amountMinor: 1, paidAtMs: Date.parse('2026-11-18T12:00:00Z'), currency: 'UAH' }); }, undefined],
  ])('%s', (_name, tell, closedAtLoad) => {
    const checks = given({ list: { asOf: '2026-11-19T00:00:00Z' } }, tell);
    const verdict = checks.judge(contact('1', [P1, P2]));
    expect(verdict.kind).toBe(closedAtLoad === undefined ? 'accepted' : 'closed');
    if (verdict.kind === 'closed') expect(contactSchema.parse(verdict.contact).closedAtLoad).toEqual(closedAtLoad);
    expect(Object.values(checks.report().closed)).toEqual(closedAtLoad === undefined ? [] : [1]);
  });

  test('a contact with one blocked number goes on with the others', () => {
    const checks = given({}, (known) => { known.addCommand(block(P1)); });
    expect(checks.judge(contact('1', [P1, P2]))).toMatchObject({ kind: 'accepted', contact: { phones: [P1, P2] }, remarks: [{ code: 'on_do_not_call_list', found: P1 }] });
  });
});

test('whoever an earlier campaign held out can be kept out of this one', () => {
  const before = contact('1', [P1], { campaignId: 'october', group: 'held_out' });
  const tell = (known: ListKnowledge): void => { known.addContact(before); };
  expect(given({ holdOut: { keepFrom: ['october'] } }, tell).judge(contact('1', [P2]))).toMatchObject({ contact: { group: 'held_out', heldOutBefore: 'october' } });
  expect(given({}, tell).judge(contact('1', [P2]))).toMatchObject({ contact: { group: 'called' } });
});
