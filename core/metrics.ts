import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import { ObzvonError, unreachable } from './errors.ts';
import type { Disposition, Outcome, Verdict } from './outcome.ts';

/**
 * What the parts tell of themselves. Labels are bounded by configuration or by a closed list: a trunk's name, an
 * outcome, a topic; never a phone, an id or a campaign.
 */
export type TelemetryEvent =
  | { readonly kind: 'call_started'; readonly trunk: string }
  | { readonly kind: 'calls_in_flight'; readonly calls: number }
  | { readonly kind: 'attempt_ended'; readonly trunk: string; readonly outcome: Outcome; readonly postDialDelayMs: number | null; readonly verdict: Verdict | null; readonly verdictLatencyMs: number | null; readonly waitedMs: number | null; readonly talkMs: number }
  | { readonly kind: 'contact_closed'; readonly disposition: Disposition }
  | { readonly kind: 'bus_lag'; readonly topic: string; readonly group: string; readonly messages: number }
  | { readonly kind: 'outbox'; readonly items: number }
  | { readonly kind: 'contacts_due'; readonly contacts: number }
  | { readonly kind: 'trunk_rate'; readonly trunk: string; readonly allowedCallsPerSecond: number; readonly maxCallsPerSecond: number }
  | { readonly kind: 'rows_stored'; readonly table: string; readonly rows: number }
  | { readonly kind: 'engine_health'; readonly engine: EngineName; readonly up: boolean }
  | { readonly kind: 'lease_lost' }
  | { readonly kind: 'amd_streams'; readonly streams: number }
  | { readonly kind: 'amd_verdict'; readonly verdict: Verdict; readonly takesBack: Verdict | null }
  /** `reason` is one of the AMD service's closed list. */
  | { readonly kind: 'amd_refused'; readonly reason: string }
  | { readonly kind: 'amd_heard'; readonly audioMs: number; readonly computeMs: number }
  | { readonly kind: 'amd_prints'; readonly state: string; readonly prints: number }
  | { readonly kind: 'ready'; readonly ready: boolean }
  | { readonly kind: 'ledger_op'; readonly op: LedgerOp; readonly durationMs: number };

export const ENGINE_NAMES = ['bus', 'ledger', 'switch', 'analytics'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export const LEDGER_OPS = ['claim', 'renew', 'begin', 'settle', 'take_start', 'admit', 'record_payments', 'outbox'] as const;
export type LedgerOp = (typeof LEDGER_OPS)[number];

/** Bucket bounds in seconds, by class of duration. */
export const BUCKETS = {
  /** A store's operation: a tenth of a millisecond to a second. */
  operation: [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1],
  /** Answer to verdict, and the callee's silence before we speak; people notice from about 1.5 s of silence on. */
  verdict: [0.25, 0.5, 0.75, 1, 1.25, 1.5, 2, 2.5, 3, 4, 6],
  /** INVITE to first ringing. */
  postDial: [0.25, 0.5, 1, 2, 3, 5, 8, 12, 20],
  talk: [1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180],
} as const;

/** The process's one registry. */
export const metricsRegistry = new Registry();
const registers = [metricsRegistry];

const callsStarted = new Counter({ name: 'obzvon_calls_started_total', help: 'INVITEs sent; its rate is the CPS', labelNames: ['trunk'], registers });
const callsInFlight = new Gauge({ name: 'obzvon_calls_in_flight', help: 'Calls that have begun and not ended', registers });
const attempts = new Counter({ name: 'obzvon_attempts_total', help: 'Attempts that ended, by outcome', labelNames: ['trunk', 'outcome'], registers });
const contactsClosed = new Counter({ name: 'obzvon_contacts_closed_total', help: 'Contacts that ended, by disposition', labelNames: ['disposition'], registers });
const verdictLatency = new Histogram({ name: 'obzvon_verdict_latency_seconds', help: 'From answer to the verdict at the dialer', labelNames: ['verdict'], buckets: [...BUCKETS.verdict], registers });
const calleeWait = new Histogram({ name: 'obzvon_callee_wait_seconds', help: 'How long people were quiet before they were spoken to', buckets: [...BUCKETS.verdict], registers });
const postDialDelay = new Histogram({ name: 'obzvon_post_dial_delay_seconds', help: 'From INVITE to the first ringing or early media', labelNames: ['trunk'], buckets: [...BUCKETS.postDial], registers });
const talk = new Histogram({ name: 'obzvon_talk_seconds', help: 'From answer to the end of answered calls', labelNames: ['outcome'], buckets: [...BUCKETS.talk], registers });
const busLag = new Gauge({ name: 'obzvon_bus_lag_messages', help: 'Messages a consumer group has not committed yet', labelNames: ['topic', 'group'], registers });
const outbox = new Gauge({ name: 'obzvon_ledger_outbox_items', help: 'What the ledger has not told the bus yet', registers });
const contactsDue = new Gauge({ name: 'obzvon_contacts_due', help: 'Contacts of running campaigns whose time has come and that no dialer holds; the same from every dialer', registers });
const trunkAllowed = new Gauge({ name: 'obzvon_trunk_allowed_calls_per_second', help: 'What this dialer gives a trunk at most, by its latest answers', labelNames: ['trunk'], registers });
const trunkMax = new Gauge({ name: 'obzvon_trunk_max_calls_per_second', help: 'The cap of a trunk, over all dialers together', labelNames: ['trunk'], registers });
const readyGauge = new Gauge({ name: 'obzvon_ready', help: '1 if /readyz says ready, else 0', registers });
const ledgerOps = new Histogram({ name: 'obzvon_ledger_operation_seconds', help: 'How long the ledger took', labelNames: ['op'], buckets: [...BUCKETS.operation], registers });

const rowsStored = new Counter({ name: 'obzvon_rows_stored_total', help: 'Rows the analytics store took, repeated ones included', labelNames: ['table'], registers });
const engineUp = new Gauge({ name: 'obzvon_engine_up', help: '1 if the engine answers, 0 if it is away and waited for', labelNames: ['engine'], registers });
const leasesLost = new Counter({ name: 'obzvon_leases_lost_total', help: 'Leases that went to another dialer while this one held them', registers });
const amdStreams = new Gauge({ name: 'obzvon_amd_streams', help: 'Calls the detector hears just now', registers });
const amdVerdicts = new Counter({ name: 'obzvon_amd_verdicts_total', help: 'Verdicts of the detector', labelNames: ['verdict'], registers });
const amdTakenBack = new Counter({ name: 'obzvon_amd_verdicts_taken_back_total', help: 'Verdicts that a later one of the same call took back', labelNames: ['verdict'], registers });
const amdRefused = new Counter({ name: 'obzvon_amd_refused_total', help: 'Audio streams refused or broken off by the detector, by reason', labelNames: ['reason'], registers });
const amdAudio = new Counter({ name: 'obzvon_amd_audio_seconds_total', help: 'Audio heard', registers });
const amdCompute = new Counter({ name: 'obzvon_amd_compute_seconds_total', help: 'What hearing it took of the processor', registers });
const amdPrints = new Gauge({ name: 'obzvon_amd_prints', help: 'Known fingerprints of announcements, by what is known of them', labelNames: ['state'], registers });

/** Turns an event into metrics; the only function that sets one. */
export function recordTelemetry(event: TelemetryEvent): void {
  switch (event.kind) {
    case 'call_started':
      callsStarted.inc({ trunk: event.trunk });
      return;
    case 'calls_in_flight':
      callsInFlight.set(event.calls);
      return;
    case 'attempt_ended':
      attempts.inc({ trunk: event.trunk, outcome: event.outcome });
      if (event.postDialDelayMs !== null) postDialDelay.observe({ trunk: event.trunk }, event.postDialDelayMs / 1000);
      if (event.verdict !== null && event.verdictLatencyMs !== null) verdictLatency.observe({ verdict: event.verdict }, event.verdictLatencyMs / 1000);
      if (event.waitedMs !== null) calleeWait.observe(event.waitedMs / 1000);
      if (event.talkMs > 0) talk.observe({ outcome: event.outcome }, event.talkMs / 1000);
      return;
    case 'contact_closed':
      contactsClosed.inc({ disposition: event.disposition });
      return;
    case 'bus_lag':
      busLag.set({ topic: event.topic, group: event.group }, event.messages);
      return;
    case 'outbox':
      outbox.set(event.items);
      return;
    case 'ready':
      readyGauge.set(event.ready ? 1 : 0);
      return;
    case 'contacts_due':
      contactsDue.set(event.contacts);
      return;
    case 'trunk_rate':
      trunkAllowed.set({ trunk: event.trunk }, event.allowedCallsPerSecond);
      trunkMax.set({ trunk: event.trunk }, event.maxCallsPerSecond);
      return;
    case 'rows_stored':
      rowsStored.inc({ table: event.table }, event.rows);
      return;
    case 'engine_health':
      engineUp.set({ engine: event.engine }, event.up ? 1 : 0);
      return;
    case 'lease_lost':
      leasesLost.inc();
      return;
    case 'amd_streams':
      amdStreams.set(event.streams);
      return;
    case 'amd_verdict':
      amdVerdicts.inc({ verdict: event.verdict });
      if (event.takesBack !== null) amdTakenBack.inc({ verdict: event.takesBack });
      return;
    case 'amd_refused':
      amdRefused.inc({ reason: event.reason });
      return;
    case 'amd_heard':
      amdAudio.inc(event.audioMs / 1000);
      amdCompute.inc(event.computeMs / 1000);
      return;
    case 'amd_prints':
      amdPrints.set({ state: event.state }, event.prints);
      return;
    case 'ledger_op':
      ledgerOps.observe({ op: event.op }, event.durationMs / 1000);
      return;
    default:
      unreachable(event);
  }
}

/** Does `work` and records how long it took, also if it fails. */
export async function timeLedgerOp<T>(op: LedgerOp, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  try {
    return await work();
  } finally {
    recordTelemetry({ kind: 'ledger_op', op, durationMs: performance.now() - startedMs });
  }
}

export type Readiness = { readonly kind: 'ready' } | { readonly kind: 'not_ready'; readonly reason: string };

export interface MetricsServer {
  /** `http://127.0.0.1:9464` */
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Serves /metrics (Prometheus text), /healthz (the process answers) and /readyz (200, or 503 with the reason).
 * @param options.listen `HOST:PORT`, `[::1]:PORT` or `PORT` (then 127.0.0.1); port 0 takes any free one
 * @throws ObzvonError bad_config if it cannot listen there
 */
export async function serveMetrics(options: { readonly listen: string; readonly ready: () => Readiness }): Promise<MetricsServer> {
  const at = options.listen.lastIndexOf(':');
  const host = at < 0 ? '127.0.0.1' : options.listen.slice(0, at).replace(/^\[(.*)\]$/, '$1');
  const port = Number(options.listen.slice(at + 1));
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new ObzvonError('bad_config', `metrics.listen: found "${options.listen}"; expected HOST:PORT or PORT`);
  const server = createServer((request, response) => {
    answer(request.url ?? '/', options.ready).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new ObzvonError('bad_config', `metrics.listen: cannot listen on ${host}:${port} (${error.message}); expected a free port of this host`, { cause: error })));
    server.listen(port, host, resolve);
  });
  collectProcessMetrics();
  const { address, port: bound, family } = server.address() as AddressInfo;
  return { url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`, close: () => closed(server) };
}

let collecting = false;
/** Memory, processor and event loop, once a process; only where somebody can read them. */
function collectProcessMetrics(): void {
  if (!collecting) collectDefaultMetrics({ register: metricsRegistry });
  collecting = true;
}

async function answer(url: string, ready: () => Readiness): Promise<{ status: number; type: string; body: string }> {
  const text = 'text/plain; charset=utf-8';
  switch (url.split('?')[0]) {
    case '/metrics':
      recordTelemetry({ kind: 'ready', ready: ready().kind === 'ready' });
      return { status: 200, type: metricsRegistry.contentType, body: await metricsRegistry.metrics() };
    case '/healthz':
      return { status: 200, type: text, body: 'ok\n' };
    case '/readyz': {
      const state = ready();
      return state.kind === 'ready' ? { status: 200, type: text, body: 'ready\n' } : { status: 503, type: text, body: `not ready: ${state.reason}\n` };
    }
    default:
      return { status: 404, type: text, body: 'expected /metrics, /healthz or /readyz\n' };
  }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
