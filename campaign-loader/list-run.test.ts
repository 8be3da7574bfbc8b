import { expect, test } from 'vitest';
import { campaignSchema } from '../core/campaign.ts';
import type { Contact } from '../core/contact.ts';
import type { ContactSink } from './contact-sinks.ts';
import type { DecimalMark } from './debt.ts';
import { knowingNothing } from './known-contacts.ts';
import { ListRun } from './list-run.ts';
import type { ListRow } from './list-row.ts';
import type { OpenRows } from './open-rows.ts';
import type { FileUnderstanding } from './understanding.ts';

const campaign = campaignSchema.parse({
  id: 'november', name: 'n', company: 'c', startsAt: '2026-11-21T00:00:00Z', expiresAt: '2026-12-31T00:00:00Z', trunks: ['a'], callerIds: ['+380441234567'], maxCallsPerSecond: 10, maxChannels: 10,
  flow: { start: 'e', steps: { e: { kind: 'hangup' } } },
});
const file = (decimalMark: DecimalMark | null): FileUnderstanding => ({
  name: 'list.csv', format: 'csv', compression: 'none', encoding: 'utf-8', delimiter: ';', quote: '"', decimalMark, sheet: null, otherSheets: [], headingLine: 1, columns: [], firstRows: [],
});
const row = { line: 2, accountId: '1', name: 'Шевченко Тарас', phones: [['phone', '0671234567']], debt: '1,234', original: [] } as const;

/** A list of one row whose files show these decimal marks. */
function listOf(marks: readonly (DecimalMark | null)[]): OpenRows {
  const blank = { file: 'list.csv', currency: '', dueDate: '', language: '', timezone: '', priority: '', region: '', address: '', debtSince: '', disputed: '', minor: '', birthDate: '', paid: '', nameParts: { first: '', last: '', patronymic: '' }, extra: [] };
  const rows = [[{ kind: 'row', row: { ...blank, ...row } satisfies ListRow } as const]];
  return {
    name: 'list.csv', understood: { files: marks.map(file) },
    rows: { [Symbol.asyncIterator]: () => { const left = rows.values(); return { next: () => Promise.resolve(left.next()) }; } },
    passedOver: () => [], bytes: () => 0, totalBytes: null, headings: [], contentHash: () => '', close: () => Promise.resolve(),
  };
}

test.each<[string, (DecimalMark | null)[], number | null]>([
  ['a file of dots', ['.'], 123_400], ['a file of commas, where three decimals are no amount', [','], null], ['a file that shows nothing', [null], null],
  ['one that shows nothing beside one of dots', [null, '.'], 123_400], ['files that disagree', ['.', ','], null],
])('1,234 in %s', async (_name, marks, debtMinor) => {
  const taken: Contact[] = [];
  const sink: ContactSink = { take: (contacts) => { taken.push(...contacts); return Promise.resolve(); }, finish: () => Promise.resolve(), abandon: () => Promise.resolve() };
  await new ListRun({ campaign, list: listOf(marks), knowledge: knowingNothing(campaign, 0), loadId: 'l', loadedAtMs: 0, refusedPath: null, staged: false }, sink).read();
  expect(taken.map((contact) => contact.debtMinor)).toEqual(debtMinor === null ? [] : [debtMinor]);
});
