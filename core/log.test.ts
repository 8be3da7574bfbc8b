import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createLogger, maskPhones } from './log.ts';
import type { LogOptions, Logger } from './log.ts';
import { newId } from './ids.ts';

function logged(write: (log: Logger) => void, options: Partial<LogOptions> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'obzvon-log-'));
  const fd = openSync(join(dir, 'log'), 'w');
  try {
    write(createLogger({ level: 'info', format: 'json', fd, ...options }));
    return readFileSync(join(dir, 'log'), 'utf8');
  } finally {
    closeSync(fd);
    rmSync(dir, { recursive: true });
  }
}
const lineOf = (write: (log: Logger) => void): Record<string, unknown> => JSON.parse(logged(write)) as Record<string, unknown>;

test('a line is one JSON object with level, time and message', () => {
  expect(lineOf((log) => log.info({ calls: 3 }, 'draining'))).toMatchObject({ level: 'info', msg: 'draining', calls: 3, time: expect.stringMatching(/^\d{4}-.*Z$/) as string });
});

test('phones are hidden in messages, values at any depth, keys, errors and SIP URIs', () => {
  const text = logged((log) => {
    log.info({ uri: 'sip:380671234567@carrier:5060', list: [{ to: '+380671234567' }], '+380671234567': 1 }, 'calling +380671234567 now');
    log.child({ callee: '+380671234567' }).error({ err: new Error('no route to +380671234567', { cause: new Error('380671234567 busy') }) });
  });
  expect(text).not.toMatch(/380671234567/);
  expect(text).toContain('calling +38067***4567 now');
  expect(text).toContain('+38067***4567');
});

test('no E.164 phone survives, whatever stands around it', () => {
  const phone = fc.stringMatching(/^\+[1-9][0-9]{6,14}$/);
  const around = fc.stringMatching(/^[a-z :,@<>"-]{0,10}$/);
  fc.assert(fc.property(around, phone, around, (before, number, after) => !maskPhones(`${before}${number}${after}`).includes(number)));
});

test('personal and secret keys are dropped at any depth, in any spelling', () => {
  const text = logged((log) =>
    log.info({ contact: { name: 'Олена Коваль', debtMinor: 123456, debt: '1234.56', phones: ['+380671234567'], accountId: 'A-1' }, auth: { PASSWORD: 'p4ss', token: 't0ken', secret: 's3cret' }, amount_minor: 99887 }, 'x'),
  );
  for (const hidden of ['Олена', '123456', '1234.56', '4567', 'p4ss', 't0ken', 's3cret', '99887']) expect(text).not.toContain(hidden);
  expect(text).toContain('A-1');
});

test('ids, times and counts are left as they are', () => {
  const id = newId(1_790_000_000_000);
  const line = lineOf((log) => log.info({ attemptId: id, contactId: 'd2a84f4b8b650937ec8f73cd8be2c74a', startedAtMs: 1_790_000_000_000, calls: 12 }, 'placed'));
  expect(line).toMatchObject({ attemptId: id, contactId: 'd2a84f4b8b650937ec8f73cd8be2c74a', startedAtMs: 1_790_000_000_000, calls: 12 });
  expect(maskPhones('01a0b1c2-1234-7123-8123-123456789012')).toBe('01a0b1c2-1234-7123-8123-123456789012');
});

test('for people: one line, with an error below it, and no control characters', () => {
  const text = logged((log) => log.warn({ trunk: 'main', calls: 2, reason: 'a\u001b[2Jb\r\nc' }, 'eased off'), { format: 'human' });
  expect(text).toMatch(/^\d\d:\d\d:\d\d warn {2}eased off trunk=main calls=2 reason=a\?\[2Jb\?\?c\n$/);
  expect(logged((log) => log.error({ err: new Error('broke') }, 'x'), { format: 'human' })).toMatch(/ error x\n {2}Error: broke\n {6}at /);
});

test('levels below the one asked for are silent', () => {
  expect(logged((log) => log.info('x'), { level: 'warn' })).toBe('');
});

test('a crash loses no line, and its error is logged masked', () => {
  const code = `
    import { createLogger, crashLoudly } from ${JSON.stringify(new URL('./log.ts', import.meta.url).href)};
    const log = createLogger({ level: 'info', format: 'json' });
    crashLoudly(log);
    for (let i = 0; i < 2000; i++) log.info({ i }, 'line');
    setTimeout(() => {}, 60_000);
    Promise.reject(new Error('about +380671234567'));
  `;
  const run = spawnSync(process.execPath, ['--import', createRequire(import.meta.url).resolve('tsx'), '--input-type=module', '-e', code], { encoding: 'utf8', maxBuffer: 1 << 24 });
  const lines = run.stderr.trim().split('\n').map((line) => JSON.parse(line) as { level: string; i?: number; err?: { message: string } });
  expect(run.status).toBe(1);
  expect(lines.slice(0, 2000).map((line) => line.i)).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  expect(lines[2000]).toMatchObject({ level: 'fatal', err: { message: 'about +38067***4567' } });
  expect(lines).toHaveLength(2001);
});
