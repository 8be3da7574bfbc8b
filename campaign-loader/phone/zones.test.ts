import { expect, test } from 'vitest';
import { parsePhone } from './e164.ts';
import { timezoneOfPhone } from './zones.ts';

test.each([
  ['+380671234567', 'Europe/Kyiv'],
  ['+48512345678', 'Europe/Warsaw'],
  ['+77011234567', 'Asia/Almaty'],
  ['+73832123456', 'Asia/Novosibirsk'],
  ['+74952123456', 'Europe/Moscow'],
  ['+79161234567', null],
  ['+12125550123', 'America/New_York'],
  ['+14155552671', 'America/Los_Angeles'],
  ['+18005550199', null],
  ['+34928123456', 'Atlantic/Canary'],
  ['+34912345678', 'Europe/Madrid'],
])('%s rings in %s', (text, zone) => {
  const phone = parsePhone(text, 'UA');
  expect(phone).not.toBeNull();
  expect(timezoneOfPhone(phone!)).toBe(zone);
});

test('every zone in the tables is one that the runtime knows', async () => {
  const { readFile } = await import('node:fs/promises');
  const source = await readFile(new URL('./zones.ts', import.meta.url), 'utf8');
  const zones = new Set(source.match(/\b(?:Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)\/[A-Za-z_/-]+/g));
  expect(zones.size).toBeGreaterThan(200);
  for (const timeZone of zones) expect(() => new Intl.DateTimeFormat('en', { timeZone })).not.toThrow();
});
