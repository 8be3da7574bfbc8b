import type { Campaign } from '../../core/campaign.ts';
import { campaignHolidays } from '../../core/hours/holidays.ts';
import { windowAt } from '../../core/hours/window.ts';
import { localDateAt } from '../../core/hours/zoned-time.ts';
import { checkOf, type Check, type Evidence } from './checks.ts';

/** No call outside the window of the callee's zone, before the start or after the end. */
export function checkWindow(evidence: Evidence, campaign: Campaign): Check {
  const holidays = campaignHolidays(campaign);
  const startMs = Date.parse(campaign.startsAt);
  const endMs = Date.parse(campaign.expiresAt);
  const offenders = evidence.attempts
    .filter((attempt) => attempt.startedAtMs < startMs || attempt.startedAtMs >= endMs || !windowAt(campaign.window, holidays, attempt.timezone, attempt.startedAtMs).open)
    .map((attempt) => `attempt ${attempt.attemptId} at ${new Date(attempt.startedAtMs).toISOString()} in ${attempt.timezone}`);
  return checkOf('no call outside the window', offenders, `${evidence.attempts.length} attempts, zones ${[...new Set(evidence.attempts.map((attempt) => attempt.timezone))].sort().join(', ')}`);
}

/** No person called more often a day (their own), week or month than the caps, and no contact more often than the retry rule. */
export function checkCaps(evidence: Evidence, campaign: Campaign): Check[] {
  const byAccount = new Map<string, { readonly zone: string; readonly starts: number[] }>();
  for (const attempt of evidence.attempts) {
    const person = byAccount.get(attempt.accountId) ?? { zone: attempt.timezone, starts: [] };
    person.starts.push(attempt.startedAtMs);
    byAccount.set(attempt.accountId, person);
  }
  const offenders: string[] = [];
  let most = 0;
  for (const { zone, starts } of byAccount.values()) {
    starts.sort((a, b) => a - b);
    most = Math.max(most, starts.length);
    const { dayIs, perDay, perWeek, perMonth } = campaign.caps;
    const days = new Map<string, number>();
    for (const start of starts) {
      const day = localDateAt(zone, start);
      days.set(day, (days.get(day) ?? 0) + 1);
    }
    const worst = Math.max(...days.values());
    if (worst > perDay) offenders.push(`somebody was called ${worst} times in a day`);
    for (const [cap, span, name] of [[dayIs === 'any_24_hours' ? perDay : Infinity, 1, '24 hours'], [perWeek, 7, '7 days'], [perMonth, 31, '31 days']] as const) {
      if (starts.some((start, i) => i >= cap && start - starts[i - cap]! < span * 86_400_000)) offenders.push(`somebody was called ${cap + 1} times in ${name}`);
    }
    if (starts.length > campaign.retry.maxAttempts) offenders.push(`somebody was called ${starts.length} times, at most ${campaign.retry.maxAttempts} allowed`);
  }
  return [checkOf('no person called more often than the caps', offenders, `most calls to one person ${most}`)];
}
