import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { connectAnalytics } from '../analytics/client.ts';
import { refreshLiveFigures } from '../analytics/live.ts';
import { migrate } from '../analytics/migrate.ts';
import { reachReport } from '../analytics/report.ts';
import { upliftReport } from '../analytics/uplift.ts';
import { ATTEMPTS, CAMPAIGN, CONTACTS, fillStore } from './reports-data.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

const ROUNDS = 5;
const LIMIT_SECONDS = 2;
const LIVE_SLACK_MS = 61_000;
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
    const filled = await seconds(() => fillStore(analytics));
    const counted = await seconds(() => refreshLiveFigures(analytics, 0));
    // What came in within the last minute is counted anew by every report: here it were all ten million attempts, of which in use it is a minute's.
    await sleep(LIVE_SLACK_MS);
    await refreshLiveFigures(analytics);
    const results: BenchResult[] = [];
    for (const [name, make, bare] of [['reach', () => reachReport(analytics, CAMPAIGN), BARE_REACH], ['uplift', () => upliftReport(analytics, CAMPAIGN), BARE_UPLIFT]] as const) {
      const ours: number[] = [];
      const ourCpu: number[] = [];
      const peer: number[] = [];
      // The first round warms up and does not count.
      for (let round = 0; round <= ROUNDS; round++) {
        const bareSeconds = await seconds(() => analytics.query(bare, z.unknown()));
        const cpu = process.cpuUsage();
        const ourSeconds = await seconds(make);
        const { user, system } = process.cpuUsage(cpu);
        if (round === 0) continue;
        peer.push(bareSeconds);
        ours.push(ourSeconds);
        ourCpu.push((user + system) / 1e6);
      }
      const taken = median(ours);
      results.push({
        name: `report-${name}`, unit: 's', ours: Number(taken.toFixed(2)), peer: null, peerName: `the limit of ${LIMIT_SECONDS} s`, ratio: LIMIT_SECONDS / taken, target: 1,
        detail: `${ATTEMPTS} attempts, ${CONTACTS} contacts, ${ROUNDS} rounds: report ${ours.map((one) => one.toFixed(2)).join(', ')} s, of all cores ${median(ourCpu).toFixed(2)} s of work (where the machine is busy, this tells more); the bare aggregate query ${median(peer).toFixed(2)} s; filled in ${filled.toFixed(0)} s, all hours counted in ${counted.toFixed(1)} s; memory ${Math.round(process.memoryUsage().rss / 2 ** 20)} MB`,
      });
    }
    return results;
  } finally {
    await analytics.close();
    await rm(dir, { recursive: true, force: true });
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

await runIfMain(import.meta.url, benchReports);
