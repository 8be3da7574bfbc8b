import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { createEspeak } from './espeak.ts';
import { createPrompts } from './prompts.ts';
import { decodeWav } from './wav.ts';

const speech = createEspeak();
afterAll(() => speech.close());

const SENTENCES = {
  uk: 'Ваш борг складає одна тисяча двісті тридцять чотири гривні.',
  ru: 'Ваш долг составляет одну тысячу двести тридцать четыре рубля.',
  en: 'Your debt is one thousand two hundred and thirty four hryvnias.',
} as const;

describe('espeak', () => {
  test.each(['uk', 'ru', 'en'] as const)('speaks %s: as long as a person would, at the line\'s level', async (language) => {
    const { samples, sampleRate } = decodeWav(Buffer.from(await speech.synthesize(SENTENCES[language], language)), language);
    expect(sampleRate).toBe(8000);
    const seconds = samples.length / sampleRate;
    expect(seconds).toBeGreaterThan(2.5);
    expect(seconds).toBeLessThan(8);
    const rms = Math.sqrt(samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length);
    const peak = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
    expect(rms).toBeGreaterThan(0.06);
    expect(rms).toBeLessThan(0.14);
    expect(peak).toBeLessThan(0.9);
  });

  test('the same text takes the same time, so that one recording can stand for all', async () => {
    const [first, second] = await Promise.all([speech.synthesize(SENTENCES.uk, 'uk'), speech.synthesize(SENTENCES.uk, 'uk')]);
    // Not the same samples: the engine's noise source goes on from sentence to sentence.
    expect(Math.abs(first.length / second.length - 1)).toBeLessThan(0.03);
  });

  test('prompts are spoken, kept and found', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'obzvon-espeak-'));
    try {
      const prompts = createPrompts({ dir, speech });
      const parts = [{ text: 'Доброго дня!', personal: false }, { text: SENTENCES.uk, personal: true }];
      const made = await prompts.prepare(parts, 'uk');
      expect(made.files).toHaveLength(2);
      expect(await prompts.prepare(parts, 'uk')).toEqual(made);
      expect(prompts.counts).toEqual({ synthesized: 2, found: 2 });
      const whole = await Promise.all(made.files.map(async (file) => decodeWav(await readFile(file), file).samples.length));
      expect(made.durationMs).toBeCloseTo((whole[0]! + whole[1]!) / 8, -1);
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });

  test('says how long a sentence waited at most since it was last asked, those that wait still among them', async () => {
    const asked = createEspeak();
    try {
      expect(asked.longestWaitMs()).toBe(0);
      const spoken = asked.synthesize(SENTENCES.en, 'en');
      await sleep(1);
      const waiting = asked.longestWaitMs();
      expect(waiting).toBeGreaterThan(0);
      await spoken;
      expect(asked.longestWaitMs()).toBeGreaterThanOrEqual(waiting);
      expect(asked.longestWaitMs()).toBe(0);
    } finally {
      await asked.close();
    }
  });

  test('a full queue and an overlong sentence are refused; closing ends what waits', async () => {
    const small = createEspeak({ maxQueued: 1 });
    const first = small.synthesize(SENTENCES.en, 'en');
    await expect(small.synthesize(SENTENCES.en, 'en')).rejects.toMatchObject({ code: 'timeout' });
    await expect(speech.synthesize('x'.repeat(5000), 'en')).rejects.toMatchObject({ code: 'bad_input' });
    const ended = expect(first).rejects.toThrow('closed');
    await small.close();
    await ended;
    await expect(small.synthesize('x', 'en')).rejects.toThrow('closed');
  });
});
