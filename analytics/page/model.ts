import type { Analytics } from '../client.ts';
import { reachReport, type ReachReport } from '../report.ts';
import { attemptsReport, type AttemptsReport } from '../reports/attempts.ts';
import { costReport, type CostReport } from '../reports/cost.ts';
import { dataReport, type DataReport } from '../reports/data.ts';
import { qualityReport, type QualityReport } from '../reports/quality.ts';
import { upliftReport, type UpliftOptions, type UpliftReport } from '../uplift.ts';

/** Share of a group that has paid by a day, with its own 95 % interval (Wilson's, as wide as contacts drawn together make it). */
export interface CurvePoint {
  readonly day: number;
  readonly share: number;
  readonly low: number;
  readonly high: number;
}

/** Outcomes in the four kinds a director asks for. */
export interface OutcomeKinds {
  readonly attemptNumber: number;
  readonly attempts: number;
  readonly human: number;
  /** A machine, an announcement, a fax or silence took the call. */
  readonly machine: number;
  /** Not answered, busy or rejected. */
  readonly noAnswer: number;
  /** Wrong numbers, and what the network or we failed at. */
  readonly failed: number;
}

/** Everything the page shows; its JSON form holds every number on it. */
export interface PageReport {
  readonly kind: 'page';
  readonly campaignId: string;
  readonly name: string;
  readonly dataUntilMs: number;
  readonly reach: ReachReport;
  readonly uplift: UpliftReport;
  readonly attempts: AttemptsReport;
  readonly quality: QualityReport;
  readonly cost: CostReport;
  readonly data: DataReport;
  readonly curves: { readonly called: readonly CurvePoint[]; readonly heldOut: readonly CurvePoint[] };
  readonly outcomeKinds: readonly OutcomeKinds[];
}

const MACHINE = ['machine', 'message_left', 'announcement', 'fax', 'silence'];
const NO_ANSWER = ['no_answer', 'busy', 'rejected'];

function curveOf(uplift: UpliftReport, group: 'called' | 'heldOut'): CurvePoint[] {
  return uplift.days.flatMap((day) => {
    const { paidShare, paidShareInterval } = day[group];
    return paidShare === null || paidShareInterval === null ? [] : [{ day: day.day, share: paidShare, ...paidShareInterval }];
  });
}

function kindsOf(row: ReachReport['byAttemptNumber'][number]): OutcomeKinds {
  const sum = (names: readonly string[]): number => names.reduce((total, name) => total + (row.outcomes[name] ?? 0), 0);
  const human = sum(['human']);
  const machine = sum(MACHINE);
  const noAnswer = sum(NO_ANSWER);
  return { attemptNumber: row.attemptNumber, attempts: row.attempts, human, machine, noAnswer, failed: row.attempts - human - machine - noAnswer };
}

/**
 * All reports of a campaign together, for the director's page.
 * @throws ObzvonError `not_found` for a campaign nobody knows
 */
export async function pageReport(analytics: Analytics, campaignId: string, options: UpliftOptions = {}): Promise<PageReport> {
  const reach = await reachReport(analytics, campaignId);
  const uplift = await upliftReport(analytics, campaignId, options);
  return {
    kind: 'page',
    campaignId,
    name: reach.name,
    dataUntilMs: reach.dataUntilMs,
    reach,
    uplift,
    attempts: await attemptsReport(analytics, campaignId),
    quality: await qualityReport(analytics, campaignId),
    cost: await costReport(analytics, campaignId),
    data: await dataReport(analytics, campaignId),
    curves: { called: curveOf(uplift, 'called'), heldOut: curveOf(uplift, 'heldOut') },
    outcomeKinds: reach.byAttemptNumber.map(kindsOf),
  };
}
