import type { CampaignCounts } from '../dialer/ledger/port.ts';
import type { Tally } from './tally.ts';

const BAR_WIDTH = 30;

const list = (counts: ReadonlyMap<string, number>): string => [...counts].sort(([, a], [, b]) => b - a).map(([name, count]) => `${name} ${count}`).join(', ') || 'none yet';

/** How far the campaigns are, in three lines. `nowMs`: the dialer's clock. */
export function statusLines(counts: readonly CampaignCounts[], tally: Tally, nowMs: number): string[] {
  const sum = (of: (each: CampaignCounts) => number): number => counts.reduce((total, each) => total + of(each), 0);
  const contacts = sum((each) => each.contacts);
  const open = sum((each) => each.waiting + each.inFlight);
  const share = contacts === 0 ? 0 : (contacts - open) / contacts;
  const filled = Math.round(share * BAR_WIDTH);
  const rate = tally.callsPerSecond();
  const clock = new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ');
  return [
    `[${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}] ${contacts - open} of ${contacts} contacts ended, ${Math.floor(share * 100)} %  (${clock} UTC)`,
    `dialled ${tally.dialled}  ringing ${Math.max(0, tally.ringing - tally.talking)}  talking ${tally.talking}  ${rate.toFixed(0)} calls/s  due ${sum((each) => each.due)}${tally.eta(contacts - open, contacts)}`,
    `verdicts: ${list(tally.verdicts)}  |  ended: ${list(tally.dispositions)}`,
  ];
}
