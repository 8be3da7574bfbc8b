import type { Bus } from '../core/bus/port.ts';
import { contactsTopic, paymentsTopic } from '../core/bus/topics.ts';
import { unreachable } from '../core/errors.ts';
import { recordTelemetry, serveMetrics, timeLedgerOp, type Readiness } from '../core/metrics.ts';
import type { DialerEvent } from '../dialer/engine/telemetry.ts';
import type { Ledger } from '../dialer/ledger/port.ts';
import type { Releases } from './releases.ts';

/** The dialer's events as metrics. */
export function measure(event: DialerEvent): void {
  switch (event.kind) {
    case 'call_started':
      recordTelemetry({ kind: 'call_started', trunk: event.trunk });
      return;
    case 'attempt_ended':
      recordTelemetry({ ...event.attempt, kind: 'attempt_ended' });
      return;
    case 'contact_closed':
      recordTelemetry({ kind: 'contact_closed', disposition: event.closed.disposition });
      return;
    case 'call_ringing':
    case 'call_answered':
    case 'verdict':
    case 'call_not_placed':
    case 'lease_lost':
    case 'trunk_rate':
      return;
    default:
      unreachable(event);
  }
}

/** A ledger whose operations on the way of a call are timed. */
export function timed(ledger: Ledger): Ledger {
  return {
    ...bound(ledger),
    claim: (request) => timeLedgerOp('claim', () => ledger.claim(request)),
    renew: (leases, untilMs) => timeLedgerOp('renew', () => ledger.renew(leases, untilMs)),
    begin: (...args) => timeLedgerOp('begin', () => ledger.begin(...args)),
    settle: (...args) => timeLedgerOp('settle', () => ledger.settle(...args)),
    takeStart: (...args) => timeLedgerOp('take_start', () => ledger.takeStart(...args)),
    admit: (...args) => timeLedgerOp('admit', () => ledger.admit(...args)),
    recordPayments: (...args) => timeLedgerOp('record_payments', () => ledger.recordPayments(...args)),
    readOutbox: (limit) => timeLedgerOp('outbox', () => ledger.readOutbox(limit)),
  };
}

function bound(ledger: Ledger): Ledger {
  return {
    defineCampaign: (campaign) => ledger.defineCampaign(campaign),
    campaigns: () => ledger.campaigns(),
    setMode: (...args) => ledger.setMode(...args),
    setLimits: (...args) => ledger.setLimits(...args),
    counts: (...args) => ledger.counts(...args),
    admit: (...args) => ledger.admit(...args),
    claim: (request) => ledger.claim(request),
    renew: (...args) => ledger.renew(...args),
    facts: (lease) => ledger.facts(lease),
    begin: (...args) => ledger.begin(...args),
    settle: (...args) => ledger.settle(...args),
    takeStart: (...args) => ledger.takeStart(...args),
    recordPayments: (...args) => ledger.recordPayments(...args),
    addDnc: (...args) => ledger.addDnc(...args),
    removeDnc: (phones) => ledger.removeDnc(phones),
    listDnc: () => ledger.listDnc(),
    stopRequests: (dialerId) => ledger.stopRequests(dialerId),
    closeWaiting: (...args) => ledger.closeWaiting(...args),
    readOutbox: (limit) => ledger.readOutbox(limit),
    ackOutbox: (seqs) => ledger.ackOutbox(seqs),
    contactByAccount: (...args) => ledger.contactByAccount(...args),
    close: () => ledger.close(),
  };
}

const SAMPLE_EVERY_MS = 5_000;
const OUTBOX_LOOK = 1_000;

/** Serves the metrics, if configured, and samples what has no event of its own. */
export async function startMetrics(parts: { listen: string | undefined; bus: Bus; ledger: Ledger; callsUnderWay: () => number; ready: () => Readiness; releases: Releases }): Promise<string | null> {
  if (parts.listen === undefined) return null;
  const server = await serveMetrics({ listen: parts.listen, ready: parts.ready });
  parts.releases.add('metrics', () => server.close());
  const sample = async (): Promise<void> => {
    recordTelemetry({ kind: 'calls_in_flight', calls: parts.callsUnderWay() });
    recordTelemetry({ kind: 'outbox', items: (await parts.ledger.readOutbox(OUTBOX_LOOK)).length });
    for (const topic of [contactsTopic, paymentsTopic]) recordTelemetry({ kind: 'bus_lag', topic: topic.name, group: 'dialer', messages: await parts.bus.lag(topic, 'dialer') });
  };
  const timer = setInterval(() => void sample().catch(() => undefined), SAMPLE_EVERY_MS);
  parts.releases.add('metrics sampling', () => clearInterval(timer));
  await sample();
  return server.url;
}
