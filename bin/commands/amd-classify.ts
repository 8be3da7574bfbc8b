import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { addAbortSignal } from 'node:stream';
import type { Command } from 'commander';
import { createDetector, type Detector, type DetectorOptions } from '../../amd/detector.ts';
import { TONE_PLANS } from '../../amd/tones/tone-plans.ts';
import { classifyFile, type AmdVerdictReport } from '../../amd/wav.ts';
import { DETECTION_DEFAULTS } from '../../core/amd-wire.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { Context } from '../context.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { readCampaign } from '../read-campaign.ts';
import { example, type Act } from './act.ts';

/** Before it no person can have been heard; after it every caller has hung up. */
const LEAST_LATEST_MS = 500;
const MOST_LATEST_MS = 60_000;

interface ClassifyOptions {
  raw: boolean;
  rate: string;
  latest?: string;
  country?: string;
  campaign?: string;
  rang?: string;
}

interface Settings {
  rate: 8000 | 16000;
  detection: Omit<DetectorOptions, 'sampleRate'>;
}

export function registerAmdClassify(amd: Command, act: Act): void {
  const classify = amd
    .command('classify [inputs...]')
    .description('say what answered: in WAV recordings of the called party from the answer on, in every one of a folder, or in PCM on stdin (- or nothing)')
    .option('--raw', 'inputs are 16-bit little-endian mono PCM without a header', false)
    .option('--rate <hz>', 'samples a second of raw PCM: 8000 or 16000', '8000')
    .option('--latest <ms>', `latest time of a verdict (default: ${DETECTION_DEFAULTS.latestDecisionMs}, or the campaign's)`)
    .option('--country <code>', 'whose ringback and busy tones to expect (default: any, or the campaign\'s)')
    .option('--campaign <file>', 'decide as this campaign would: its detection settings and country')
    .option('--rang <ms>', 'how long it rang before the answer');
  example(classify, 'obzvon amd classify answer.wav', 'obzvon amd classify recordings/ --json', 'sox answer.flac -t raw -r 8000 -e signed -b 16 -c 1 - | obzvon amd classify --raw --rate 8000 --json').action(
    act(async (context, inputs: string[], options: ClassifyOptions) => {
      const settings = await settingsOf(options);
      if (inputs.length === 0 || (inputs.length === 1 && inputs[0] === '-')) {
        if (!options.raw) throw new ObzvonError('usage', 'found no file; expected a WAV file, a folder, or --raw for PCM on stdin');
        return classifyStream(context, settings);
      }
      return classifyFiles(context, inputs, options.raw, settings);
    }),
  );
}

async function settingsOf({ rate, latest, country, campaign: file, rang }: ClassifyOptions): Promise<Settings> {
  const campaign = file === undefined ? null : await readCampaign(file);
  const latestDecisionMs = latest === undefined ? (campaign?.detection.latestDecisionMs ?? DETECTION_DEFAULTS.latestDecisionMs) : Number(latest);
  const ringMs = rang === undefined ? null : Number(rang);
  if (rate !== '8000' && rate !== '16000') throw new ObzvonError('usage', `--rate: found "${rate}"; expected 8000 or 16000`);
  if (!Number.isInteger(latestDecisionMs) || latestDecisionMs < LEAST_LATEST_MS || latestDecisionMs > MOST_LATEST_MS) throw new ObzvonError('usage', `--latest: found "${latest}"; expected milliseconds from ${LEAST_LATEST_MS} to ${MOST_LATEST_MS}`);
  const countries = TONE_PLANS.map((plan) => plan.country);
  if (country !== undefined && !countries.includes(country)) throw new ObzvonError('usage', `--country: found "${country}"; expected one whose tones are known: ${countries.toSorted().join(', ')}`);
  if (ringMs !== null && (!Number.isInteger(ringMs) || ringMs < 0)) throw new ObzvonError('usage', `--rang: found "${rang}"; expected milliseconds such as 12000`);
  const { lostHumanCost, unsureMeans, ringOdds } = campaign?.detection ?? { lostHumanCost: DETECTION_DEFAULTS.lostHumanCost, unsureMeans: 'human', ringOdds: [] };
  return { rate: rate === '8000' ? 8000 : 16000, detection: { latestDecisionMs, lostHumanCost, unsureMeans, ringOdds, ringMs, country: country ?? campaign?.defaultCountry ?? null } };
}

/** PCM as it comes; each event on a line of its own the moment it falls. Asked to stop, it hears no more. */
async function classifyStream(context: Context, { rate, detection }: Settings): Promise<ExitCode> {
  const detector = createDetector({ ...detection, sampleRate: rate });
  let bytes = 0;
  try {
    for await (const chunk of addAbortSignal(context.stopAsked, process.stdin) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      detector.pushBytes(chunk);
      tellEvents(context, detector);
    }
  } catch (error) {
    if (context.stopAsked.aborted) return EXIT.partial;
    throw error;
  }
  if (bytes < 2) throw new ObzvonError('bad_input', `stdin: no audio came (${bytes} bytes); expected PCM of 16 bits`);
  if (bytes % 2 === 1) context.terminal.say('stdin: the last byte is half a sample and was left out');
  // The call goes on in silence, as it would on a line.
  detector.push(new Int16Array(Math.ceil(((detection.latestDecisionMs + 20) / 1000) * rate)));
  tellEvents(context, detector);
  context.terminal.say(`${(bytes / 2 / rate).toFixed(1)} s of audio`);
  return EXIT.done;
}

function tellEvents(context: Context, detector: Detector): void {
  for (let event = detector.next(); event !== null; event = detector.next()) {
    const told = event;
    context.terminal.result(told, () => {
      const at = `${(told.audioMs / 1000).toFixed(2)} s`;
      switch (told.type) {
        case 'verdict': return `${at}  ${told.verdict} (confidence ${told.confidence.toFixed(2)}): ${told.reason}`;
        case 'turn_ended': return `${at}  they have finished`;
        case 'settled': return `${at}  the verdict stands`;
        case 'beep': return `${at}  beep of ${told.frequencyHz} Hz`;
        case 'greeting_ended': return `${at}  the greeting ended`;
        case 'greeting_resumed': return `${at}  the greeting goes on`;
      }
    });
  }
}

/** One line a file, in order; a file that cannot be read is told and the others go on. */
async function classifyFiles(context: Context, inputs: readonly string[], raw: boolean, settings: Settings): Promise<ExitCode> {
  const files = (await Promise.all(inputs.map((input) => filesOf(input, raw)))).flat();
  let failed = 0;
  let only: unknown = null;
  for (const file of files) {
    if (context.stopAsked.aborted) return EXIT.partial;
    try {
      const report = await classifyFile(file, settings.detection, raw ? settings.rate : null);
      context.terminal.result(report, () => textOf(report));
      if (report.remark !== null) context.terminal.say(`${file}: ${report.remark}`);
    } catch (error) {
      if (!(error instanceof ObzvonError)) throw error;
      failed++;
      only = error;
      if (files.length > 1) context.terminal.say(error.message);
    }
  }
  if (files.length === 0) throw new ObzvonError('bad_input', `${inputs.join(', ')}: found no recording; expected ${raw ? 'PCM' : 'WAV'} files`);
  if (failed > 0 && failed === files.length) {
    throw files.length === 1 && only instanceof Error ? only : new ObzvonError('bad_input', `none of ${files.length} files could be read`);
  }
  return failed > 0 ? EXIT.partial : EXIT.done;
}

const textOf = (report: AmdVerdictReport): string =>
  `${report.file}: ${report.verdict} (confidence ${report.confidence.toFixed(2)}) after ${(report.audioMs / 1000).toFixed(2)} s of ${report.seconds.toFixed(1)} s: ${report.reason}${report.beep === null ? '' : `; a beep of ${report.beep.frequencyHz} Hz ended at ${(report.beep.audioMs / 1000).toFixed(2)} s`}`;

async function filesOf(input: string, raw: boolean): Promise<string[]> {
  const found = await stat(input).catch(() => null);
  if (found === null || !found.isDirectory()) return [input];
  const names = await readdir(input, { recursive: true });
  return names.filter((name) => (raw ? /\.(raw|pcm|l16|sln)$/ : /\.wav$/i).test(name)).sort().map((name) => join(input, name));
}
