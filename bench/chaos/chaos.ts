import { parseArgs } from 'node:util';
import { nearest } from '../../core/nearest.ts';
import { capRows } from './cap-rows.ts';
import { diskFullRow } from './disk-row.ts';
import { faultRow } from './fault-row.ts';
import { FAULTS } from './faults.ts';
import { ChaosGround } from './ground.ts';
import { loaderRow } from './loader-row.ts';
import { isGreen, type ChaosResult } from './result.ts';
import { tableMarkdown, tableText } from './table.ts';

const HELP = `make chaos: what happens to running campaigns when a part fails, row by row. Exit code 1 if a promise was broken.
  --rows a,b     these rows only, by name
  --seed TEXT    chance of the public, of the victims and of the moments (obzvon)
  --dialers N    dialer processes (4)
  --contacts N   in each row's campaign (300)
  --signalling   calls without sound
  --json         the results as one JSON document on stdout
  --markdown     the table as Markdown on stdout
  --list         the names of the rows`;

const { values } = parseArgs({
  options: {
    rows: { type: 'string' }, seed: { type: 'string', default: 'obzvon' }, dialers: { type: 'string', default: '4' }, contacts: { type: 'string', default: '300' },
    signalling: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, markdown: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
  },
});

const CALLS_PER_WALL_SECOND = 30;
const MAX_CHANNELS = 60;
const SPEED = 20;
const LONG_AWAY_MS = 60_000;
/** Of each stretch at a cap that is counted. */
const CAP_SECONDS = 40;

const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const ground = new ChaosGround({
  dialers: Number(values.dialers), contacts: Number(values.contacts), callsPerWallSecond: CALLS_PER_WALL_SECOND, maxChannels: MAX_CHANNELS, speed: SPEED,
  media: !values.signalling, seed: values.seed, say: (line) => say(`  ${line}`),
});

/** Every row, in the order in which they run. */
const ROWS: ReadonlyMap<string, () => Promise<ChaosResult>> = new Map([
  ...FAULTS.map((fault) => [fault.name, () => faultRow(ground, fault, { longAwayMs: LONG_AWAY_MS })] as const),
  ['loader killed', () => loaderRow(ground)] as const,
  ['disk full', () => diskFullRow({ seed: values.seed, say })] as const,
]);
/** Rows that are measured together, on a cluster of their own. */
const CAP_ROWS = 'caps';

function chosenRows(): string[] {
  const all = [...ROWS.keys(), CAP_ROWS];
  if (values.rows === undefined) return all;
  const chosen = values.rows.split(',').map((name) => name.trim());
  for (const name of chosen) if (!all.includes(name)) throw new Error(`--rows: found "${name}"; expected ${nearest(name, all) ?? all.join(', ')}`);
  return chosen;
}

async function runRow(name: string, onRow: (result: ChaosResult) => void): Promise<void> {
  const startedMs = performance.now();
  try {
    if (name === CAP_ROWS) {
      await ground.end({ keep: false });
      await capRows({ dialers: Number(values.dialers), seconds: CAP_SECONDS, seed: values.seed, say: (line) => say(`  ${line}`), onRow });
      return;
    }
    const result = await ROWS.get(name)!();
    onRow(isGreen(result) ? result : { ...result, logs: await ground.end({ keep: true }) });
  } catch (error) {
    const offence = error instanceof Error ? error.message : String(error);
    const logs = await ground.end({ keep: true });
    onRow({ name, what: '', moment: '-', recovery: null, awayS: null, judgement: null, lost: null, contacts: 0, seen: '', offences: [offence], seconds: (performance.now() - startedMs) / 1000, logs });
  }
}

async function main(): Promise<number> {
  if (values.help) return print(HELP), 0;
  const rows = chosenRows();
  if (values.list) return print(rows.join('\n')), 0;
  say(`chaos: ${rows.length} rows, ${values.dialers} dialers, ${values.contacts} contacts a row, at most ${CALLS_PER_WALL_SECOND} calls a second and ${MAX_CHANNELS} at once, a clock ${SPEED} times as fast as the wall's, ${values.signalling ? 'signalling only' : 'calls with sound'}, seed ${values.seed}`);
  const results: ChaosResult[] = [];
  const interrupted = (): void => void ground.end({ keep: false }).finally(() => process.exit(1));
  process.on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    for (const name of rows) {
      await runRow(name, (result) => {
        results.push(result);
        say(`${isGreen(result) ? 'holds ' : 'BROKEN'} ${result.name}: ${result.seconds.toFixed(0)} s; ${result.moment}; ${result.seen}`);
        for (const offence of result.offences.slice(0, 10)) say(`         ${offence}`);
        if (result.logs !== null) say(`         logs: ${result.logs}`);
      });
    }
  } finally {
    await ground.end({ keep: false });
  }
  if (values.json) print(JSON.stringify(results, null, 1));
  else print(values.markdown ? tableMarkdown(results) : tableText(results));
  const broken = results.filter((result) => !isGreen(result));
  say(broken.length === 0 ? `every row holds, ${results.reduce((sum, result) => sum + result.seconds, 0).toFixed(0)} s in all` : `${broken.length} of ${results.length} rows are broken: ${broken.map((result) => result.name).join(', ')}`);
  return broken.length === 0 ? 0 : 1;
}

process.exitCode = await main();
