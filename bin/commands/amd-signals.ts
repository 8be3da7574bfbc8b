import type { Command } from 'commander';
import { readClips } from '../../amd/corpus/clips.ts';
import { evaluatePrints, type PrintEvaluation } from '../../amd/fingerprint/evaluate-prints.ts';
import { evaluateTones, type FalseAlarms, type ToneEvaluation, type ToneRecall } from '../../amd/tones/evaluate-tones.ts';
import { ObzvonError } from '../../core/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { example, type Act } from './act.ts';

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)} %`);

const recallText = ({ kind, found, tried }: ToneRecall): string => `  ${kind.padEnd(52)} ${found} of ${tried} (${percent(found, tried)})`;

const falseAlarmsText = ({ hours, beeps, perHour, upperPerHour, sit, fax, progress, beepsIn }: FalseAlarms): string[] => [
  `  in ${hours.toFixed(1)} h of speech and music: beeps ${beeps} (${perHour.toFixed(2)} an hour, 95 % at most ${upperPerHour.toFixed(2)}), SIT ${sit}, fax ${fax}, busy ${progress}`,
  ...beepsIn.map((where) => `    ${where}`),
];

function tonesText({ recall, vocodedRecall, falseAlarms, vocodedFalseAlarms, beepEndErrorMs, beepToldAfterMs, sitIntoThirdMs }: ToneEvaluation): string[] {
  return [
    'tones at 10 to 30 dB SNR (simulated channel)',
    ...recall.map(recallText),
    `  beep's end: error p50 ${beepEndErrorMs.p50}, p95 ${beepEndErrorMs.p95} ms; told p50 ${beepToldAfterMs.p50}, p95 ${beepToldAfterMs.p95} ms after it`,
    `  SIT told p50 ${sitIntoThirdMs.p50}, p95 ${sitIntoThirdMs.p95} ms into its third segment`,
    ...falseAlarmsText(falseAlarms),
    'tones through vocoders (gsm: GSM 06.10; celp: a code-excited coder that stands for AMR)',
    ...vocodedRecall.map(recallText),
    ...falseAlarmsText(vocodedFalseAlarms),
  ];
}

function printsText({ prints, known, short, falseMatches }: PrintEvaluation): string[] {
  return [
    `fingerprints of ${prints} announcements (simulated channel)`,
    ...known.map(({ tried, found, wrong, afterOnsetMs }, index) => `  at ${['5-10', '10-20', '20-30'][index] ?? ''} dB known again: ${found} of ${tried} (${percent(found, tried)}), as another's ${wrong}; p50 ${afterOnsetMs.p50}, p95 ${afterOnsetMs.p95} ms after the first speech`),
    `  of 1-2 s, confirmed, 10-30 dB: called human ${short.human} of ${short.tried} (${percent(short.human, short.tried)}), announcement ${short.announcement}`,
    `  in ${falseMatches.hours.toFixed(1)} h of other speech: ${falseMatches.matches} false matches`,
    ...falseMatches.in.map((where) => `    ${where}`),
  ];
}

export function registerAmdSignals(amd: Command, act: Act): void {
  const signals = amd.command('signals <clips>').description('measure tones and fingerprints on a folder of labelled clips: recall, timing, false alarms an hour')
    .option('--per-kind <n>', 'tones of each kind', '1000').option('--rounds <n>', 'how often all speech is heard', '2').option('--seed <n>', 'of every draw', '1');
  example(signals, 'obzvon amd signals amd/fixtures').action(
    act(async (context, folder: string, options: { perKind: string; rounds: string; seed: string }) => {
      const [perKind, rounds, seed] = [options.perKind, options.rounds, options.seed].map(Number) as [number, number, number];
      if (![perKind, rounds, seed].every((value) => Number.isInteger(value) && value >= 0)) throw new ObzvonError('usage', '--per-kind, --rounds, --seed: expected whole numbers');
      const clips = await readClips(folder);
      const tones = evaluateTones(clips, { perKind, rounds, seed });
      const prints = evaluatePrints(clips, { seed, rounds: Math.max(1, rounds), falseRounds: rounds });
      context.terminal.result({ tones, prints }, () => [...tonesText(tones), ...printsText(prints)].join('\n'));
      return EXIT.done;
    }),
  );
}
