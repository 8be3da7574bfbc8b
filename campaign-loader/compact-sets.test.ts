import { expect, test } from 'vitest';
import { contactIdOf } from '../core/ids.ts';
import { ContactIdSet } from './compact-sets.ts';

test('ContactIdSet is a set, also of ids made in another way', () => {
  const ids = Array.from({ length: 5000 }, (_, index) => (index % 50 === 0 ? `other-${index}` : contactIdOf('c', String(index))));
  const set = new ContactIdSet();
  for (const id of ids) expect(set.add(id)).toBe(true);
  for (const id of ids) expect(set.add(id)).toBe(false);
  expect(set.size).toBe(5000);
  expect(ids.every((id) => set.has(id))).toBe(true);
  expect(set.has(contactIdOf('c', 'nobody'))).toBe(false);
  expect(set.has('nobody')).toBe(false);
});

test('ContactIdSet tells ids apart that share all of their first 64 bits but one, however many it was made for', () => {
  for (const expected of [0, 100_000]) {
    const set = new ContactIdSet(expected);
    const ids = ['0'.repeat(32), `${'0'.repeat(7)}1${'0'.repeat(24)}`, `${'0'.repeat(8)}1${'0'.repeat(23)}`, `1${'0'.repeat(31)}`, 'f'.repeat(32), `${'f'.repeat(15)}e${'f'.repeat(16)}`];
    for (const id of ids) expect(set.add(id)).toBe(true);
    for (const id of ids) expect(set.has(id)).toBe(true);
    expect(set.size).toBe(ids.length);
  }
});
