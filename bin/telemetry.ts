import type { Bus } from '../core/bus/port.ts';
import { contactsTopic, paymentsTopic } from '../core/bus/topics.ts';
import { unreachable } from '../core/errors.ts';
import { recordTelemetry, serveMetrics, timeLedgerOp, type LedgerOp, type Readiness } from '../core/metrics.ts';
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

/** The operations on the way of a call, and the names of their metrics. */
const TIMED: Partial<Record<keyof Ledger, LedgerOp>> = {
  claim: 'claim',
  renew: 'renew',
  begin: 'begin',
  settle: 'settle',
  takeStart: 'take_start',
  admit: 'admit',
  recordPayments: 'record_payments',
  readOutbox: 'outbox',
};

/** A ledger whose operations on the way of a call are timed; every other goes straight through. */
export function timed(ledger: Ledger): Ledger {
  const members = new Map<PropertyKey, unknown>();
  return new Proxy(ledger, {
    get(target, name) {
      if (!members.has(name)) members.set(name, memberOf(target, name));
      return members.get(name);
    },
  });
}

/** A member of `ledger`, its methods with the ledger itself for `this`: its private fields are not the proxy's. */
function memberOf(ledger: Ledger, name: PropertyKey): unknown {
  const member: unknown = Reflect.get(ledger, name, ledger);
  if (typeof member !== 'function') return member;
  const call = (...args: unknown[]): unknown => Reflect.apply(member, ledger, args);
  const op = Object.hasOwn(TIMED, name) ? TIMED[name as keyof Ledger] : undefined;
  return op === undefined ? call : (...args: unknown[]) => timeLedgerOp(op, () => Promise.resolve(call(...args)));
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
