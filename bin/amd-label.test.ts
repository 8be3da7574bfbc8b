import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chromium, type Page } from 'playwright-core';
import { startLabelServer, type LabelServer } from '../amd/label/label-server.ts';
import { LABELS_FILE } from '../amd/label/labels.ts';
import { encodeWav } from '../amd/wav.ts';
import { chromiumProgram } from '../deploy/local/chromium-program.ts';

const FILES = ['call-1.wav', 'call-2.wav', 'call-3.wav'];
const browser = await chromiumProgram().catch((error: unknown) => {
  if (process.env['CI'] !== undefined && process.env['CI'] !== '') throw error;
  return null;
});

let folder: string;
let server: LabelServer;
const start = async (): Promise<void> => {
  server = await startLabelServer({ folder, port: 0, nowMs: () => 5 });
};
const linesOf = async (): Promise<unknown[]> => (await readFile(join(folder, LABELS_FILE), 'utf8')).split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as unknown);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'obzvon-label-'));
  for (const name of FILES) await writeFile(join(folder, name), encodeWav(Buffer.alloc(3200, 1), 8000));
  await writeFile(join(folder, 'notes.txt'), 'not a recording');
  await start();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const post = (body: string, headers: Record<string, string> = { 'content-type': 'application/json' }): Promise<Response> => fetch(new URL('label', server.url), { method: 'POST', headers, body });

describe('the labelling page\'s server', () => {
  test('keeps a label at once, takes it back, and takes up where it was left', async () => {
    await post(JSON.stringify({ file: 'call-2.wav', label: 'machine' }));
    await post(JSON.stringify({ file: 'call-1.wav', label: 'human' }));
    expect(await linesOf()).toEqual([{ file: 'call-2.wav', label: 'machine', atMs: 5 }, { file: 'call-1.wav', label: 'human', atMs: 5 }]);
    await post(JSON.stringify({ file: 'call-2.wav', label: null }));
    await server.close();
    await start();
    expect(await (await fetch(new URL('state', server.url))).json()).toEqual({ files: FILES, labels: { 'call-1.wav': 'human' } });
    expect(server.labelled()).toBe(1);
  });

  test('plays only the recordings of its folder', async () => {
    const audio = await fetch(new URL('audio?file=call-1.wav', server.url));
    expect(audio.headers.get('content-type')).toBe('audio/wav');
    expect((await audio.arrayBuffer()).byteLength).toBe(3244);
    for (const name of ['notes.txt', '../call-1.wav', '%2e%2e%2fetc%2fpasswd', '']) expect((await fetch(new URL(`audio?file=${name}`, server.url))).status).toBe(404);
  });

  test.each([['no JSON', '{'], ['no label of the list', '{"file":"call-1.wav","label":"robot"}'], ['another file', '{"file":"../x.wav","label":"human"}'], ['too much', `{"x":"${'x'.repeat(5000)}"}`]])('refuses %s', async (_what, body) => {
    expect((await post(body)).status).toBe(400);
    expect(server.labelled()).toBe(0);
  });

  test('refuses a plain form, and another host\'s name', async () => {
    expect((await post('{"file":"call-1.wav","label":"human"}', { 'content-type': 'text/plain' })).status).toBe(400);
    const status = await new Promise((resolve, reject) => {
      request(new URL('state', server.url), { headers: { host: 'evil.example' } }, (answer) => resolve(answer.statusCode)).on('error', reject).end();
    });
    expect(status).toBe(403);
  });

  test('a wrong line in the labels is named', async () => {
    await writeFile(join(folder, LABELS_FILE), '{"file":"call-1.wav","label":"human","atMs":1}\nnonsense\n');
    await expect(startLabelServer({ folder, port: 0, nowMs: () => 1 })).rejects.toThrow(/labels\.jsonl line 2: found "nonsense"/);
  });
});

describe.skipIf(browser === null)('the labelling page in Chromium', () => {
  const shown = (page: Page, file: string): Promise<unknown> => page.waitForFunction(`document.body.dataset.file === ${JSON.stringify(file)}`);

  test('keys label and go on, U takes back, and a reload takes up where it was left', async () => {
    const chrome = await chromium.launch({ executablePath: browser!, args: ['--no-sandbox', '--mute-audio'] });
    try {
      const page = await chrome.newPage();
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      await page.goto(server.url);
      await shown(page, 'call-1.wav');
      expect(await page.locator('#labels button').count()).toBe(6);
      await page.keyboard.press('1');
      await shown(page, 'call-2.wav');
      await page.keyboard.press('3');
      await shown(page, 'call-3.wav');
      expect(await linesOf()).toMatchObject([{ file: 'call-1.wav', label: 'human' }, { file: 'call-2.wav', label: 'announcement' }]);
      await page.keyboard.press('u');
      await shown(page, 'call-2.wav');
      expect(await linesOf()).toMatchObject([{ file: 'call-1.wav', label: 'human' }]);
      await page.keyboard.press('2');
      await shown(page, 'call-3.wav');
      await page.reload();
      await shown(page, 'call-3.wav');
      await page.locator('button', { hasText: '6 unsure' }).click();
      await shown(page, '');
      expect(await page.locator('#count').textContent()).toBe('3 of 3');
      expect(await linesOf()).toMatchObject([{ label: 'human' }, { label: 'machine' }, { label: 'unsure' }]);
      expect(problems).toEqual([]);
    } finally {
      await chrome.close();
    }
  });
});
