/**
 * The whole load (split, check, phones, ids, hold-out, publish to the embedded bus) against csv-parse alone on the same file.
 * Rounds alternate, so that a busy machine slows both; the ratio is the median of the rounds' ratios. The first round of each warms up and does not count.
 * Run: `npx tsx bench/loader.ts`
 */
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse';
import { knownContacts, loadList } from '../campaign-loader/index.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { campaignSchema } from '../core/campaign.ts';
import { hashFraction, newId } from '../core/ids.ts';
import { median, runIfMain, type BenchResult } from './result.ts';

const ROWS = 200_000;
const ROUNDS = 5;

const campaign = campaignSchema.parse({
  id: 'bench-loader',
  name: 'Loader benchmark',
  company: 'Energo',
  startsAt: '2026-01-01T00:00:00Z',
  expiresAt: '2027-01-01T00:00:00Z',
  trunks: ['main'],
  callerIds: ['+380443334455'],
  maxCallsPerSecond: 10,
  maxChannels: 100,
  flow: { start: 'bye', steps: { bye: { kind: 'hangup' } } },
});

/** Names as they are in such lists, a tenth of them in quotes; every fourth debtor has two phones; one row in 40 is bad. */
async function writeList(path: string): Promise<void> {
  const names = ['Іваненко Марія Петрівна', 'Шевченко Олег', 'Коваль Наталія Іванівна', 'Petrenko Ivan', 'Сидоров Пётр', '"ТОВ ""Ромашка"""', 'Бондар Ірина', 'Мельник Андрій', 'Ткач Оксана', 'Лисенко Юрій'];
  const codes = ['50', '63', '66', '67', '68', '73', '93', '95', '96', '97', '98', '99'];
  const file = await open(path, 'w');
  let text = 'account_id,name,phones,debt,due_date,language,address\n';
  for (let row = 0; row < ROWS; row += 1) {
    const chance = hashFraction('bench', String(row));
    const digits = String(1_000_000 + Math.floor(chance * 8_999_999));
    const code = codes[row % codes.length]!;
    const first = row % 3 === 0 ? `+380${code}${digits}` : row % 3 === 1 ? `0${code} ${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}` : `(0${code}) ${digits}`;
    const phones = row % 40 === 39 ? '3.80671E+11' : row % 4 === 0 ? `${first}; 044${digits}` : first;
    text += `${1_000_000 + row},${names[row % names.length]!},${phones},${(100 + chance * 5000).toFixed(2)},2026-11-${String(1 + (row % 28)).padStart(2, '0')},${row % 5 === 0 ? 'ru' : 'uk'},вул. Шевченка ${row % 200}\n`;
    if (text.length > 1 << 20) {
      await file.writeFile(text);
      text = '';
    }
  }
  await file.writeFile(text);
  await file.close();
}

/** Rows a second of csv-parse reading the file and doing nothing with the rows. */
async function csvParseRate(path: string): Promise<number> {
  const started = performance.now();
  let rows = 0;
  for await (const row of createReadStream(path).pipe(parse({ bom: true }))) if (Array.isArray(row)) rows += 1;
  return (rows - 1) / ((performance.now() - started) / 1000);
}

interface Loaded {
  readonly rate: number;
  readonly cpuUsPerRow: number;
}

async function loadOnce(path: string, dir: string): Promise<Loaded> {
  const bus = await openEmbeddedBus({ dir, nowMs: () => Date.now() });
  try {
    const started = performance.now();
    const cpu = process.cpuUsage();
    const report = await loadList({
      campaign,
      source: { kind: 'file', path },
      bus,
      known: await knownContacts(bus, campaign.id),
      nowMs: () => Date.now(),
      loadId: newId(Date.now()),
      refusedPath: join(dir, 'list.refused.csv'),
    });
    const rate = report.rows / ((performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(cpu);
    if (report.rows !== ROWS || report.accepted !== ROWS - ROWS / 40) throw new Error(`the load went wrong: ${report.rows} rows, ${report.accepted} accepted`);
    return { rate, cpuUsPerRow: (user + system) / report.rows };
  } finally {
    await bus.close();
  }
}

/** Loads 200,000 rows a few times beside csv-parse. Target: at least a quarter of csv-parse's rows a second. */
export async function benchLoader(): Promise<BenchResult> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-bench-loader-'));
  try {
    const path = join(dir, 'list.csv');
    await writeList(path);
    const ours: Loaded[] = [];
    const peer: number[] = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      const busDir = join(dir, `bus-${round}`);
      const peerRate = await csvParseRate(path);
      const loaded = await loadOnce(path, busDir);
      await rm(busDir, { recursive: true });
      if (round === 0) continue;
      peer.push(peerRate);
      ours.push(loaded);
    }
    const rates = ours.map(({ rate }) => rate);
    const peakMb = process.resourceUsage().maxRSS / 1024;
    return {
      name: 'loader',
      unit: 'rows/s',
      ours: Math.round(median(rates)),
      peer: Math.round(median(peer)),
      peerName: 'csv-parse alone',
      ratio: median(rates.map((rate, round) => rate / peer[round]!)),
      target: 0.25,
      detail: `${ROWS} rows, ${ROUNDS} rounds in turn; ${median(ours.map(({ cpuUsPerRow }) => cpuUsPerRow)).toFixed(1)} µs of processor a row; peak memory of the process ${Math.round(peakMb)} MB`,
    };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

await runIfMain(import.meta.url, benchLoader);
