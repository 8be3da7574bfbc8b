import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openBus } from '../core/bus/open.ts';
import { createLogger } from '../core/log.ts';
import { openPrints, readPrints, tellPrints } from './amd-prints.ts';

const log = createLogger({ level: 'silent' });
/** Words as no other recording has them. */
const words = (seed: number): Uint32Array => Uint32Array.from({ length: 80 }, (_, index) => Math.imul((index + 1) * 2654435761, seed * 40503 + 1) >>> 0);
const callee = (digit: string): string => digit.repeat(16);

test('a recording heard from three numbers by two dialers is learnt by both, is there after a restart, and an operator\'s word reaches all', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'obzvon-prints-'));
  const bus = await openBus(`embedded:${folder}`, { nowMs: () => 1, log });
  try {
    const here = await openPrints(bus, 'amd-here', { nowMs: () => 1, log });
    const there = await openPrints(bus, 'amd-there', { nowMs: () => 2, log });
    here.book.heard(callee('a'), null, words(1));
    expect(here.catalogue.list()).toEqual([]);
    here.book.heard(callee('b'), null, words(1));
    const { id } = here.catalogue.list()[0]!;
    await expect.poll(() => there.catalogue.list().length).toBe(1);
    there.book.heard(callee('c'), id, null);
    await expect.poll(() => here.catalogue.list()[0]!.state.kind).toBe('learnt');
    expect(there.book.meaningOf(id)).toBeNull();
    await tellPrints(bus, [{ kind: 'confirmed', printId: id, means: 'announcement', name: 'not in service', atMs: 3 }]);
    await expect.poll(() => [here, there].map(({ book }) => book.meaningOf(id)?.name)).toEqual(['not in service', 'not in service']);
    await here.stop();
    await there.stop();
    const later = await readPrints(bus);
    expect(later.list()).toMatchObject([{ id, state: { kind: 'confirmed', means: 'announcement' }, name: 'not in service', callees: 3 }]);
  } finally {
    await bus.close();
    await rm(folder, { recursive: true });
  }
});
