import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { connectAnalytics, type Analytics } from '../analytics/client.ts';
import { refreshLiveFigures } from '../analytics/live.ts';
import { migrate } from '../analytics/migrate.ts';
import { reachReport } from '../analytics/report.ts';
import { upliftReport } from '../analytics/uplift.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

const CONTACTS = Number(process.env['BENCH_CONTACTS'] ?? 2_000_000);
const ATTEMPTS = Number(process.env['BENCH_ATTEMPTS'] ?? 5 * CONTACTS);
const CHUNK = 1_000_000;
const ROUNDS = 5;
const LIMIT_SECONDS = 2;
const CAMPAIGN = 'bench';
/** 2025-11-03T08:00:00Z. */
const START = "toDateTime64('2025-11-03 08:00:00', 3, 'UTC')";

const CONTACT_ROWS = `INSERT INTO contacts (campaign_id, contact_id, account_id, contact_group, debt_minor, currency, language, timezone, phones, phone_masked, phone_hash, priority, load_id, loaded_at)
SELECT '${CAMPAIGN}', lower(hex(cityHash64('contact', number))) || lower(hex(cityHash64('c', number))), 'account-' || toString(number), if(cityHash64('group', number) % 10 = 0, 'held_out', 'called'),
       1000 + cityHash64('debt', number) % 900000, 'UAH', 'uk', 'Europe/Kyiv', 1, '+38067***' || leftPad(toString(number % 10000), 4, '0'), lower(hex(cityHash64('phone', number))), 5, 'load-1', ${START} - toIntervalHour(1)
FROM numbers({from:UInt64}, {rows:UInt64})`;

/** Five calls a contact, spread over 13 days from 8 to 18 o'clock; ids sort by time as real ones do. */
const ATTEMPT_ROWS = `INSERT INTO attempts (campaign_id, attempt_id, contact_id, account_id, contact_group, language, timezone, attempt_number, phone_masked, phone_hash, phone_index, trunk, caller_id, dialer_id, outcome, ended_by,
    sip_status, q850_cause, started_at, ended_at, answered_at, local_hour, local_weekday, post_dial_delay_ms, ring_ms, verdict, talk_ms, message_ms, heard_ms, heard_whole, digits, response, promised_date)
SELECT '${CAMPAIGN}', leftPad(lower(hex(toUInt64(toUnixTimestamp64Milli(started)))), 12, '0') || '-' || lower(hex(cityHash64('attempt', n))), lower(hex(cityHash64('contact', contact))) || lower(hex(cityHash64('c', contact))), 'account-' || toString(contact), 'called', 'uk', 'Europe/Kyiv', attempt,
       '+38067***' || leftPad(toString(contact % 10000), 4, '0'), lower(hex(cityHash64('phone', contact))), 0, 'trunk-' || toString(chance % 3), '+38044111220' || toString(chance % 8), 'dialer-1', outcome, if(human, 'callee', 'network'),
       if(answered, 200, 486), 16, started, started + toIntervalSecond(40), if(answered, started + toIntervalSecond(9), NULL), toHour(started) + 2, toDayOfWeek(started), 1200, 7800, if(answered, 'human', ''),
       if(answered, 31000, 0), 18000, if(human, 18000, 0), human AND chance % 5 > 0, '', if(human AND chance % 7 = 0, 'promise_to_pay', 'none'), if(human AND chance % 7 = 0, toDate32('2025-11-20'), NULL)
FROM (
    SELECT number AS n, number % ${CONTACTS} AS contact, intDiv(number, ${CONTACTS}) + 1 AS attempt, cityHash64('chance', number) AS chance,
           ${START} + toIntervalMillisecond(intDiv(number * 13, ${ATTEMPTS}) * 86400000 + toInt64(((number * 13) % ${ATTEMPTS}) / ${ATTEMPTS} * 36000000)) AS started,
           arrayElement(['human', 'human', 'human', 'no_answer', 'no_answer', 'busy', 'machine', 'machine', 'unreachable', 'rejected'], 1 + chance % 10) AS outcome,
           outcome = 'human' AS human, outcome IN ('human', 'machine') AS answered
    FROM numbers({from:UInt64}, {rows:UInt64})
)`;

const PAYMENT_ROWS = `INSERT INTO payments (payment_id, account_id, amount_minor, currency, paid_at, received_at)
SELECT 'pay-' || toString(number), 'account-' || toString(cityHash64('who', number) % ${CONTACTS}), 1000 + cityHash64('amount', number) % 90000, 'UAH', ${START} + toIntervalSecond(cityHash64('when', number) % 1728000), ${START} + toIntervalDay(21)
FROM numbers({from:UInt64}, {rows:UInt64})`;

/** What anybody would ask without views: the same groups, each row taken for one attempt; and the groups' payments. */
const BARE_REACH = `SELECT attempt_number, outcome, local_weekday, local_hour, uniq(contact_id) AS contacts, count() AS attempts, countIf(answered_at IS NOT NULL) AS answered, countIf(heard_whole) AS heard
FROM attempts WHERE campaign_id = '${CAMPAIGN}' GROUP BY attempt_number, outcome, local_weekday, local_hour`;
const BARE_UPLIFT = `SELECT contact_group, toDate(paid_at) AS day, uniq(c.contact_id) AS contacts, sum(amount_minor) AS amount
FROM payments AS p INNER JOIN (SELECT account_id, contact_id, contact_group FROM contacts WHERE campaign_id = '${CAMPAIGN}') AS c ON c.account_id = p.account_id GROUP BY contact_group, day`;

/**
 * The reach and the uplift report over 10 million attempts of 2 million contacts in the embedded engine, each beside the bare query that aggregates the
 * same rows. Figures by hour are counted before, as a sink does while attempts come in; what that took is told.
 */
export async function benchReports(): Promise<BenchResult[]> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bench-reports-'));
  const analytics = await connectAnalytics(`chdb:${join(dir, 'store')}`);
  try {
    await migrate(analytics);
    const filled = await seconds(async () => {
      await fill(analytics, CONTACT_ROWS, CONTACTS);
      await fill(analytics, ATTEMPT_ROWS, ATTEMPTS);
      await fill(analytics, PAYMENT_ROWS, Math.floor(CONTACTS / 4));
      // What the views filled beside them, likewise.
      await analytics.command('OPTIMIZE TABLE contact_progress');
    });
    const counted = await seconds(() => refreshLiveFigures(analytics, 0));
    const results: BenchResult[] = [];
    for (const [name, make, bare] of [['reach', () => reachReport(analytics, CAMPAIGN), BARE_REACH], ['uplift', () => upliftReport(analytics, CAMPAIGN), BARE_UPLIFT]] as const) {
      const ours: number[] = [];
      const peer: number[] = [];
      // The first round warms up and does not count.
      for (let round = 0; round <= ROUNDS; round++) {
        const bareSeconds = await seconds(() => analytics.query(bare, z.unknown()));
        const ourSeconds = await seconds(make);
        if (round === 0) continue;
        peer.push(bareSeconds);
        ours.push(ourSeconds);
      }
      const taken = median(ours);
      results.push({
        name: `report-${name}`, unit: 's', ours: Number(taken.toFixed(2)), peer: null, peerName: `the limit of ${LIMIT_SECONDS} s`, ratio: LIMIT_SECONDS / taken, target: 1,
        detail: `${ATTEMPTS} attempts, ${CONTACTS} contacts, ${ROUNDS} rounds: report ${ours.map((one) => one.toFixed(2)).join(', ')} s; the bare aggregate query ${median(peer).toFixed(2)} s; filled in ${filled.toFixed(0)} s, all hours counted in ${counted.toFixed(1)} s; memory ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
      });
    }
    return results;
  } finally {
    await analytics.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function fill(analytics: Analytics, sql: string, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += CHUNK) await analytics.command(sql, { from, rows: Math.min(CHUNK, rows - from) });
  // As merged as a store is that has stood for a day.
  const table = /INSERT INTO (\w+)/.exec(sql)?.[1] ?? '';
  await analytics.command(`OPTIMIZE TABLE ${table}`);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

await runIfMain(import.meta.url, benchReports);
