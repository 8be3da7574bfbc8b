import { SIMULATED, type Evaluation } from './evaluation.ts';
import { intervalText, shareText } from './interval.ts';
import { VERDICT_TONES, type VerdictTone } from './false-tones.ts';
import type { Mistakes, Quantiles, SystemFigures } from './system-figures.ts';
import { EVALUATED_KIND_MEANS, EVALUATED_KINDS } from './told.ts';

const ms = ({ p50, p95 }: Quantiles): string => (Number.isNaN(p50) ? 'none' : `p50 ${p50} ms, p95 ${p95} ms`);
const perHour = (times: number, hours: number): string => `${times} in ${hours.toFixed(2)} h${hours > 0 ? ` (${(times / hours).toFixed(1)} an hour)` : ''}`;
const TONE_NAMES: Record<VerdictTone, string> = { sit: 'special information tones', fax: 'fax tones', progress: 'ringback, busy and reorder tones' };
const BAR = 40;

/** The evaluation for a person to read: both systems, and what the audio was. */
export function renderEvaluation(evaluation: Omit<Evaluation, 'text'>): string {
  const lines = [`${capital(evaluation.of)}${evaluation.of === SIMULATED ? ': figures of real lines may differ' : ''}. Decided by ${evaluation.latestDecisionMs} ms after the answer; one lost person costs as much as ${evaluation.lostHumanCost} missed machines; tones of ${evaluation.country ?? 'any country'}.`,
    'Shares with 95 % intervals (Wilson, widened by how alike the calls of one voice are).'];
  if (evaluation.stopped) lines.push(`Stopped after ${evaluation.calls} calls: the others were not heard.`);
  for (const system of evaluation.systems) lines.push('', ...renderSystem(system));
  const { beeps } = evaluation;
  lines.push('', `beeps after a machine: found ${shareText(beeps.recall)}; error of the end ${ms({ p50: beeps.endErrorP50Ms, p95: beeps.endErrorP95Ms })}`,
    `beeps told that were one: ${shareText(beeps.precision)}`,
    `beeps told where there was none: ${perHour(beeps.falseBeeps, beeps.hours)}`,
    ...VERDICT_TONES.map((tone) => `${TONE_NAMES[tone]} told where there was none: ${perHour(evaluation.falseTones[tone].told, evaluation.falseTones[tone].hours)}`));
  if (evaluation.forced.length > 0) {
    lines.push('', 'obzvon, forced to decide after the first speech (right answers, persons and recordings weighing the same):');
    for (const { ms: at, calls, accuracy, low, high } of evaluation.forced) lines.push(`  ${(at / 1000).toFixed(1)} s  ${Number.isNaN(accuracy) ? 'unknown: persons or recordings alone' : intervalText({ share: accuracy, low, high })}  of ${calls}`);
    lines.push('', 'obzvon, how true its probabilities of a person are (|: told, #: found):', ...renderReliability(evaluation));
  }
  return lines.join('\n');
}

function renderSystem(system: SystemFigures): string[] {
  const lines = [system.name,
    `  persons lost                   ${shareText(system.persons.wrong)}`,
    `  persons not called human       ${shareText(system.persons.notFound)}`,
    `  persons taken for silence      ${shareText(system.unheardPersons)}`,
    `  recordings called human        ${shareText(system.recordings.wrong)}`,
    `  recordings not found           ${shareText(system.recordings.notFound)}`,
    ...(system.atFirst === null ? [] : [`  had no word been taken back     persons lost ${shareText(system.atFirst.persons.wrong)}; recordings called human ${shareText(system.atFirst.recordings.wrong)}, not found ${shareText(system.atFirst.recordings.notFound)}`]),
    `  nobody there, called human     ${shareText(system.nobodyCalledHuman)}`,
    `  a person is known after        ${ms(system.humanMs)} of the first speech; ${ms(system.humanAudioMs)} of the answer`,
    `  a recording is known after     ${ms(system.machineMs)} of the first speech; ${ms(system.machineAudioMs)} of the answer`,
    '  by group: wrong (lost, or called human); not told right; known after the first speech'];
  for (const [group, mistakes] of Object.entries(system.groups)) lines.push(`    ${group.padEnd(32)} ${renderMistakes(mistakes)}; ${ms(system.groupMs[group]!)}`);
  for (const [view, keys] of Object.entries(system.views)) {
    lines.push(`  by ${view}: persons lost; recordings called human; persons, recordings known after the first speech`);
    for (const [key, { persons, recordings, humanMs, machineMs }] of Object.entries(keys)) lines.push(`    ${key.padEnd(14)} ${shareText(persons.wrong)}; ${shareText(recordings.wrong)}; ${ms(humanMs)}; ${ms(machineMs)}`);
  }
  lines.push('  verdicts by kind of call');
  for (const kind of EVALUATED_KINDS) {
    const figures = system.kinds[kind];
    if (figures === undefined) continue;
    const verdicts = Object.entries(figures.verdicts).sort((a, b) => b[1] - a[1]).map(([verdict, times]) => `${verdict} ${times}`).join(', ');
    lines.push(`    ${kind.padEnd(21)} ${String(figures.calls).padStart(5)}  ${verdicts}   (${EVALUATED_KIND_MEANS[kind]})`);
  }
  return lines;
}

const renderMistakes = ({ wrong, notFound }: Mistakes): string => `${shareText(wrong)}; ${shareText(notFound)}`;

function renderReliability({ reliability }: Pick<Evaluation, 'reliability'>): string[] {
  return reliability.filter(({ calls }) => calls > 0).map(({ from, to, calls, told, found }) => {
    const bar = Array.from({ length: BAR + 1 }, (_, at) => (at === Math.round(told * BAR) ? '|' : at <= found * BAR ? '#' : ' ')).join('');
    return `  ${from.toFixed(1)}-${to.toFixed(1)}  ${bar}  told ${told.toFixed(2)}, found ${found.toFixed(2)}, ${calls} judgements`;
  });
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
