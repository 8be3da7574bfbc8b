import type { Bus, EngineHealth, Topic } from '../core/bus/port.ts';
import { attemptsTopic, commandsTopic, contactsTopic, dispositionsTopic, loadsTopic, paymentsTopic } from '../core/bus/topics.ts';
import { unreachable } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';
import { ENGINE_NAMES, recordTelemetry, serveMetrics, timeLedgerOp, type EngineName, type LedgerOp, type Readiness } from '../core/metrics.ts';
import { DIALER_GROUP } from '../dialer/engine/intake.ts';
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
      recordTelemetry({ ...event.attempt, waitedMs: event.waitedMs, kind: 'attempt_ended' });
      return;
    case 'contact_closed':
      recordTelemetry({ kind: 'contact_closed', disposition: event.closed.disposition });
      return;
    case 'lease_lost':
      recordTelemetry({ kind: 'lease_lost' });
      return;
    case 'trunk_rate':
      recordTelemetry({ kind: 'trunk_rate', trunk: event.trunk, allowedCallsPerSecond: event.callsPerSecond, maxCallsPerSecond: event.maxCallsPerSecond });
      return;
    case 'call_ringing':
    case 'call_answered':
    case 'call_not_placed':
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

/** Topics a dialer reads; how far it is behind on them is its lag. */
const DIALER_TOPICS = [contactsTopic, paymentsTopic, commandsTopic];
/** Topics the sink reads. */
export const SINK_TOPICS = [commandsTopic, loadsTopic, contactsTopic, attemptsTopic, dispositionsTopic, paymentsTopic];

/** How each engine is. */
export type Healths = Partial<Record<EngineName, EngineHealth>>;

/** Ready if every engine is up. */
export function readinessOf(healths: Healths): Readiness {
  for (const engine of ENGINE_NAMES) {
    const health = healths[engine];
    if (health?.kind === 'down') return { kind: 'not_ready', reason: `${engine}: ${health.reason}` };
  }
  return { kind: 'ready' };
}

/** Serves the metrics, if configured, and samples what has no event of its own. */
export async function serveTelemetry(parts: { listen: string | undefined; healths: () => Healths; sample: () => Promise<void>; log: Logger; releases: Releases }): Promise<void> {
  if (parts.listen === undefined) return;
  const server = await serveMetrics({ listen: parts.listen, ready: () => readinessOf(parts.healths()) });
  parts.releases.add('metrics', () => server.close());
  let sampling = false;
  const sample = async (): Promise<void> => {
    const healths = parts.healths();
    for (const engine of ENGINE_NAMES) if (healths[engine] !== undefined) recordTelemetry({ kind: 'engine_health', engine, up: healths[engine].kind === 'up' });
    // While an engine is away a sample waits for it: one at a time is enough.
    if (sampling) return;
    sampling = true;
    await parts.sample().catch(() => undefined).finally(() => { sampling = false; });
  };
  const timer = setInterval(() => void sample(), SAMPLE_EVERY_MS);
  parts.releases.add('metrics sampling', () => clearInterval(timer));
  void sample();
  parts.log.info({ url: server.url }, 'serving /metrics, /healthz and /readyz');
}

export async function sampleLag(bus: Bus, group: string, topics: readonly Topic<unknown>[]): Promise<void> {
  for (const topic of topics) recordTelemetry({ kind: 'bus_lag', topic: topic.name, group, messages: await bus.lag(topic, group) });
}

export async function sampleDialer(parts: { bus: Bus; ledger: Ledger; nowMs: () => number; callsUnderWay: () => number }): Promise<void> {
  const { bus, ledger } = parts;
  recordTelemetry({ kind: 'calls_in_flight', calls: parts.callsUnderWay() });
  recordTelemetry({ kind: 'outbox', items: await ledger.outboxSize() });
  const running = (await ledger.campaigns()).filter((state) => state.mode === 'running');
  const counts = await Promise.all(running.map((state) => ledger.counts(state.campaign.id, parts.nowMs())));
  recordTelemetry({ kind: 'contacts_due', contacts: counts.reduce((sum, each) => sum + each.due, 0) });
  await sampleLag(bus, DIALER_GROUP, DIALER_TOPICS);
}

/** @returns what tells of the rows stored since it was called last */
export function rowsSampler(written: () => Readonly<Record<string, number>>): () => void {
  let told: Readonly<Record<string, number>> = {};
  return () => {
    const now = written();
    for (const [table, rows] of Object.entries(now)) recordTelemetry({ kind: 'rows_stored', table, rows: rows - (told[table] ?? 0) });
    told = now;
  };
}
