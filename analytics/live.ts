import { z } from 'zod';
import { ObzvonError } from '../core/errors.ts';
import type { Analytics } from './client.ts';
import { runQuery } from './query.ts';

/**
 * An attempt that is noted as come in may not be stored yet: an hour counted within this long after is counted once more. Inserts
 * take some 0.2 s; one that waits for its replicas gets 30 s.
 */
const SLACK_SECONDS = 60;
/** Hours that one statement counts. */
const HOURS_AT_ONCE = 240;
const HOUR_SECONDS = 3600;
/** The last hour that DateTime holds, and the last ms of DateTime64(3): what is later counts in that hour. */
const LAST_HOUR = 4_294_965_600;
const LATEST_MS = 10_413_791_999_999;

const staleSchema = z.object({ campaign_id: z.string(), hour: z.coerce.number() });

const COUNT = `INSERT INTO hour_figures (campaign_id, hour, trunk, caller_id, attempt_number, outcome, local_weekday, local_hour, attempts, answered, human, heard, promised, talk_ms, counted)
SELECT campaign_id, toDateTime(toUInt32(intDiv(least(greatest(toUnixTimestamp64Milli(started_at), 0), 4294965600000), 3600000) * 3600), 'UTC') AS in_hour, trunk, caller_id, attempt_number, outcome, local_weekday, local_hour,
       count(), countIf(answered_at IS NOT NULL), countIf(outcome = 'human'), countIf(heard_whole), countIf(response = 'promise_to_pay'), sum(talk_ms), {counted:UInt64}
FROM attempts FINAL
WHERE campaign_id = {campaign:String} AND started_at >= fromUnixTimestamp64Milli({from_ms:Int64}, 'UTC') AND started_at <= fromUnixTimestamp64Milli({to_ms:Int64}, 'UTC')
  AND in_hour IN {hours:Array(UInt32)}
GROUP BY campaign_id, in_hour, trunk, caller_id, attempt_number, outcome, local_weekday, local_hour`;

/**
 * Counts the hours anew in which attempts came in, from the attempts themselves, each of which is there once: so figures kept ready
 * stay right when an attempt is told three times, late, or first presumed lost. ClickHouse's own ways do not: a materialized view that adds
 * up counts a repeated row twice, one that keeps exact sets of ids takes as much room as the attempts, and a refreshable one counts all
 * hours each time (and the embedded engine has none). Several may do this at once: the later count of an hour holds.
 * @param slackSeconds hours counted within so long after their last attempt came in are counted once more
 * @param signal gives up waiting for a server that does not answer
 * @returns how many hours were counted
 */
export async function refreshLiveFigures(analytics: Analytics, slackSeconds = SLACK_SECONDS, signal?: AbortSignal): Promise<number> {
  const stale = await runQuery(analytics, 'live-stale', staleSchema, { slack_seconds: slackSeconds });
  for (let from = 0; from < stale.length;) {
    const campaign = stale[from]!.campaign_id;
    const hours: number[] = [];
    while (from < stale.length && stale[from]!.campaign_id === campaign && hours.length < HOURS_AT_ONCE) hours.push(stale[from++]!.hour);
    signal?.throwIfAborted();
    await countHours(analytics, campaign, hours, signal);
  }
  return stale.length;
}

async function countHours(analytics: Analytics, campaign: string, hours: readonly number[], signal: AbortSignal | undefined): Promise<void> {
  // As text: it is larger than what a number of JavaScript holds exactly. Taken before the attempts are read.
  const [at] = await analytics.query("SELECT toString(toUnixTimestamp64Micro(now64(6, 'UTC')) * 1000 + rand() % 1000) AS counted", z.object({ counted: z.string() }));
  if (at === undefined) throw new ObzvonError('storage', `analytics at ${analytics.place}: no time`);
  const lastHour = Math.max(...hours);
  const to_ms = lastHour >= LAST_HOUR ? LATEST_MS : (lastHour + HOUR_SECONDS) * 1000 - 1;
  await analytics.command(COUNT, { campaign, counted: at.counted, from_ms: Math.min(...hours) * 1000, to_ms, hours }, signal);
  // An hour counts as counted once its figures are there.
  // Not given up at the end: until it is there, an outcome that no call of the hour has any more still shows.
  await analytics.command('INSERT INTO counted_hours (campaign_id, hour, counted) SELECT {campaign:String}, toDateTime(arrayJoin({hours:Array(UInt32)}), \'UTC\'), {counted:UInt64}', { campaign, counted: at.counted, hours });
}

/** Counts again and again until it is stopped. A store that does not answer is told once and tried again with the next turn. */
export function startLiveFigures(options: { analytics: Analytics; everyMs: number; log: { warn(fields: object, message: string): void } }): { stop(): Promise<void> } {
  const { analytics, everyMs, log } = options;
  let running: Promise<void> | null = null;
  let troubled = false;
  const end = new AbortController();
  const timer = setInterval(() => {
    running ??= refreshLiveFigures(analytics, SLACK_SECONDS, end.signal)
      .then(
        () => {
          troubled = false;
        },
        (error: unknown) => {
          if (!troubled && !end.signal.aborted) log.warn({ reason: error instanceof Error ? error.message : String(error) }, 'the figures by hour were not counted anew');
          troubled = true;
        },
      )
      .finally(() => {
        running = null;
      });
  }, everyMs);
  return {
    async stop() {
      clearInterval(timer);
      end.abort();
      await running;
    },
  };
}
