import type { Difference } from './statistics/comparison.ts';
import type { WaldResult } from './statistics/instrument.ts';
import { formatCount, formatMoney, printable, renderTable, spoken, type Column } from './table.ts';
import type { Estimate, HorizonEffects } from './uplift-effects.ts';
import type { UpliftReport } from './uplift.ts';

const left = (title: string): Column => ({ title, align: 'left' });
const right = (title: string): Column => ({ title, align: 'right' });
/** Percentage points, or per cent, of a fraction; no negative zero. */
export const points = (share: number): string => (100 * share).toFixed(2).replace(/^-(0\.00)$/, '$1');
const oneDigit = (value: number): string => value.toFixed(1).replace(/^-(0\.0)$/, '$1');
const range = ({ low, high }: { readonly low: number; readonly high: number }, show: (value: number) => string): string => `${show(low)} to ${show(high)}`;
const holdsZero = ({ low, high }: Difference): boolean => low <= 0 && high >= 0;
const P_SHOWN = (p: number): string => (p < 0.0001 ? '< 0.0001' : p.toFixed(4));

/** The effect in sentences, before any table. */
export function effectInWords(report: UpliftReport): string[] {
  const { currency, horizonDays, causedMinor, daysToPay } = report;
  const last = report.horizons.find((effects) => effects.day === horizonDays);
  const share = last?.paidShare;
  if (!last || !share) return beforeAfterInWords(report);
  const money = (minor: number): string => `${formatMoney(minor, currency)} ${currency}`;
  const chance = (one: Difference): string => (holdsZero(one) ? ' The interval holds zero: this may be chance.' : '');
  const within = last.complete ? `Within ${horizonDays} days` : `So far (the ${horizonDays} days are not over)`;
  const lines = [
    causedMinor === null ? `${within} too few paid to say what the calls were worth in money.` : `${within} those called paid ${money(Math.abs(causedMinor.difference))} ${causedMinor.difference < 0 ? 'less' : 'more'} than they would have without calls (95 % interval ${range(causedMinor, money)}).${chance(causedMinor)}`,
    `${points(Math.abs(share.difference))} percentage points ${share.difference < 0 ? 'fewer' : 'more'} of them paid (95 % interval ${range(share, points)}).${chance(share)}`,
  ];
  if (daysToPay) {
    const size = `${oneDigit(Math.abs(daysToPay.difference))} days ${daysToPay.difference > 0 ? 'later' : 'earlier'}`;
    lines.push(`Counting at most ${horizonDays} days, payments came ${size} on average (95 % interval of the change ${range(daysToPay, oneDigit)} days).`);
  }
  const reached = last.onReached.moneyMinor;
  if (reached?.kind === 'bounded') lines.push(`Each person whom calling reached paid ${money(Math.abs(reached.effect.difference))} ${reached.effect.difference < 0 ? 'less' : 'more'} for it (95 % interval ${range(reached.effect, money)}).`);
  return lines;
}

function beforeAfterInWords({ beforeAfter, currency }: UpliftReport): string[] {
  if (!beforeAfter) return [];
  const money = (minor: number): string => `${formatMoney(minor, currency)} ${currency}`;
  const trend = beforeAfter.parallel
    ? 'Before calling both changed alike, as far as can be seen.'
    : 'Before calling they did not change alike, so this comparison must not be used.';
  return [
    `INDICATIVE, for nobody was held out: in the ${beforeAfter.periodDays} days since calling began, accounts of the campaign that pay changed by ${money(beforeAfter.difference)} each beside others (95 % interval ${range(beforeAfter, money)}). ${trend}`,
  ];
}

/** Tables of the effects, and what tells whether they can be trusted. */
export function effectTables(report: UpliftReport): string[] {
  const lines: string[] = [];
  if (report.called > 0 && report.heldOut > 0) {
    lines.push(...horizonTables(report), ...segmentTable(report));
  }
  lines.push(...armTable(report));
  lines.push(...validityLines(report));
  if (report.assumptions.length > 0) lines.push('', 'What must be true for this', ...report.assumptions.map((one) => `- ${one}`));
  return lines;
}

function horizonTables({ horizons, currency }: UpliftReport): string[] {
  const money = (minor: number): string => formatMoney(minor, currency);
  const table = (title: string, of: (effects: HorizonEffects) => Estimate | null, show: (value: number) => string, { last = 'at every look' } = {}): string[] => {
    const rows = horizons.flatMap((effects) => {
      const one = of(effects);
      if (!one) return [];
      return [[`${effects.day}${effects.complete ? '' : '*'}`, show(one.called), show(one.heldOut), show(one.difference), range(one, show), liftCell(one.relative), one.anytime ? range(one.anytime, show) : '-']];
    });
    if (rows.length === 0) return [];
    return ['', title, renderTable([right('days'), right('called'), right('held out'), right('difference'), right('95 % interval'), right('relative'), right(last)], rows)];
  };
  return [
    ...table('Effect on the share who paid, %, weighted by class of debts', (effects) => effects.paidShare, points),
    ...table(`Effect on money for each contact, ${currency}, weighted by class of debts`, (effects) => effects.moneyMinor, money),
    ...table(`Effect on money for each contact, ${currency}, earlier payments taken off (CUPED)`, (effects) => effects.adjusted.moneyMinor, money),
    ...table('Effect on the share of the debt cleared, %', (effects) => effects.debtCleared, points),
    ...reachedTable(horizons, currency),
  ];
}

function reachedTable(horizons: readonly HorizonEffects[], currency: string): string[] {
  const cell = (found: WaldResult | null, show: (value: number) => string): string => {
    if (!found) return '-';
    return found.kind === 'unbounded' ? 'too few reached' : `${show(found.effect.difference)} (${range(found.effect, show)})`;
  };
  const rows = horizons.filter(({ onReached }) => onReached.paidShare).map(({ day, complete, onReached }) => [
    `${day}${complete ? '' : '*'}`,
    cell(onReached.paidShare, points),
    cell(onReached.moneyMinor, (minor) => formatMoney(minor, currency)),
  ]);
  if (rows.length === 0) return [];
  return ['', 'Effect on those whom calling reached (95 % interval)', renderTable([right('days'), right('paid, points'), right(`money, ${currency}`)], rows)];
}

function liftCell(relative: Difference | null): string {
  if (!relative) return '-';
  const signed = (value: number): string => `${value >= 0 ? '+' : ''}${(100 * value).toFixed(1)}`;
  return `${signed(relative.difference)} % (${signed(relative.low)} to ${signed(relative.high)})`;
}

function segmentTable({ segments, horizonDays }: UpliftReport): string[] {
  if (segments.length === 0) return [];
  const rows = segments.map((one) => [`${one.dimension}: ${one.value}`, points(one.called), points(one.heldOut), points(one.difference), range(one, points), P_SHOWN(one.p), P_SHOWN(one.holm), P_SHOWN(one.falseDiscovery)]);
  const columns = [left('segment'), right('called'), right('held out'), right('points'), right('95 % interval'), right('p'), right('p, Holm'), right('p, false findings')];
  return ['', `Share who paid within ${horizonDays} days, %, by segment; believe the corrected p-values, for ${segments.length} were looked at`, renderTable(columns, rows)];
}

const TRIED = { attempts: 'attempts allowed', first_hour: 'first call from hour', message: 'message' } as const;

function armTable({ arms, horizonDays, currency }: UpliftReport): string[] {
  if (arms.length === 0) return [];
  const cell = (one: Difference | null | undefined, show: (value: number) => string): string => (one ? `${show(one.difference)} (${range(one, show)})` : '-');
  const rows = arms.map(({ tried, arm, contacts, paidShare, caused, againstBase }) => [
    `${TRIED[tried]}: ${arm}`, formatCount(contacts), points(paidShare), cell(caused?.paidShare, points), cell(caused?.moneyMinor, (minor) => formatMoney(minor, currency)),
    againstBase === null ? 'base' : cell(againstBase.paidShare, points), againstBase?.paidShare ? P_SHOWN(againstBase.paidShare.holm) : '-',
    againstBase === null ? 'base' : cell(againstBase.moneyMinor, (minor) => formatMoney(minor, currency)), againstBase?.moneyMinor ? P_SHOWN(againstBase.moneyMinor.holm) : '-',
  ]);
  const columns = [left('tried'), right('contacts'), right('paid, %'), right('points caused'), right(`${currency} caused`), right('points beside base'), right('p, Holm'), right(`${currency} beside base`), right('p, Holm')];
  return ['', `What was tried by chance on those called, within ${horizonDays} days; caused: against those held out`, renderTable(columns, rows)];
}

function validityLines({ validity, currency, called, heldOut }: UpliftReport): string[] {
  const { sampleRatio, balance, contamination, postingLag, maturity, otherChannels } = validity;
  const lines = ['', 'Can it be trusted?'];
  lines.push(`- sizes of the groups: ${sampleRatio ? `${points(sampleRatio.heldOutShare)} % held out, ${points(sampleRatio.plannedShare)} % planned, p = ${P_SHOWN(sampleRatio.p)} (${sampleRatio.alarm ? 'NOT as planned' : 'as planned'})` : 'the planned share is not known'}`);
  if (called > 0 && heldOut > 0) {
    const off = balance.filter((row) => !row.balanced);
    const most = [...balance].sort((a, b) => Math.abs(b.difference ?? 0) - Math.abs(a.difference ?? 0))[0];
    lines.push(`- groups before the first call: ${off.length === 0 ? `alike; the largest difference is ${(most?.difference ?? 0).toFixed(3)} standard deviations (${most ? spoken(most.covariate) : '-'})` : `NOT alike in ${off.map((row) => spoken(row.covariate)).join(', ')}`}`);
    const debt = balance.find((row) => row.covariate === 'debt');
    if (debt) lines.push(`- mean debt: ${formatMoney(debt.called, currency)} called, ${formatMoney(debt.heldOut, currency)} held out, ${currency}`);
  }
  lines.push(`- held out, yet called: ${formatCount(contamination.heldOutCalled)}, by other campaigns: ${formatCount(contamination.heldOutCalledElsewhere)}; held out with the phone of somebody to be called: ${formatCount(contamination.heldOutSharingPhone)}`);
  lines.push(`- payments become known after ${postingLag ? `${oneDigit(postingLag.medianDays)} days (half), ${oneDigit(postingLag.p90Days)} (9 of 10), ${oneDigit(postingLag.p99Days)} (99 of 100)` : 'a time that is not known: there are none'}`);
  if (maturity) lines.push(`- 99 of 100 payments of the days told are known ${maturity.mature ? 'by now' : `from ${new Date(maturity.knownAtMs).toISOString().slice(0, 10)} on: NOT yet`}`);
  for (const { channel, before, since } of otherChannels) lines.push(`- ${printable(channel)}: before the first call ${formatCount(before.called)} of those called, ${formatCount(before.heldOut)} of those held out (${before.balanced ? 'alike' : 'NOT alike'}); since ${formatCount(since.called)} and ${formatCount(since.heldOut)} (${since.balanced ? 'alike' : 'NOT alike'})`);
  return lines;
}
