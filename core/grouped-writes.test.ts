import { expect, test } from 'vitest';
import { GroupedWrites } from './grouped-writes.ts';
import { ObzvonError } from './errors.ts';

/** A store that writes at once. */
const root = { childTransaction: <T>(work: () => T) => Promise.resolve(work()) } as ConstructorParameters<typeof GroupedWrites>[0];
const fault = (cause: unknown) => new ObzvonError('storage', String(cause));

test('a write is never forgotten, however soon after another’s answer it is asked for', async () => {
  for (let ticks = 0; ticks < 12; ticks++) {
    const writes = new GroupedWrites(root, fault);
    await writes.write(() => 'first');
    for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
    expect(await writes.write(() => 'second')).toBe('second');
    await writes.settled();
  }
});

test('an ObzvonError is its caller’s alone; anything else is the whole group’s', async () => {
  const writes = new GroupedWrites(root, fault);
  const refused = writes.write(() => { throw new ObzvonError('locked', 'held'); });
  const good = writes.write(() => 1);
  await expect(refused).rejects.toMatchObject({ code: 'locked' });
  expect(await good).toBe(1);
  const broken = writes.write(() => { throw new Error('no room'); });
  const beside = writes.write(() => 2);
  await expect(broken).rejects.toMatchObject({ code: 'storage', message: 'Error: no room' });
  await expect(beside).rejects.toMatchObject({ code: 'storage' });
  expect(await writes.write(() => 3)).toBe(3);
});
