import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { openRows } from '../open-rows.ts';
import { shownUrl } from './shown-url.ts';

const ROWS = 8000;
const listOf = (rows: number, name = 'Олена'): Buffer => Buffer.from(`account_id,name,phones,debt\n${Array.from({ length: rows }, (_, index) => `${index},${name} ${(index * 7919) % 977},0671234567,${1 + ((index * 31) % 500)}.50\n`).join('')}`);
const LIST = listOf(ROWS);

let server: Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** Serves; `answer` is told how often it was asked. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse, asked: number) => void): Promise<string> {
  let asked = 0;
  server = createServer((request, response) => answer(request, response, (asked += 1)));
  await new Promise<void>((resolve) => server!.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.csv?token=verysecret`;
}

/** Sends some bytes of what is to be sent, then breaks the connection. */
function sendAndBreak(response: ServerResponse, bytes: Buffer, count: number): void {
  response.write(bytes.subarray(0, count), () => setTimeout(() => response.destroy(), 20));
}

async function read(url: string, waitsMs: readonly number[] = [1, 1, 1, 1]): Promise<{ accounts: string[]; troubles: string[]; hash: string; error: unknown; bytes: number }> {
  const troubles: string[] = [];
  const open = await openRows({ kind: 'http', url }, { onTrouble: (text) => troubles.push(text), http: { waitsMs, silenceMs: 2000 } });
  const accounts: string[] = [];
  let error: unknown = null;
  try {
    for await (const batch of open.rows) for (const row of batch) accounts.push(row.kind === 'row' ? row.row.accountId : 'broken');
  } catch (thrown) {
    error = thrown;
  }
  const result = { accounts, troubles, hash: open.contentHash(), error, bytes: open.bytes() };
  await open.close();
  return result;
}

const ALL = Array.from({ length: ROWS }, (_, index) => String(index));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a list over HTTP', () => {
  test('is taken up by Range where the connection broke, several times, and no row comes twice', async () => {
    const ranges: (string | undefined)[] = [];
    const url = await serve((request, response, asked) => {
      ranges.push(request.headers.range);
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      if (from > 0) expect(request.headers['if-range']).toBe('"v1"');
      response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': LIST.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${LIST.length - 1}/${LIST.length}` } : {}) });
      if (asked < 5) sendAndBreak(response, LIST.subarray(from), 70_000);
      else response.end(LIST.subarray(from));
    });
    const { accounts, troubles, hash, error, bytes } = await read(url);
    expect(error).toBeNull();
    expect(accounts).toEqual(ALL);
    expect(hash).toBe(sha256(LIST));
    expect(bytes).toBe(LIST.length);
    expect(ranges[0]).toBeUndefined();
    expect(ranges.slice(1).every((range) => /^bytes=[1-9]\d*-$/.test(range ?? ''))).toBe(true);
    expect(troubles.length).toBe(4);
    expect(troubles.join('')).not.toContain('verysecret');
  });

  test('is fetched again where the server knows no ranges, and what was read is passed over', async () => {
    const url = await serve((_request, response, asked) => {
      response.writeHead(200, { 'content-length': LIST.length, 'accept-ranges': 'none' });
      if (asked < 4) sendAndBreak(response, LIST, 60_000 * asked);
      else response.end(LIST);
    });
    const { accounts, hash, error } = await read(url);
    expect(error).toBeNull();
    expect(accounts).toEqual(ALL);
    expect(hash).toBe(sha256(LIST));
  });

  test.each([
    ['another entity tag', { etag: '"v2"' }, LIST],
    ['other bytes', {}, listOf(ROWS, 'Ганна')],
    ['another length', {}, listOf(ROWS + 5)],
  ])('that changed meanwhile (%s) is an error, not a mixture', async (_name, headers, other) => {
    const url = await serve((_request, response, asked) => {
      const now = asked === 1 ? LIST : other;
      response.writeHead(200, { 'content-length': now.length, ...(asked === 1 && 'etag' in headers ? { etag: '"v1"' } : headers) });
      if (asked === 1) sendAndBreak(response, now, 100_000);
      else response.end(now);
    });
    const { accounts, error } = await read(url);
    expect(error).toMatchObject({ code: 'bad_input', message: expect.stringContaining('changed on the server') as string });
    expect(accounts).toEqual(ALL.slice(0, accounts.length));
    expect(accounts.length).toBeLessThan(ROWS);
  });

  test('waits for a server that is busy or says nothing, and gives up in words', async () => {
    const url = await serve((_request, response, asked) => {
      if (asked === 1) response.writeHead(503, { 'retry-after': '0' }).end('later');
      else if (asked === 2) response.destroy();
      else response.end(LIST);
    });
    expect((await read(url)).accounts.length).toBe(ROWS);
    server?.closeAllConnections();
    server?.close();
    const dead = await serve((_request, response) => response.destroy());
    await expect(read(dead, [1, 1])).rejects.toMatchObject({ code: 'unreachable', message: expect.stringMatching(/tried 3 times/) as string });
    await expect(read(dead, [1])).rejects.not.toThrow(/verysecret/);
  });

  test.each([[404, 'not_found'], [403, 'unreachable'], [400, 'unreachable']])('answered with %s is not tried again', async (status, code) => {
    let asked = 0;
    const url = await serve((_request, response, times) => {
      asked = times;
      response.writeHead(status).end();
    });
    await expect(read(url)).rejects.toMatchObject({ code });
    expect(asked).toBe(1);
  });

  test('may be packed, or a spreadsheet, and wants its password', async () => {
    const packed = gzipSync(LIST);
    const sheet = await readFile(join(import.meta.dirname, '..', 'fixtures', 'xlsx', 'plain.xlsx'));
    const url = new URL(
      await serve((request, response, asked) => {
        if (request.headers.authorization !== `Basic ${Buffer.from('clerk:p@ss').toString('base64')}`) {
          response.writeHead(401).end();
          return;
        }
        if (request.url?.startsWith('/sheet') === true) {
          response.end(sheet);
          return;
        }
        const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
        response.writeHead(from > 0 ? 206 : 200, { etag: '"gz"', 'content-length': packed.length - from, ...(from > 0 ? { 'content-range': `bytes ${from}-${packed.length - 1}/${packed.length}` } : {}) });
        if (asked < 3) sendAndBreak(response, packed.subarray(from), 20_000);
        else response.end(packed.subarray(from));
      }),
    );
    url.username = 'clerk';
    url.password = 'p@ss';
    expect((await read(url.href)).accounts).toEqual(ALL);
    url.pathname = '/sheet';
    expect((await read(url.href)).accounts).toEqual(['100200301', '100200302', '100200303']);
    url.password = 'wrong';
    await expect(read(url.href)).rejects.toThrow(/other credentials/);
    await expect(read(url.href)).rejects.not.toThrow(/wrong|p@ss|verysecret/);
  });

  test('is shown without its secrets', () => {
    expect(shownUrl('https://clerk:secret@host/a.csv?token=abc&month=11&x=0123456789abcdef0123456789#part')).toBe('https://***:***@host/a.csv?token=***&month=11&x=***');
    expect(shownUrl('postgres://u:p@db:5432/billing')).toBe('postgres://***:***@db:5432/billing');
  });
});
