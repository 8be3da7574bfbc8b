import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPrompts, type Prompts } from './prompts.ts';
import type { Speech } from './speech.ts';
import { encodeWav } from './wav.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'obzvon-prompts-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A speech of silence, 10 ms a character, that keeps what it was asked. */
function silentSpeech(): Speech & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    identity: () => 'silent/1',
    longestWaitMs: () => 0,
    synthesize: async (text) => {
      asked.push(text);
      await new Promise((resolve) => setImmediate(resolve));
      return encodeWav({ samples: new Float64Array(80 * text.length), sampleRate: 8000 });
    },
    close: () => Promise.resolve(),
  };
}
const shared = (text: string): { text: string; personal: boolean } => ({ text, personal: false });
const personal = (text: string): { text: string; personal: boolean } => ({ text, personal: true });
const allFiles = async (): Promise<string[]> => (await readdir(dir, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));

describe('prompts', () => {
  test('each sentence is spoken once, whoever asks and however many at once', async () => {
    const speech = silentSpeech();
    const prompts = createPrompts({ dir, speech });
    const made = await Promise.all(Array.from({ length: 20 }, () => prompts.prepare([shared('Hello.'), personal('You owe 5.')], 'en')));
    expect(new Set(made.map((prompt) => prompt.files.join())).size).toBe(1);
    expect(made[0]).toMatchObject({ durationMs: 160, files: [expect.any(String), expect.any(String)] });
    await prompts.prepare([shared('Hello.'), personal('You owe 6.')], 'en');
    expect(speech.asked).toEqual(['Hello.', 'You owe 5.', 'You owe 6.']);
    // Another process on the same directory finds them too.
    await createPrompts({ dir, speech }).prepare([shared('Hello.')], 'en');
    expect(speech.asked).toHaveLength(3);
    // The same words in another language are another sound.
    await prompts.prepare([shared('Hello.')], 'uk');
    expect(speech.asked).toHaveLength(4);
  });

  test('nothing of a text reaches a path, and only the owner may read', async () => {
    const prompts = createPrompts({ dir, switchDir: '/var/lib/switch/prompts', speech: silentSpeech() });
    const { files } = await prompts.prepare([personal('../../etc/passwd Ivanenko\u0000 1234;rm')], 'en');
    expect(files[0]).toMatch(/^\/var\/lib\/switch\/prompts\/personal\/[0-9a-f]{2}\/[0-9a-f]{64}\.wav$/);
    const written = await allFiles();
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/\/personal\/[0-9a-f]{2}\/[0-9a-f]{64}\.wav$/);
    expect((await stat(written[0]!)).mode & 0o777).toBe(0o600);
    expect((await stat(join(dir, 'personal'))).mode & 0o777).toBe(0o700);
  });

  test('a file cut short by a crash is made again', async () => {
    const speech = silentSpeech();
    await createPrompts({ dir, speech }).prepare([shared('Hello.')], 'en');
    const [file] = await allFiles();
    await writeFile(file!, '');
    expect((await createPrompts({ dir, speech }).prepare([shared('Hello.')], 'en')).durationMs).toBe(60);
    expect(speech.asked).toHaveLength(2);
  });

  test('a failed synthesis is told and tried again the next time', async () => {
    const speech = silentSpeech();
    let failures = 1;
    const flaky: Speech = { ...speech, synthesize: (text, language) => (failures-- > 0 ? Promise.reject(new Error('no voice')) : speech.synthesize(text, language)) };
    const prompts = createPrompts({ dir, speech: flaky });
    await expect(prompts.prepare([shared('Hello.')], 'en')).rejects.toThrow('no voice');
    expect((await prompts.prepare([shared('Hello.')], 'en')).durationMs).toBe(60);
  });

  test('sweep removes what tells of a debtor and was long not used, and nothing else', async () => {
    let now = Date.now();
    const speech = silentSpeech();
    const prompts: Prompts = createPrompts({ dir, speech, nowMs: () => now });
    await prompts.prepare([shared('Hello.'), personal('You owe 5.'), personal('You owe 6.')], 'en');
    const hourMs = 3_600_000;
    for (const file of await allFiles()) await utimes(file, now / 1000, now / 1000);
    expect(await prompts.sweep(hourMs)).toBe(0);
    now += 2 * hourMs;
    await prompts.prepare([personal('You owe 6.')], 'en');
    expect(await prompts.sweep(hourMs)).toBe(1);
    expect(speech.asked).toHaveLength(3);
    await prompts.prepare([shared('Hello.'), personal('You owe 6.'), personal('You owe 5.')], 'en');
    // Texts of one message are spoken side by side, in no set order.
    expect(speech.asked.slice(0, 3).sort()).toEqual(['Hello.', 'You owe 5.', 'You owe 6.']);
    expect(speech.asked.slice(3)).toEqual(['You owe 5.']);
  });

  test('the index is bounded; what fell out of it is found on the disk', async () => {
    const speech = silentSpeech();
    const prompts = createPrompts({ dir, speech, maxIndexed: 2 });
    for (let turn = 0; turn < 2; turn++) for (const text of ['One.', 'Two.', 'Three.']) expect((await prompts.prepare([shared(text)], 'en')).durationMs).toBe(10 * text.length);
    expect(speech.asked).toHaveLength(3);
    expect(prompts.counts).toEqual({ synthesized: 3, found: 3 });
  });

  test('nothing to say is a short pause', async () => {
    expect(await createPrompts({ dir, speech: silentSpeech() }).prepare([], 'en')).toMatchObject({ durationMs: 200, files: [expect.any(String)] });
  });

  test('a recording is converted to telephone audio, once', async () => {
    const file = join(dir, 'song.wav');
    await writeFile(file, encodeWav({ samples: Float64Array.from({ length: 44_100 }, (_, i) => 0.5 * Math.sin((2 * Math.PI * 440 * i) / 44_100)), sampleRate: 44_100 }));
    const prompts = createPrompts({ dir: join(dir, 'cache'), speech: silentSpeech() });
    const { files, durationMs } = await prompts.prepareRecording(file);
    expect(durationMs).toBe(1000);
    expect((await readFile(files[0]!)).readUInt32LE(24)).toBe(8000);
    await prompts.prepareRecording(file);
    expect(prompts.counts).toEqual({ synthesized: 1, found: 1 });
    await expect(prompts.prepareRecording(join(dir, 'none.wav'))).rejects.toMatchObject({ code: 'not_found' });
    await writeFile(file, 'not audio');
    await expect(prompts.prepareRecording(file)).rejects.toMatchObject({ code: 'bad_input' });
  });
});
