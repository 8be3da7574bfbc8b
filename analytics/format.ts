import { unreachable } from '../core/errors.ts';
import type { FunnelStep, ReachReport } from './report.ts';
import { sectionsOf, type SectionedReport } from './reports/sections-of.ts';
import { sectionsSheet, sectionText } from './reports/sections.ts';
import { LongSheet, sheetCsv, type Sheet } from './sheet.ts';
import { formatCount, formatMoney, formatShare, printable, renderTable, spoken, type Column } from './table.ts';
import { upliftSheet } from './uplift-sheet.ts';
import { effectInWords, effectTables, points } from './uplift-text.ts';
import type { Effect, UpliftDay, UpliftReport } from './uplift.ts';

export type Report = ReachReport | UpliftReport | SectionedReport;
export type ReportForm = 'table' | 'json' | 'csv';

/**
 * A report as text, ending in a line feed: `table` for people, `json` whole and exact, `csv` for spreadsheets (money
 * in minor units, shares as fractions).
 */
export function formatReport(report: Report, form: ReportForm): string {
  switch (form) {
    case 'json':
      return `${JSON.stringify(report, null, 2)}\n`;
    case 'csv':
      return sheetCsv(sheetOf(report));
    case 'table':
      return `${linesOf(report).join('\n')}\n`;
    default:
      return unreachable(form);
  }
}

/** The report as one table for spreadsheets and other programs. */
export function sheetOf(report: Report): Sheet {
  switch (report.kind) {
    case 'reach':
      return reachSheet(report);
    case 'uplift':
      return upliftSheet(report);
    case 'attempts':
    case 'quality':
    case 'cost':
    case 'data':
      return sectionsSheet(report.campaignId, sectionsOf(report), 'currency' in report ? report.currency : '');
    default:
      return unreachable(report);
  }
}

const TITLES = { attempts: 'Attempts', quality: 'Quality', cost: 'Cost', data: 'Data' } as const;

function linesOf(report: Report): string[] {
  switch (report.kind) {
    case 'reach':
      return reachTables(report);
    case 'uplift':
      return upliftTables(report);
    case 'attempts':
    case 'quality':
    case 'cost':
    case 'data':
      return [...heading(TITLES[report.kind], report), ...sectionsOf(report).flatMap((section) => sectionText(section, 'currency' in report ? report.currency : '', printable)), ...remarksOf(report)];
    default:
      return unreachable(report);
  }
}

/** What a reader must not overlook. */
function remarksOf(report: SectionedReport): string[] {
  if (report.kind === 'cost' && report.withoutTariff > 0) return ['', `Warning: ${formatCount(report.withoutTariff)} answered calls have no tariff and no price here; set one: obzvon analytics tariff <trunk> --per-minute <price>`];
  if (report.kind === 'quality') {
    const falling = report.callerIds.filter((one) => one.health === 'falling');
    if (falling.length > 0) return ['', `Warning: ${falling.map((one) => one.callerId).join(', ')} answered less and less: perhaps marked as spam; rest or replace`];
  }
  if (report.kind === 'data' && report.heldOutCalled > 0) return ['', `Warning: ${formatCount(report.heldOutCalled)} held-out contacts were called: the groups are mixed`];
  return [];
}

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });

const STEP_NAMES: Readonly<Record<FunnelStep['step'], string>> = {
  rows: 'rows in the lists',
  refused: 'refused',
  duplicates: 'duplicates',
  contacts: 'contacts',
  held_out: 'held out',
  to_call: 'to be called',
  suppressed: 'ended uncalled',
  dialled: 'dialled',
  answered: 'answered',
  human: 'human answered',
  heard: 'heard the message',
  promised: 'promised to pay',
  kept: 'promise kept',
  paid: 'paid since the load',
};

const minute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

function heading(title: string, report: Report): string[] {
  const name = printable(report.name);
  const id = printable(report.campaignId);
  return [`${title}: ${name === id ? id : `${name} (${id})`}; data until ${report.dataUntilMs > 0 ? minute(report.dataUntilMs) : 'nothing yet'}`];
}

function reachTables(report: ReachReport): string[] {
  const lines = [...heading('Reach', report), ''];
  const funnel = report.funnel.map((one) => [STEP_NAMES[one.step], formatCount(one.count), formatShare(one.count, one.base), one.of === null ? '' : `of ${formatCount(one.base ?? 0)} ${STEP_NAMES[one.of]}`]);
  lines.push(renderTable([left('step'), right('count'), right('share'), left('of')], funnel));
  if (report.refused.length > 0) {
    lines.push('', 'Refused rows', renderTable([left('reason'), right('rows')], report.refused.map((one) => [printable(one.reason), formatCount(one.rows)])));
  }
  if (report.suppressed.length > 0) {
    lines.push('', 'Ended before any call', renderTable([left('disposition'), left('rule'), right('contacts')], report.suppressed.map((one) => [spoken(one.disposition), printable(one.reason), formatCount(one.contacts)])));
  }
  if (report.byAttemptNumber.length > 0) {
    const outcomes = [...new Set(report.byAttemptNumber.flatMap((one) => Object.keys(one.outcomes)))];
    const total = (outcome: string): number => report.byAttemptNumber.reduce((sum, one) => sum + (one.outcomes[outcome] ?? 0), 0);
    outcomes.sort((a, b) => total(b) - total(a));
    const columns = [right('attempt'), right('calls'), right('answered'), right('human'), right('heard'), right('promised')];
    lines.push('', `Attempts: ${formatCount(report.attempts)}, by their number for the contact`);
    lines.push(renderTable(columns, report.byAttemptNumber.map((one) => [String(one.attemptNumber), formatCount(one.attempts), ...[one.answered, one.human, one.heard, one.promised].map((part) => `${formatCount(part)} (${formatShare(part, one.attempts)})`)])));
    lines.push('', 'Outcomes by attempt number');
    lines.push(renderTable([left('outcome'), ...report.byAttemptNumber.map((one) => right(`#${one.attemptNumber}`)), right('all'), right('share')], outcomes.map((outcome) => [spoken(outcome), ...report.byAttemptNumber.map((one) => formatCount(one.outcomes[outcome] ?? 0)), formatCount(total(outcome)), formatShare(total(outcome), report.attempts)])));
    lines.push('', "Reach by hour, on the callee's clock");
    lines.push(renderTable([right('hour'), right('calls'), right('answered'), right('human'), right('heard')], report.byHour.map((one) => [`${String(one.hour).padStart(2, '0')}:00`, formatCount(one.attempts), ...[one.answered, one.human, one.heard].map((part) => `${formatCount(part)} (${formatShare(part, one.attempts)})`)])));
  }
  const { promised, kept, late, broken, open } = report.promises;
  if (promised > 0) lines.push('', `Promises to pay: ${formatCount(promised)}; kept ${formatCount(kept)} (${formatShare(kept, promised)}), late ${formatCount(late)}, broken ${formatCount(broken)}, not yet due ${formatCount(open)}`);
  const contacts = report.open + report.dispositions.reduce((sum, one) => sum + one.contacts, 0);
  const ends = report.dispositions.map((one) => [spoken(one.disposition), formatCount(one.contacts), formatShare(one.contacts, contacts)]);
  lines.push('', 'How contacts ended', renderTable([left('disposition'), right('contacts'), right('share')], [...ends, ['(not ended)', formatCount(report.open), formatShare(report.open, contacts)]]));
  return lines;
}

function upliftTables(report: UpliftReport): string[] {
  const { currency } = report;
  const start = report.since === 'load' || report.firstCallMs === null ? 'the load' : `the first call (${minute(report.firstCallMs)})`;
  const lines = [...heading('Uplift', report), `${formatCount(report.called)} contacts called against ${formatCount(report.heldOut)} held out, as drawn (intention to treat); days since ${start}; 95 % intervals`, ''];
  const words = effectInWords(report);
  if (words.length > 0) lines.push(...words, '');
  lines.push('Contacts who paid');
  lines.push(renderTable([right('day'), right('called'), right('held out'), right('points'), right('95 % interval'), right('relative')], report.days.map((day) => [
    dayName(day),
    `${formatCount(day.called.paid)} (${formatShare(day.called.paid, day.called.contacts)})`,
    `${formatCount(day.heldOut.paid)} (${formatShare(day.heldOut.paid, day.heldOut.contacts)})`,
    ...effectCells(day.share, points),
  ])));
  lines.push('', `Money for each contact, ${currency}`);
  lines.push(renderTable([right('day'), right('called'), right('held out'), right('difference'), right('95 % interval'), right('relative')], report.days.map((day) => [
    dayName(day),
    day.called.perContactMinor === null ? '-' : formatMoney(day.called.perContactMinor, currency),
    day.heldOut.perContactMinor === null ? '-' : formatMoney(day.heldOut.perContactMinor, currency),
    ...effectCells(day.money, (minor) => formatMoney(minor, currency)),
  ])));
  if (report.days.some((day) => !day.complete)) lines.push('* these days are not over for every contact');
  lines.push(...effectTables(report));
  for (const warning of report.warnings) lines.push('', `Warning: ${warning}`);
  return lines;
}

const dayName = (day: UpliftDay): string => `${day.day}${day.complete ? '' : '*'}`;

function effectCells(effect: Effect | null, show: (value: number) => string): string[] {
  if (!effect) return ['-', '-', '-'];
  const lift = effect.relativeLift === null ? '-' : `${effect.relativeLift >= 0 ? '+' : ''}${(100 * effect.relativeLift).toFixed(1)} %`;
  return [show(effect.difference), `${show(effect.low)} to ${show(effect.high)}`, lift];
}

function reachSheet(report: ReachReport): Sheet {
  const sheet = new LongSheet(report.campaignId);
  for (const one of report.funnel) sheet.add('funnel', one.step, 'count', one.count, { base: one.base });
  for (const one of report.refused) sheet.add('refused', one.reason, 'rows', one.rows);
  for (const one of report.suppressed) sheet.add('suppressed', `${one.disposition}: ${one.reason}`, 'contacts', one.contacts);
  for (const one of report.byAttemptNumber) {
    for (const measure of ['attempts', 'answered', 'human', 'heard', 'promised'] as const) sheet.add('attempt', one.attemptNumber, measure, one[measure], { base: one.attempts });
    for (const [outcome, attempts] of Object.entries(one.outcomes)) sheet.add('outcome', one.attemptNumber, outcome, attempts, { base: one.attempts });
  }
  for (const one of report.byHour) for (const measure of ['attempts', 'answered', 'human', 'heard'] as const) sheet.add('hour', one.hour, measure, one[measure], { base: one.attempts });
  for (const one of report.byWeekHour) for (const measure of ['attempts', 'answered', 'human', 'heard'] as const) sheet.add('week_hour', `${one.weekday}-${String(one.hour).padStart(2, '0')}`, measure, one[measure], { base: one.attempts });
  for (const measure of ['kept', 'late', 'broken', 'open'] as const) sheet.add('promises', 'all', measure, report.promises[measure], { base: report.promises.promised });
  for (const one of report.dispositions) sheet.add('disposition', one.disposition, 'contacts', one.contacts);
  sheet.add('disposition', 'open', 'contacts', report.open);
  return sheet;
}
