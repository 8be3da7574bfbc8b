import { closeSync, openSync, writeSync } from 'node:fs';

/** A campaign of a trial and the people in it; trials of one cluster have different numbers, so that none calls another's people. */
export interface Trial {
  /** 0 to 99. */
  readonly number: number;
  readonly id: string;
  readonly contacts: number;
  readonly maxCallsPerSecond: number;
  readonly maxChannels: number;
  /** Simulated time, ms since the epoch. */
  readonly startMs: number;
}

/** From the start of one call to the start of the next to the same phone, on the trial's clock. */
export const MIN_GAP_MINUTES = 2;
const HOUR_MS = 3_600_000;

const ALL_DAY = ['00:00-24:00'];
const everyDay = { mon: ALL_DAY, tue: ALL_DAY, wed: ALL_DAY, thu: ALL_DAY, fri: ALL_DAY, sat: ALL_DAY, sun: ALL_DAY, holiday: ALL_DAY };
/** Minutes of the trial's clock: short, so that all retries come within a trial, and none before the minimum gap. */
const soon = (delayMinutes: number, max: number): Record<string, unknown> => ({ delayMinutes, max, phone: 'same' });

export const trialRetries = {
  no_answer: soon(2, 1), machine: soon(2, 1), busy: soon(2, 2), silence: soon(2, 1), announcement: soon(2, 1), fax: soon(2, 1), unreachable: soon(2, 1),
  rejected: soon(2, 1), congestion: soon(2, 3), failed: soon(2, 3), lost: soon(3, 3), cut_short: soon(2, 1), invalid_number: soon(2, 1),
};

/** Called day and night at a low, known rate; one sentence, the same for all; retries after minutes. `changes` replace keys. */
export function trialCampaign(trial: Trial, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    id: trial.id, name: `Trial ${trial.id}`, company: 'Power',
    startsAt: new Date(trial.startMs - HOUR_MS).toISOString(), expiresAt: new Date(trial.startMs + 240 * HOUR_MS).toISOString(),
    holdOutShare: 0.05, defaultLanguage: 'en', trunks: ['main'], callerIds: callerIdsOf(trial),
    maxCallsPerSecond: trial.maxCallsPerSecond, maxChannels: trial.maxChannels, rampUpSeconds: 0, ringTimeoutSeconds: 20, maxCallSeconds: 60,
    window: everyDay,
    retry: { maxAttempts: 4, after: trialRetries },
    caps: { perDay: 4, perWeek: 8, perMonth: 20, minGapMinutes: MIN_GAP_MINUTES },
    flow: { start: 'greet', steps: { greet: { kind: 'say', essential: true, text: { en: 'Power company. You have a debt.' }, next: 'end' }, end: { kind: 'hangup' } } },
    ...changes,
  };
}

/** The trial's own: the switch's journal knows its calls by them. */
export function callerIdsOf({ number }: Pick<Trial, 'number'>): string[] {
  return [`+38044${2_000_000 + number * 10}`, `+38044${2_000_001 + number * 10}`];
}

/** Writes the trial's list of debtors. */
export function writeTrialList(path: string, trial: Trial): void {
  const file = openSync(path, 'w');
  const first = trial.number * 100_000;
  let lines = 'account_id,name,phones,debt,currency,language\n';
  for (let i = 0; i < trial.contacts; i++) {
    lines += `${trial.id}-${i},Debtor ${i},+38067${String(first + i).padStart(7, '0')},${(100 + (i % 900)).toFixed(2)},UAH,en\n`;
    if (lines.length > 65_536) {
      writeSync(file, lines);
      lines = '';
    }
  }
  writeSync(file, lines);
  closeSync(file);
}
