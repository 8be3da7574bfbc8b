import type { Analytics } from '../../analytics/client.ts';
import type { Bus } from '../../core/bus/port.ts';
import type { Campaign } from '../../core/campaign.ts';
import type { Ledger } from '../../dialer/ledger/port.ts';
import { checkAnalytics, checkDispositions, checkGaps, checkPaid, checkSwitch, type Check } from './checks.ts';
import { gatherEvidence } from './gather.ts';
import { checkCaps, checkWindow } from './rule-checks.ts';

export interface AuditReport {
  readonly campaign: string;
  readonly ok: boolean;
  readonly checks: readonly Check[];
}

/** A payment told while a call was already being placed or rang: its dialer needs this long to end it. Simulated time may run fast. */
const PAID_GRACE_MS = 60_000;

/** Holds the promises against what bus, ledger, analytics and (if simulated) the switch saw of a campaign. */
export async function audit(parts: { bus: Bus; ledger: Ledger; analytics: Analytics; campaign: Campaign; journalPath: string | null; nowMs: number }): Promise<AuditReport> {
  const evidence = await gatherEvidence(parts);
  const checks = [
    ...checkDispositions(evidence),
    ...checkAnalytics(evidence),
    ...checkSwitch(evidence),
    ...checkGaps(evidence),
    checkWindow(evidence, parts.campaign),
    ...checkCaps(evidence, parts.campaign),
    checkPaid(evidence, parts.campaign.stopAtPaidShare, PAID_GRACE_MS),
  ];
  return { campaign: parts.campaign.id, ok: checks.every((each) => each.ok), checks };
}

export function auditText(report: AuditReport): string {
  return [`audit of ${report.campaign}: ${report.ok ? 'every check holds' : 'FAILED'}`, ...report.checks.map((each) => `  ${each.ok ? 'ok    ' : 'FAILED'} ${each.name}: ${each.detail}`)].join('\n');
}
