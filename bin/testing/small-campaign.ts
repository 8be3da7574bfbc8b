/** Simulated time at the first start of test runs: a Monday morning in Kyiv. */
export const START = '2026-11-02T09:00:00+02:00';

const ALL_DAY = ['00:00-24:00'];
const everyDay = { mon: ALL_DAY, tue: ALL_DAY, wed: ALL_DAY, thu: ALL_DAY, fri: ALL_DAY, sat: ALL_DAY, sun: ALL_DAY, holiday: ALL_DAY };

/** A campaign that calls day and night, says one sentence, and retries soon; `changes` replace keys. */
export function smallCampaign(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: 'small', name: 'Small', company: 'Power', startsAt: START, expiresAt: '2026-11-20T20:00:00+02:00',
    holdOutShare: 0.1, defaultLanguage: 'en', trunks: ['main'], callerIds: ['+380440001001', '+380440001002'],
    maxCallsPerSecond: 1, maxChannels: 100, rampUpSeconds: 0, ringTimeoutSeconds: 12, maxCallSeconds: 60,
    window: everyDay,
    retry: {
      maxAttempts: 4,
      after: {
        no_answer: { delayMinutes: 30, max: 3, phone: 'next' }, machine: { delayMinutes: 30, max: 2, phone: 'next' },
        busy: { delayMinutes: 30, max: 3, phone: 'same' }, lost: { delayMinutes: 30, max: 3, phone: 'same' },
      },
    },
    caps: { perDay: 4, perWeek: 8, perMonth: 20, minGapMinutes: 15 },
    flow: { start: 'greet', steps: { greet: { kind: 'say', essential: true, text: { en: '{{company}}. You owe {{debt}}.' }, next: 'end' }, end: { kind: 'hangup' } } },
    ...changes,
  };
}

/** What a small campaign runs on: a simulator that jumps over idle hours. `options`: what stands behind `simulator:?`. */
export function smallConfig(options: Readonly<Record<string, string | number>> = {}, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const query = new URLSearchParams({ seed: 'small', speed: '200', skipIdle: '1', start: START });
  for (const [name, value] of Object.entries(options)) query.set(name, String(value));
  return {
    switch: { url: [`simulator:?${query.toString()}`] },
    trunks: [{ name: 'main', uri: 'sip:{phone}@127.0.0.1:5060', maxCallsPerSecond: 50, maxChannels: 500 }],
    dialer: { leaseSeconds: 2 },
    ...changes,
  };
}

/** A list of `count` debtors, some with two phones; no number twice. */
export function smallList(count: number): string {
  const lines = ['account_id,name,phones,debt,currency,language'];
  for (let i = 0; i < count; i++) {
    const phone = (line: number): string => `+3806700${String(line * 50_000 + i).padStart(5, '0')}`;
    lines.push(`A-${i},Debtor ${i},${i % 4 === 0 ? `${phone(0)};${phone(1)}` : phone(0)},${(100 + i).toFixed(2)},UAH,en`);
  }
  return `${lines.join('\n')}\n`;
}
