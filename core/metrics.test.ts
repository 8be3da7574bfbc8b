import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LEDGER_OPS, metricsRegistry, recordTelemetry, serveMetrics, timeLedgerOp } from './metrics.ts';
import type { MetricsServer, Readiness, TelemetryEvent } from './metrics.ts';

const attempt: TelemetryEvent = { kind: 'attempt_ended', trunk: 'main', outcome: 'human', postDialDelayMs: 900, verdict: 'human', verdictLatencyMs: 1100, waitedMs: 600, talkMs: 21_000 };

/** One of every kind: the compiler refuses this list if a kind is missing. */
const EVERY: { [K in TelemetryEvent['kind']]: Extract<TelemetryEvent, { kind: K }> } = {
  call_started: { kind: 'call_started', trunk: 'main' },
  calls_in_flight: { kind: 'calls_in_flight', calls: 7 },
  attempt_ended: attempt,
  contact_closed: { kind: 'contact_closed', disposition: 'reached' },
  bus_lag: { kind: 'bus_lag', topic: 'attempts', group: 'analytics', messages: 12 },
  outbox: { kind: 'outbox', items: 3 },
  contacts_due: { kind: 'contacts_due', contacts: 41 },
  trunk_rate: { kind: 'trunk_rate', trunk: 'main', allowedCallsPerSecond: 12.5, maxCallsPerSecond: 50 },
  ready: { kind: 'ready', ready: true },
  rows_stored: { kind: 'rows_stored', table: 'attempts', rows: 7 },
  engine_health: { kind: 'engine_health', engine: 'bus', up: true },
  lease_lost: { kind: 'lease_lost' },
  amd_streams: { kind: 'amd_streams', streams: 4 },
  amd_verdict: { kind: 'amd_verdict', verdict: 'machine', takesBack: 'human' },
  amd_refused: { kind: 'amd_refused', reason: 'idle' },
  amd_heard: { kind: 'amd_heard', audioMs: 8000, computeMs: 3 },
  amd_prints: { kind: 'amd_prints', state: 'learnt', prints: 2 },
  ledger_op: { kind: 'ledger_op', op: 'claim', durationMs: 2 },
};

beforeEach(() => metricsRegistry.resetMetrics());

describe('recordTelemetry', () => {
  test('each event moves its metrics, in seconds, under bounded labels', async () => {
    for (const event of Object.values(EVERY)) recordTelemetry(event);
    const text = await metricsRegistry.metrics();
    for (const line of [
      'obzvon_calls_started_total{trunk="main"} 1',
      'obzvon_calls_in_flight 7',
      'obzvon_attempts_total{trunk="main",outcome="human"} 1',
      'obzvon_contacts_closed_total{disposition="reached"} 1',
      'obzvon_verdict_latency_seconds_bucket{le="1",verdict="human"} 0',
      'obzvon_verdict_latency_seconds_bucket{le="1.25",verdict="human"} 1',
      'obzvon_callee_wait_seconds_sum 0.6',
      'obzvon_post_dial_delay_seconds_sum{trunk="main"} 0.9',
      'obzvon_talk_seconds_sum{outcome="human"} 21',
      'obzvon_bus_lag_messages{topic="attempts",group="analytics"} 12',
      'obzvon_ledger_outbox_items 3',
      'obzvon_contacts_due 41',
      'obzvon_trunk_allowed_calls_per_second{trunk="main"} 12.5',
      'obzvon_trunk_max_calls_per_second{trunk="main"} 50',
      'obzvon_ready 1',
      'obzvon_rows_stored_total{table="attempts"} 7',
      'obzvon_engine_up{engine="bus"} 1',
      'obzvon_leases_lost_total 1',
      'obzvon_amd_streams 4',
      'obzvon_amd_verdicts_total{verdict="machine"} 1',
      'obzvon_amd_verdicts_taken_back_total{verdict="human"} 1',
      'obzvon_amd_refused_total{reason="idle"} 1',
      'obzvon_amd_audio_seconds_total 8',
      'obzvon_amd_compute_seconds_total 0.003',
      'obzvon_amd_prints{state="learnt"} 2',
      'obzvon_ledger_operation_seconds_bucket{le="0.003",op="claim"} 1',
    ]) expect(text.split('\n')).toContain(line);
  });

  test('no metric stands in the registry that no event sets', async () => {
    for (const event of Object.values(EVERY)) recordTelemetry(event);
    for (const metric of await metricsRegistry.getMetricsAsJSON()) {
      if (metric.name.startsWith('obzvon_')) expect(metric.values.some(({ value }) => value > 0), metric.name).toBe(true);
    }
  });

  test('an unanswered attempt leaves no verdict, delay or talk behind', async () => {
    recordTelemetry({ ...attempt, outcome: 'no_answer', postDialDelayMs: null, verdict: null, verdictLatencyMs: null, waitedMs: null, talkMs: 0 });
    const text = await metricsRegistry.metrics();
    expect(text).not.toMatch(/obzvon_(verdict_latency|callee_wait|post_dial_delay|talk)_seconds_count\S* [1-9]/);
    expect(text).toContain('obzvon_attempts_total{trunk="main",outcome="no_answer"} 1');
  });

  test('a ledger operation is timed whether it succeeds or fails', async () => {
    expect(await timeLedgerOp('settle', () => Promise.resolve('done'))).toBe('done');
    await expect(timeLedgerOp('settle', () => Promise.reject(new Error('lost')))).rejects.toThrow('lost');
    expect(await metricsRegistry.metrics()).toContain('obzvon_ledger_operation_seconds_count{op="settle"} 2');
    expect(new Set(LEDGER_OPS).size).toBe(LEDGER_OPS.length);
  });
});

describe('serveMetrics', () => {
  let server: MetricsServer;
  let state: Readiness = { kind: 'ready' };
  const get = async (path: string) => {
    const response = await fetch(server.url + path);
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() };
  };
  beforeEach(async () => (server = await serveMetrics({ listen: '0', ready: () => state })));
  afterEach(() => server.close());

  test('listens on loopback unless told otherwise', () => expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/));

  test('/metrics is what Prometheus reads, the process with it', async () => {
    recordTelemetry({ kind: 'outbox', items: 5 });
    const { status, type, body } = await get('/metrics');
    expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(body).toContain('obzvon_ledger_outbox_items 5');
    expect(body).toMatch(/process_resident_memory_bytes \d+/);
  });

  test('/healthz answers while the process lives; /readyz says why it is not ready', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
    state = { kind: 'not_ready', reason: 'the switch is away' };
    expect(await get('/readyz')).toMatchObject({ status: 503, body: 'not ready: the switch is away\n' });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
    expect(await get('/other')).toMatchObject({ status: 404 });
  });

  test('a port that is taken, or none at all, is told', async () => {
    await expect(serveMetrics({ listen: server.url.slice('http://'.length), ready: () => state })).rejects.toMatchObject({ code: 'bad_config', message: expect.stringContaining('EADDRINUSE') as string });
    await expect(serveMetrics({ listen: 'localhost:http', ready: () => state })).rejects.toMatchObject({ code: 'bad_config' });
  });
});
