import type { SideListReport } from '../campaign-loader/index.ts';
import { ObzvonError } from '../core/errors.ts';
import { isKnownZone } from '../core/hours/zoned-time.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';

/** What reading payments, a do-not-call list or the like did, for a clerk. */
export function sideListText(report: SideListReport, what: string): string {
  return [
    `${report.source}: ${report.rows} rows read, ${report.accepted} ${what}, ${report.refused} refused`,
    ...report.examples.map((each) => `  line ${each.line}: ${each.field} ${each.code}: found ${each.found}; expected ${each.expected}`),
    ...(report.refusedPath === null ? [] : [`  refused rows, to be mended and loaded again: ${report.refusedPath}`]),
  ].join('\n');
}

export const sideListEnd = (report: SideListReport): ExitCode => (report.refused === 0 ? EXIT.done : report.accepted === 0 ? EXIT.usage : EXIT.partial);

/** The zone of times written without an offset. @throws ObzvonError usage */
export function zoneOption(timezone: string): string {
  if (!isKnownZone(timezone)) throw new ObzvonError('usage', `--timezone: found "${timezone}"; expected an IANA timezone such as Europe/Kyiv`);
  return timezone;
}
