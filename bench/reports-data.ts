import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Analytics } from '../analytics/client.ts';

export const CONTACTS = Number(process.env['BENCH_CONTACTS'] ?? 2_000_000);
export const ATTEMPTS = Number(process.env['BENCH_ATTEMPTS'] ?? 5 * CONTACTS);
export const CAMPAIGN = 'bench';
const CHUNK = 1_000_000;
/** One in ten, so that of the others the nth is that plus one for every nine before it. */
const HELD_OUT = (contact: string): string => `${contact} % 10 = 0`;
const CALLED = CONTACTS - Math.ceil(CONTACTS / 10);
/** 2025-11-03T08:00:00Z. */
const START = "toDateTime64('2025-11-03 08:00:00', 3, 'UTC')";

const CONTACT_ROWS = `INSERT INTO contacts (campaign_id, contact_id, account_id, contact_group, debt_minor, currency, language, timezone, phones, phone_masked, phone_hash, priority, load_id, loaded_at)
SELECT '${CAMPAIGN}', lower(hex(cityHash64('contact', number))) || lower(hex(cityHash64('c', number))), 'account-' || toString(number), if(${HELD_OUT('number')}, 'held_out', 'called'),
       1000 + cityHash64('debt', number) % 900000, 'UAH', 'uk', 'Europe/Kyiv', 1, '+38067***' || leftPad(toString(number % 10000), 4, '0'), lower(hex(cityHash64('phone', number))), 5, 'load-1', ${START} - toIntervalHour(1)
FROM numbers({from:UInt64}, {rows:UInt64})`;

/** Five or six calls to each contact that is not held out, spread over 13 days from 8 to 18 o'clock; ids sort by time as real ones do. */
const ATTEMPT_ROWS = `INSERT INTO attempts (campaign_id, attempt_id, contact_id, account_id, contact_group, language, timezone, attempt_number, phone_masked, phone_hash, phone_index, trunk, caller_id, dialer_id, outcome, ended_by,
    sip_status, q850_cause, started_at, ended_at, answered_at, local_hour, local_weekday, post_dial_delay_ms, ring_ms, verdict, talk_ms, message_ms, heard_ms, heard_whole, digits, response, promised_date)
SELECT '${CAMPAIGN}', leftPad(lower(hex(toUInt64(toUnixTimestamp64Milli(started)))), 12, '0') || '-' || lower(hex(cityHash64('attempt', n))), lower(hex(cityHash64('contact', contact))) || lower(hex(cityHash64('c', contact))), 'account-' || toString(contact), 'called', 'uk', 'Europe/Kyiv', attempt,
       '+38067***' || leftPad(toString(contact % 10000), 4, '0'), lower(hex(cityHash64('phone', contact))), 0, 'trunk-' || toString(chance % 3), '+38044111220' || toString(chance % 8), 'dialer-1', outcome, if(human, 'callee', 'network'),
       if(answered, 200, 486), 16, started, started + toIntervalSecond(40), if(answered, started + toIntervalSecond(9), NULL), toHour(started) + 2, toDayOfWeek(started), 1200, 7800, if(answered, 'human', ''),
       if(answered, 31000, 0), 18000, if(human, 18000, 0), human AND chance % 5 > 0, '', if(human AND chance % 7 = 0, 'promise_to_pay', 'none'), if(human AND chance % 7 = 0, toDate32('2025-11-20'), NULL)
FROM (
    SELECT number AS n, number % ${CALLED} AS nth, nth + intDiv(nth, 9) + 1 AS contact, intDiv(number, ${CALLED}) + 1 AS attempt, cityHash64('chance', number) AS chance,
           ${START} + toIntervalMillisecond(intDiv(number * 13, ${ATTEMPTS}) * 86400000 + toInt64(((number * 13) % ${ATTEMPTS}) / ${ATTEMPTS} * 36000000)) AS started,
           arrayElement(['human', 'human', 'human', 'no_answer', 'no_answer', 'busy', 'machine', 'machine', 'unreachable', 'rejected'], 1 + chance % 10) AS outcome,
           outcome = 'human' AS human, outcome IN ('human', 'machine') AS answered
    FROM numbers({from:UInt64}, {rows:UInt64})
)`;

const PAYMENT_ROWS = `INSERT INTO payments (payment_id, account_id, amount_minor, currency, paid_at, received_at)
SELECT 'pay-' || toString(number), 'account-' || toString(cityHash64('who', number) % ${CONTACTS}), 1000 + cityHash64('amount', number) % 90000, 'UAH', ${START} + toIntervalSecond(cityHash64('when', number) % 1728000), ${START} + toIntervalDay(21)
FROM numbers({from:UInt64}, {rows:UInt64})`;

const MERGING_MS = 60_000;

/** Contacts, attempts and payments of one campaign, as merged as a store is that has stood for a day: what the engine merges by itself has ended. */
export async function fillStore(analytics: Analytics): Promise<void> {
  await fill(analytics, CONTACT_ROWS, CONTACTS);
  await fill(analytics, ATTEMPT_ROWS, ATTEMPTS);
  await fill(analytics, PAYMENT_ROWS, Math.floor(CONTACTS / 4));
  // What the views filled beside them, likewise.
  await analytics.command('OPTIMIZE TABLE contact_progress');
  const merging = async (): Promise<boolean> => (await analytics.query('SELECT count() AS n FROM system.merges', z.object({ n: z.number() })))[0]!.n > 0;
  for (const since = Date.now(); Date.now() - since < MERGING_MS && (await merging());) await sleep(200);
}

async function fill(analytics: Analytics, sql: string, rows: number): Promise<void> {
  for (let from = 0; from < rows; from += CHUNK) await analytics.command(sql, { from, rows: Math.min(CHUNK, rows - from) });
  const table = /INSERT INTO (\w+)/.exec(sql)?.[1] ?? '';
  await analytics.command(`OPTIMIZE TABLE ${table}`);
}
