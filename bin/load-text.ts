import type { Forecast, LoadReport } from '../campaign-loader/index.ts';
import { MEAN_CALL_SECONDS } from '../campaign-loader/index.ts';
import { smallestEffect } from '../analytics/statistics/power.ts';

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** Of more kinds of problems the rest is only counted. */
const MAX_KINDS = 15;

/** What a load or a validation says of itself, for a clerk. */
export function loadText(report: LoadReport): string {
  const suppressed = Object.values(report.suppressed).reduce((sum, count) => sum + count, 0);
  const lines = [
    `${report.source}: ${report.rows} rows read${report.end.kind === 'validated' ? ', nothing loaded (validation)' : ''}`,
    ...(report.end.kind === 'refused_whole' ? [`  NOBODY LOADED: ${percent(report.end.refusedShare)} of the rows are refused, and at most ${percent(report.end.maxRefusedShare)} may be (--max-refused-share)`] : []),
    `  accepted    ${report.accepted} (held out ${report.heldOut}${suppressed === 0 ? '' : `, not to be called ${suppressed}`})`,
    `  duplicates  ${report.duplicates} already in the campaign`,
    `  refused     ${report.refusedRows}`,
  ];
  for (const [title, counts] of [['refused', report.refused], ['remark', report.remarks]] as const) {
    const kinds = Object.entries(counts);
    for (const [code, count] of kinds.slice(0, MAX_KINDS)) {
      const first = count.examples[0];
      lines.push(`    ${title} ${code}: ${count.rows}${first === undefined ? '' : `, first in line ${first.line}: found ${first.found}; expected ${first.expected}`}`);
    }
    if (kinds.length > MAX_KINDS) lines.push(`    and ${kinds.length - MAX_KINDS} more kinds`);
  }
  for (const [reason, count] of Object.entries(report.suppressed)) lines.push(`    not to be called ${reason}: ${count}`);
  if (report.sharedPhones > 0) lines.push(`  ${report.sharedPhones} phones stand under more than one account${report.mostAccountsOnOnePhone > 2 ? `, one of them under ${report.mostAccountsOnOnePhone}` : ''}`);
  for (const passed of report.passedOver.slice(0, 5)) lines.push(`  line ${passed.line} is no row (${passed.why.replaceAll('_', ' ')}): left out`);
  if (report.passedOver.length > 5) lines.push(`  and ${report.passedOver.length - 5} more lines that are no rows`);
  if (report.heldOut > 0) lines.push(...balanceLines(report));
  if (report.refusedPath !== null) lines.push(`  refused rows, to be mended and loaded again: ${report.refusedPath}`);
  if (report.remarksPath !== null) lines.push(`  remarks on accepted rows: ${report.remarksPath}`);
  return lines.join('\n');
}

/** From so many standard deviations on the share held out is worth a look: 1 in 370 draws. */
const ODD_DEVIATIONS = 3;
/** Differences of the groups' debts above this are counted as unbalanced (Austin 2009); in a small stratum chance alone makes larger ones. */
const UNBALANCED = 0.1;
const LARGE_STRATUM = 2000;

/** Where nothing else is known; as `obzvon report power` takes it. */
const USUAL_PAID_SHARE = 0.2;

/** The smallest effect that will be told from chance with these groups, 80 % sure at the level of 5 %. */
function smallestLine({ all: { called, heldOut } }: LoadReport['balance']): string[] {
  const n = called.n + heldOut.n;
  if (called.n === 0 || heldOut.n === 0) return [];
  const found = smallestEffect({ called: called.n, heldOut: heldOut.n, designEffect: 1, paidShare: USUAL_PAID_SHARE, debts: { mean: (called.sum + heldOut.sum) / n, meanOfSquares: (called.sumOfSquares + heldOut.sumOfSquares) / n } });
  const guess = `if ${percent(USUAL_PAID_SHARE)} pay without calls; more by "obzvon report power"`;
  if (found === null) return [`  with ${heldOut.n} held out no effect would be told from chance (${guess})`];
  return [`  smallest effect that will be told from chance: ${(100 * found.share).toFixed(2)} percentage points who pay${found.totalMinor === null ? '' : `, or ${found.totalMinor.toFixed(0)} of money in all`} (${guess})`];
}

function balanceLines({ balance }: LoadReport): string[] {
  const { all } = balance;
  const debt = all.debtDifference === null ? '' : `, debts ${Math.abs(all.debtDifference) < UNBALANCED || all.called.n + all.heldOut.n < LARGE_STRATUM ? 'alike' : `differ by ${all.debtDifference.toFixed(2)} standard deviations`}`;
  const odd = balance.strata.filter(({ deviations, debtDifference, called, heldOut }) => Math.abs(deviations ?? 0) > ODD_DEVIATIONS || (called.n + heldOut.n >= LARGE_STRATUM && Math.abs(debtDifference ?? 0) > 2 * UNBALANCED));
  return [
    `  held out ${percent(all.share)} (asked for ${percent(balance.share)})${debt}; ${odd.length === 0 ? `balanced in all of ${balance.strata.length} strata` : `unlike in ${odd.length} of ${balance.strata.length} strata: ${odd.slice(0, 3).map(({ stratum, share }) => `${stratum} (${percent(share)})`).join('; ')}`}`,
    ...smallestLine(balance),
    ...(balance.heldOutBefore === 0 ? [] : [`  held out because an earlier campaign did: ${balance.heldOutBefore}`]),
  ];
}

const LIMITS: Readonly<Record<Forecast['limit'], string>> = {
  calls_per_second: 'calls per second (maxCallsPerSecond)',
  channels: `channels (maxChannels, at ${MEAN_CALL_SECONDS} s a call)`,
  window: 'the hours in which calling is allowed',
};

const minute = (ms: number, zone: string): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(ms);

/** When the list will have been called. @param zone in which times are told */
export function forecastText(forecast: Forecast, zone: string): string {
  if (forecast.calls === 0 && forecast.uncallable.contacts === 0) return 'Forecast: nobody to call';
  const lines = forecast.calls === 0 ? [] : [`Forecast (${zone}; ${forecast.callsPerSecond.toFixed(1)} calls/s; limited by ${LIMITS[forecast.limit]}):`];
  const eachCalled = forecast.callsPerContact === 1 ? 'one call each' : `${forecast.callsPerContact} calls each`;
  if (forecast.startsAtMs !== null) lines.push(`  first call    ${minute(forecast.startsAtMs, zone)}`);
  if (forecast.calls > 0 && forecast.calledOnceAtMs !== null) lines.push(`  each called   ${minute(forecast.calledOnceAtMs, zone)}`);
  if (forecast.calls === 0) lines.push('Forecast: nobody can be called');
  else if (forecast.doneAtMs !== null) lines.push(`  all done      ${minute(forecast.doneAtMs, zone)}, at ${eachCalled} (an assumption)`);
  else lines.push(`  NOT DONE when the campaign ends: ${forecast.callsLeft} of ${forecast.calls} calls (${eachCalled}, an assumption) are left`);
  if (forecast.zones.length > 1) for (const { zone: name, contacts, callableSeconds, capacity } of forecast.zones.slice(0, 8)) lines.push(`  ${name.padEnd(20)} ${contacts} contacts, ${(callableSeconds / 3600).toFixed(0)} h in which to call, room for ${capacity} calls`);
  for (const { zone: name, contacts, reason } of forecast.uncallable.zones) lines.push(`  CANNOT BE CALLED: ${contacts} contacts in ${name}: ${reason === 'unknown_zone' ? 'no such timezone' : 'calling is allowed at no hour of the campaign'}`);
  return lines.join('\n');
}
