import { describe, expect, test } from 'vitest';
import { HEADER_PARTS, scriptFiles, SCRIPTS } from './scripts.ts';

describe('every script', () => {
  test.each(scriptFiles())('$name says its keys, arguments, answer, complexity and why it may run twice', ({ text }) => {
    const lines = text.split('\n');
    const header = lines.slice(0, lines.findIndex((line) => !line.startsWith('--')));
    expect(header[0]).toMatch(/^-- [A-Z]/);
    const places = HEADER_PARTS.map((part) => header.findIndex((line) => line.startsWith(`-- ${part} `)));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(header.find((line) => line.startsWith('-- KEYS: '))).toContain('1 {p}epoch');
  });

  test.each(scriptFiles())('$name checks the epoch before anything else, but for the two that change it', ({ name, text }) => {
    const uses = [...text.matchAll(/^-- use (\S+)$/gm)].map((match) => match[1]);
    if (name === 'start-rebuild' || name === 'finish-rebuild') expect(uses).toEqual([]);
    else expect(uses[0]).toBe('ledger.lua');
    // What is changed in memory is written.
    if (/dirty_contacts|_changed\(|end_claim|close\(|block_phone|request_stop/.test(text)) expect(text).toContain('flush()');
  });

  test('is loaded, and every part is used', () => {
    expect(scriptFiles().map(({ name }) => name).sort()).toEqual(Object.keys(SCRIPTS).sort());
    const used = new Set(scriptFiles().flatMap(({ text }) => [...text.matchAll(/^-- use (\S+)\.lua$/gm)].map((match) => match[1])));
    expect([...used].sort()).toEqual(scriptFiles('lib/').map(({ name }) => name).sort());
    for (const { text } of scriptFiles('lib/')) expect(text).toMatch(/^-- [A-Z]/);
  });
});
