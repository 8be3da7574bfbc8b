import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { campaignSchema, type Campaign } from '../core/campaign.ts';
import { contactSchema, type Contact } from '../core/contact.ts';
import { checkRow, type RowVerdict } from './check-row.ts';
import type { DecimalMark } from './debt.ts';
import { ListChecks } from './list-checks.ts';
import { ListKnowledge } from './list-knowledge.ts';
import type { ListRow } from './list-row.ts';
import { PROBLEM_CODES } from './problem.ts';

const campaignWith = (changes: Record<string, unknown> = {}): Campaign =>
  campaignSchema.parse({
    id: 'november', name: 'n', company: 'c', startsAt: '2026-11-21T00:00:00+02:00', expiresAt: '2026-12-31T00:00:00Z', trunks: ['a'], callerIds: ['+380441234567'], maxCallsPerSecond: 10, maxChannels: 10,
    flow: { start: 'e', steps: { e: { kind: 'hangup' } } }, ...changes,
  });
const blank: ListRow = {
  file: 'list.csv', line: 2, accountId: '1', name: 'Шевченко Тарас Григорович', phones: [['phone', '0671234567']], debt: '100', currency: '', dueDate: '', language: '', timezone: '', priority: '', region: '', address: '', debtSince: '',
  disputed: '', minor: '', birthDate: '', paid: '', nameParts: { first: '', last: '', patronymic: '' }, extra: [], original: [],
};
const NOW_MS = Date.parse('2026-11-20T10:00:00Z');
const check = (changes: Partial<ListRow>, settings: Record<string, unknown> = {}, decimalMark: DecimalMark | null = null): RowVerdict =>
  checkRow({ ...blank, ...changes }, { campaign: campaignWith(settings), loadId: 'l', loadedAtMs: NOW_MS, decimalMark });
const accepted = (changes: Partial<ListRow>, settings: Record<string, unknown> = {}): Contact => {
  const verdict = check(changes, settings);
  if (verdict.kind !== 'accepted') throw new Error(`refused: ${JSON.stringify(verdict.problems)}`);
  return verdict.contact;
};
const codes = (verdict: RowVerdict): string[] => (verdict.kind === 'accepted' ? verdict.remarks : verdict.problems).map((problem) => `${problem.field}.${problem.code}`);

test('a row becomes a contact with its name taken apart, its line type, its region', () => {
  const contact = accepted({ region: 'Львівська обл.', address: 'вул. Франка 1', debtSince: '01.03.2026', extra: [['street', 'x']] });
  expect(contactSchema.parse(contact)).toEqual(contact);
  expect(contact).toMatchObject({
    name: 'Шевченко Тарас Григорович', nameParts: { first: 'Тарас', patronymic: 'Григорович', last: 'Шевченко' }, lineTypes: ['mobile'], region: 'Lviv', debtSince: '2026-03-01',
    fields: { region: 'Львівська обл.', address: 'вул. Франка 1', street: 'x' },
  });
});

test('a name in columns of its own', () => {
  expect(accepted({ name: '', nameParts: { first: 'ТАРАС', last: 'ШЕВЧЕНКО', patronymic: '' } })).toMatchObject({ name: 'Шевченко Тарас', nameParts: { first: 'Тарас', last: 'Шевченко' } });
});

test.each<[string, Partial<ListRow>, string, string]>([
  ['the column goes before all', { timezone: 'Asia/Tomsk', language: 'en', region: 'Одеська', address: 'Омская обл.' }, 'Asia/Tomsk', 'en'],
  ['then the region', { region: 'Новосибирская область', address: 'Омская обл., Омск' }, 'Asia/Novosibirsk', 'ru'],
  ['then the address', { address: '644000, Омская область, г. Омск, ул. Ленина, 1' }, 'Asia/Omsk', 'ru'],
  ['then the first number', { phones: [['phone', '+74232212345; +380671234567']] }, 'Asia/Vladivostok', 'uk'],
  ['then the campaign', { phones: [['phone', '+79161234567']] }, 'Europe/Warsaw', 'uk'],
  ['a region nobody knows says nothing', { region: 'Мордор' }, 'Europe/Kyiv', 'uk'],
])('timezone and language: %s', (_name, changes, timezone, language) => {
  expect(accepted(changes, { defaultTimezone: 'Europe/Warsaw' })).toMatchObject({ timezone, language });
});

test.each<[string, Partial<ListRow>, unknown]>([
  ['paid', { paid: 'так' }, { disposition: 'paid', reason: 'list' }],
  ['paid goes before the dispute', { paid: '1', disputed: '1' }, { disposition: 'paid', reason: 'list' }],
  ['in dispute', { disputed: 'спір' }, { disposition: 'suppressed', reason: 'dispute' }],
  ['in dispute since a day', { disputed: '01.10.2026' }, { disposition: 'suppressed', reason: 'dispute' }],
  ['a minor by column', { minor: 'yes' }, { disposition: 'suppressed', reason: 'minor' }],
  ['of age a day after the campaign starts', { birthDate: '22.11.2008' }, { disposition: 'suppressed', reason: 'minor' }],
  ['of age when the campaign starts', { birthDate: '21.11.2008' }, undefined],
  ['nothing of it', { paid: 'ні', disputed: '0', minor: '-', birthDate: '1980-01-01' }, undefined],
])('%s', (_name, changes, closedAtLoad) => expect(accepted(changes).closedAtLoad).toEqual(closedAtLoad));

test.each<[string, Partial<ListRow>, Record<string, unknown>, string[]]>([
  ['under the floor', { debt: '99,99' }, { list: { minDebt: 100 } }, ['debt.under_limit']],
  ['on the floor', { debt: '100' }, { list: { minDebt: 100 } }, []],
  ['over the ceiling', { debt: '1000,01' }, { list: { maxDebt: 1000 } }, ['debt.over_limit']],
  ['too much was paid', { debt: '-5,00' }, {}, ['debt.negative']],
  ['another currency by column', { currency: 'RUB' }, {}, ['currency.other_currency']],
  ['another currency that may stay', { currency: 'PLN' }, { list: { otherCurrency: 'keep' } }, []],
  ['another currency by sign', { debt: '100 руб.' }, {}, ['debt.other_currency']],
  ['sign and column apart', { debt: '100 грн', currency: 'PLN' }, { list: { otherCurrency: 'keep' } }, ['debt.other_currency']],
  ['sign and column as one', { debt: '100 грн', currency: 'uah' }, {}, []],
  ['rubles of Belarus', { debt: '100 руб' }, { currency: 'BYN' }, []],
  ['an amount under "paid" says nothing', { paid: '512,30' }, {}, ['paid.not_a_flag']],
  ['words nobody knows under "in dispute"', { disputed: 'розглядається' }, {}, ['disputed.not_a_flag']],
  ['a date of birth that is none', { birthDate: '00.00.0000' }, {}, ['birth_date.not_a_date']],
  ['an age of debt that is none', { debtSince: 'давно' }, {}, ['debt_since.not_a_date']],
  ['a premium line', { phones: [['phone', '0900201234']] }, {}, ['phone.line_type_skipped']],
  ['a premium line that the campaign takes', { phones: [['phone', '0900201234']] }, { list: { skipLineTypes: [] } }, []],
])('%s', (_name, changes, settings, found) => expect(codes(check(changes, settings))).toEqual(found));

describe('an amount that can be read two ways', () => {
  test('is refused, unless the campaign or the list says how; then it is remarked', () => {
    expect(codes(check({ debt: '1,234' }))).toEqual(['debt.ambiguous_amount']);
    expect(check({ debt: '1,234' }, { list: { decimalMark: 'dot' } })).toMatchObject({ kind: 'accepted', contact: { debtMinor: 123_400 }, remarks: [] });
    expect(check({ debt: '1.234' }, {}, ',')).toMatchObject({ kind: 'accepted', contact: { debtMinor: 123_400 }, remarks: [{ code: 'decimal_mark_taken' }] });
    expect(codes(check({ debt: '1.234' }, {}, '.'))).toEqual(['debt.ambiguous_amount']);
    expect(codes(check({ debt: '1.234' }, { list: { decimalMark: 'dot' } }, ','))).toEqual(['debt.ambiguous_amount']);
  });
});

test('two who share their lowest number are in one group, if the campaign draws by phone', () => {
  for (let number = 0; number < 40; number += 1) {
    const shared = `067123${4000 + number}`;
    const [a, b] = [accepted({ accountId: 'a', phones: [['phone', shared]] }, { holdOutShare: 0.5, holdOut: { unit: 'phone' } }), accepted({ accountId: 'b', phones: [['phone', `0991234567; ${shared}`]] }, { holdOutShare: 0.5, holdOut: { unit: 'phone' } })];
    expect(a.group).toBe(b.group);
    expect(a.cluster).toBe(b.cluster);
  }
});

test('what was drawn as one, the stratum and what is tried are written into the contact before any call', () => {
  const row = { debt: '700,00', phones: [['phone', '0671234567']] as const, address: 'Київ, вул. Лісова 5' };
  expect(accepted(row, { holdOutShare: 0 })).toMatchObject({ cluster: '+380671234567', stratum: 'debt 500-2000' });
  const alone = accepted(row, { holdOutShare: 0, holdOut: { unit: 'account', strata: [] } });
  expect(alone).not.toHaveProperty('cluster');
  expect(alone).not.toHaveProperty('stratum');
  const household = accepted(row, { holdOutShare: 0, holdOut: { unit: 'household' } });
  expect(household.cluster).toMatch(/^[0-9a-f]{32}$/);
  expect(accepted({ ...row, phones: [['phone', '0501112233']] }, { holdOutShare: 0, holdOut: { unit: 'household' } }).cluster).toBe(household.cluster);
  expect([2, 5]).toContain(accepted(row, { holdOutShare: 0, experiment: { attempts: [2, 5] } }).arms?.attempts);
});

describe('whatever stands in a list', () => {
  const cell = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('', '1', '0671234567', '+380671234567; 0501234567', '3.80671E+11', '1 234,56 грн', '1,234', '-5', 'так', 'ні', '2008-11-22', '30.11.2026', 'Київська', 'Europe/Kyiv', 'uk', 'UAH', 'ТОВ "Х"', 'ІВАНЕНКО ІВАН', '#N/A', 'O67 123 45 67', '0900201234') },
    { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
    { weight: 1, arbitrary: fc.string({ unit: fc.constantFrom('0', '6', '7', '1', ' ', ',', '.', '-', '+', '(', ';', '\u00a0', 'Е', '/', '#', '\0', '\ufffd', '{'), maxLength: 30 }) },
  );
  const likely = (usual: string) => fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: cell });
  const anyRow: fc.Arbitrary<ListRow> = fc.record({
    file: fc.constant('list.csv'), line: fc.nat(), accountId: fc.oneof(fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8'), cell), name: likely('Шевченко Тарас'), phones: fc.array(fc.tuple(fc.constantFrom('phone', 'phone2'), fc.oneof(fc.constantFrom('0671234567', '0501234567'), cell)), { maxLength: 3 }),
    debt: likely('100'), currency: likely(''), dueDate: likely(''), language: likely(''), timezone: likely(''), priority: likely(''), region: likely(''), address: cell, debtSince: cell, disputed: likely(''), minor: likely(''), birthDate: likely(''), paid: likely(''),
    nameParts: fc.record({ first: cell, last: cell, patronymic: cell }), extra: fc.array(fc.tuple(fc.constantFrom('a', 'b'), cell), { maxLength: 2 }), original: fc.constant([]),
  });
  const settings = fc.record({
    holdOutShare: fc.constantFrom(0, 0.5), holdOut: fc.record({ unit: fc.constantFrom('account', 'phone'), keepFrom: fc.constantFrom([], ['october']) }),
    list: fc.record({ maxAccountsPerPhone: fc.constantFrom(1, 2, 5), notCalledWithinDays: fc.constantFrom(0, 30), duplicates: fc.record({ phone: fc.constantFrom('refuse', 'remark', 'keep'), recentAccount: fc.constantFrom('refuse', 'remark', 'keep'), recentPhone: fc.constantFrom('refuse', 'remark', 'keep') }), asOf: fc.constantFrom('2026-11-01T00:00:00Z', '2026-11-20T00:00:00Z') }),
  });

  test('each row is accepted, closed, a duplicate or refused with reasons; a contact is one that the bus takes; no number has too many accounts', () => {
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 25 }), settings, fc.constantFrom(null, '.' as const, ',' as const), (rows, changes, decimalMark) => {
        const campaign = campaignWith(changes);
        const known = new ListKnowledge(campaign, NOW_MS);
        const other = contactSchema.parse({ ...accepted({ accountId: '2' }), contactId: 'x', campaignId: 'october' });
        known.addContact(other);
        known.addContact({ ...other, accountId: '3', group: 'held_out' });
        known.addContact({ ...accepted({ accountId: '4', phones: [['phone', '0631234567']] }) });
        known.addCommand({ kind: 'suppress_add', accountId: '5', reason: 'legal', expiresAtMs: null, atMs: 1 });
        known.addCommand({ kind: 'dnc_add', phone: '+380501234567', reason: 'asked', expiresAtMs: null, atMs: 1 });
        known.addPayment({ accountId: '6', amountMinor: 100, paidAtMs: Date.parse('2026-11-10T00:00:00Z'), currency: 'UAH' });
        const checks = new ListChecks(campaign, known);
        const counts = { accepted: 0, closed: 0, duplicate: 0, refused: 0 };
        const accountsOf = new Map<string, number>();
        const ids = new Set<string>();
        for (const row of rows) {
          const verdict = checkRow(row, { campaign, loadId: 'l', loadedAtMs: NOW_MS, decimalMark });
          const judged = verdict.kind === 'accepted' ? checks.judge(verdict.contact, verdict.remarks) : verdict;
          counts[judged.kind] += 1;
          if (judged.kind === 'duplicate') continue;
          const explained = judged.kind === 'refused' ? judged.problems : judged.remarks;
          if (judged.kind === 'refused') expect(explained.length).toBeGreaterThan(0);
          for (const problem of explained) {
            expect(PROBLEM_CODES).toContain(problem.code);
            expect(problem.field.length * problem.expected.length).toBeGreaterThan(0);
          }
          if (judged.kind === 'refused') continue;
          const { contact } = judged;
          expect(contactSchema.safeParse(contact).error).toBeUndefined();
          expect(contact.lineTypes).toHaveLength(contact.phones.length);
          expect(ids.has(contact.contactId)).toBe(false);
          ids.add(contact.contactId);
          expect(judged.kind === 'closed').toBe(contact.closedAtLoad !== undefined);
          if (judged.kind === 'accepted') for (const phone of contact.phones) accountsOf.set(phone, (accountsOf.get(phone) ?? 0) + 1);
        }
        expect(counts.accepted + counts.closed + counts.duplicate + counts.refused).toBe(rows.length);
        expect(Math.max(0, ...accountsOf.values())).toBeLessThanOrEqual(campaign.list.maxAccountsPerPhone);
        const report = checks.report();
        expect(report.balance.all.called.n + report.balance.all.heldOut.n + report.balance.heldOutBefore).toBe(counts.accepted);
        expect(Object.values(report.closed).reduce((sum, n) => sum + n, 0)).toBe(counts.closed);
      }),
      { numRuns: 300 },
    );
  });
});
