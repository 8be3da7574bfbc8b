import { describe, expect, test } from 'vitest';
import { campaignSchema, type Campaign } from '../core/campaign.ts';
import { forecast, MEAN_CALL_SECONDS, MEAN_CALLS_PER_CONTACT } from './forecast.ts';

const KYIV = 'Europe/Kyiv';
const HOUR_MS = 3_600_000;
/** A Monday, nine in the morning in Kyiv (UTC+2). */
const START_MS = Date.parse('2026-11-02T09:00:00+02:00');

const campaign = (changes: Record<string, unknown> = {}): Campaign =>
  campaignSchema.parse({
    id: 'c', name: 'C', company: 'Energo', startsAt: '2026-11-02T09:00:00+02:00', expiresAt: '2026-11-09T20:00:00+02:00', trunks: ['main'], callerIds: ['+380443334455'],
    maxCallsPerSecond: 1, maxChannels: 10_000, flow: { start: 'bye', steps: { bye: { kind: 'hangup' } } }, ...changes,
  });
const kyiv = (contacts: number): Map<string, number> => new Map([[KYIV, contacts]]);

describe('a list will have been called', () => {
  test('once each after contacts / rate, within one day’s hours', () => {
    const found = forecast(kyiv(3600), campaign(), START_MS - HOUR_MS);
    expect(found).toMatchObject({ startsAtMs: START_MS, calledOnceAtMs: START_MS + HOUR_MS, doneAtMs: START_MS + MEAN_CALLS_PER_CONTACT * HOUR_MS, callsLeft: 0, limit: 'calls_per_second', callsPerSecond: 1 });
  });

  test('the next day, if the hours of one are too few', () => {
    // Eleven hours a day: 39,600 calls; the rest from nine the next morning.
    const found = forecast(kyiv(39_600 + 1800), campaign({ retry: { maxAttempts: 1 } }), START_MS);
    expect(found.doneAtMs).toBe(START_MS + 24 * HOUR_MS + HOUR_MS / 2);
    expect(found.doneAtMs).toBe(found.calledOnceAtMs);
  });

  test('later, if channels allow less than calls per second do', () => {
    const found = forecast(kyiv(3600), campaign({ maxChannels: MEAN_CALL_SECONDS / 2 }), START_MS);
    expect(found).toMatchObject({ callsPerSecond: 0.5, calledOnceAtMs: START_MS + 2 * HOUR_MS, limit: 'channels' });
  });

  test('late because of the hours: then they are the limit', () => {
    const found = forecast(kyiv(100), campaign(), Date.parse('2026-11-07T18:00:00+02:00'));
    expect(found.startsAtMs).toBe(Date.parse('2026-11-09T09:00:00+02:00'));
    const short = { mon: ['09:00-09:10'], tue: ['09:00-09:10'], wed: ['09:00-09:10'], thu: ['09:00-09:10'], fri: [], sat: [], sun: [] };
    expect(forecast(kyiv(1000), campaign({ window: short }), START_MS).limit).toBe('window');
  });

  test('not at all, if the campaign ends before: then it says how many calls are left', () => {
    const found = forecast(kyiv(1_000_000), campaign(), START_MS);
    expect(found.doneAtMs).toBeNull();
    expect(found.calls).toBe(2_000_000);
    const [zone] = found.zones;
    expect(zone).toMatchObject({ zone: KYIV, contacts: 1_000_000 });
    expect(found.callsLeft).toBe(2_000_000 - zone!.capacity);
  });
});

test('zones open at different hours share the rate, and their capacity is told', () => {
  const found = forecast(new Map([[KYIV, 3600], ['Asia/Tokyo', 3600]]), campaign({ retry: { maxAttempts: 1 } }), START_MS);
  // Tokyo closes at 20:00, which is 13:00 in Kyiv: both are open from nine on.
  expect(found.doneAtMs).toBe(START_MS + 2 * HOUR_MS);
  expect(found.zones.map(({ zone }) => zone).sort()).toEqual(['Asia/Tokyo', KYIV]);
});

test('zones in which nobody can be called are named and not reckoned with', () => {
  const found = forecast(new Map([[KYIV, 3600], ['Mars/Olympus', 7]]), campaign(), START_MS);
  expect(found.uncallable).toEqual({ contacts: 7, zones: [{ zone: 'Mars/Olympus', contacts: 7, reason: 'unknown_zone' }] });
  expect(found.calls).toBe(3600 * MEAN_CALLS_PER_CONTACT);
  expect(forecast(new Map(), campaign(), START_MS)).toMatchObject({ calls: 0, callsLeft: 0 });
});
