import { writeFileSync } from 'node:fs';
import type Srf from 'drachtio-srf';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SimulatedClock } from '../../core/clock.ts';
import type { JournalEntry } from './journal.ts';
import { misbehaviourSchema, simulatorOptionsSchema } from './options.ts';
import type { PersonaEvent } from './public-port.ts';
import { startSimulator } from './simulator.ts';
import { CALLEE_URI, CALLER_ID, callOptions, connectSrf, hangUp, newEndpoint, persona, PHONE, silentWav } from './testing/real-clients.ts';
import { requestOf, START_MS, TestBench } from './testing/test-bench.ts';

let bench: TestBench;

beforeEach(() => {
  bench = new TestBench();
});
afterEach(() => bench.close());

const gone = (emitter: { once(event: 'destroy', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => emitter.once('destroy', () => resolve()));

/** A call that is cancelled as soon as it rings; resolves with the final status, or the dialog if it was answered all the same. */
function cancelWhenRinging(srf: Srf): Promise<number | Srf.Dialog> {
  let request: Srf.SrfRequest | null = null;
  return srf
    .createUAC(CALLEE_URI, callOptions(), {
      cbRequest: (...args: unknown[]) => void (request = requestOf(args)),
      cbProvisional: () => request?.cancel(() => undefined),
    })
    .catch((error: unknown) => (error as { status: number }).status);
}

describe('signalling', () => {
  test('a call that is answered and that we end', async () => {
    const simulator = await bench.start();
    const srf = await bench.signalling(simulator);
    const dialog = await srf.createUAC(CALLEE_URI, callOptions());
    expect(dialog.remote.sdp).toContain('m=audio');
    await hangUp(dialog);
    expect(await simulator.end).toMatchObject({ attemptId: 'attempt-1', phone: PHONE, answered: true, by: 'caller' });
    expect(bench.kinds()).toEqual(['invite', 'answered', 'ended']);
    expect(bench.journal()[0]).toMatchObject({ callerId: CALLER_ID, phone: PHONE, persona: 'human' });
  });

  test('a callee that hangs up', async () => {
    bench.next = persona({ hangUpAfterMs: 50 });
    const simulator = await bench.start();
    const srf = await bench.signalling(simulator);
    const dialog = await srf.createUAC(CALLEE_URI, callOptions());
    await gone(dialog);
    expect(await simulator.end).toMatchObject({ answered: true, by: 'callee' });
  });

  test.each([
    [486, 'Busy Here', 17],
    [404, 'Not Found', 1],
    [503, 'Service Unavailable', 42],
  ])('a refusal with %i carries its Q.850 cause', async (status, reason, q850Cause) => {
    bench.next = persona({ kind: 'busy', final: { kind: 'sip', status, reason, q850Cause } });
    const simulator = await bench.start();
    const srf = await bench.signalling(simulator);
    const error = await srf.createUAC(CALLEE_URI, callOptions()).then(
      () => null,
      (failure: unknown) => failure as { status: number; res: Srf.SrfResponse },
    );
    expect(error?.status).toBe(status);
    expect(error?.res.get('Reason')).toContain(`cause=${q850Cause}`);
    expect(bench.kinds()).toEqual(['invite', 'ended']);
  });

  test('CANCEL while it rings ends in 487', async () => {
    bench.next = persona({ final: { kind: 'ring_forever' } });
    const simulator = await bench.start();
    expect(await cancelWhenRinging(await bench.signalling(simulator))).toBe(487);
    expect(await simulator.end).toMatchObject({ answered: false, by: 'caller' });
    expect(bench.kinds()).toEqual(['invite', 'cancelled', 'ended']);
  });

  test('a 200 that crosses the CANCEL is a call that stands', async () => {
    bench.next = persona({ final: { kind: 'ring_forever' } });
    const simulator = await bench.start({ misbehaviour: misbehaviourSchema.parse({ lateAnswerShare: 1 }) });
    const dialog = await cancelWhenRinging(await bench.signalling(simulator));
    if (typeof dialog === 'number') throw new Error(`expected a dialog, found ${dialog}`);
    await hangUp(dialog);
    expect(await simulator.end).toMatchObject({ answered: true, by: 'caller' });
  });

  test('CANCEL before any provisional response comes to nothing: 408 after 32 s', async () => {
    bench.next = persona({ ringingAfterMs: null, final: { kind: 'ring_forever' } });
    const simulator = await bench.start({ speed: 1 });
    const srf = await bench.signalling(simulator);
    const final = srf
      .createUAC(CALLEE_URI, callOptions(), {
        cbRequest: (...args: unknown[]) => requestOf(args).cancel(() => simulator.jumpTo(simulator.clock.nowMs() + 32_000)),
      })
      .catch((error: unknown) => (error as { status: number }).status);
    expect(await final).toBe(408);
    expect(bench.kinds()).toEqual(['invite', 'jump', 'cancelled', 'ended']);
  });

  test('misbehaviour at run time: 503 storm, silence, a lost BYE', async () => {
    bench.next = persona({ hangUpAfterMs: 30 });
    const simulator = await bench.start();
    const srf = await bench.signalling(simulator);
    const status = (call: Promise<Srf.Dialog>): Promise<number> => call.then(() => 200, (error: unknown) => (error as { status: number }).status);
    simulator.setMisbehaviour(misbehaviourSchema.parse({ unavailableShare: 1 }));
    expect(await status(srf.createUAC(CALLEE_URI, callOptions()))).toBe(503);
    simulator.setMisbehaviour(misbehaviourSchema.parse({ noResponseShare: 1 }));
    const silent = status(srf.createUAC(CALLEE_URI, { ...callOptions() }, { cbRequest: () => simulator.jumpTo(simulator.clock.nowMs() + 32_001) }));
    expect(await silent).toBe(408);
    simulator.setMisbehaviour(misbehaviourSchema.parse({ lostByeShare: 1 }));
    const dialog = await srf.createUAC(CALLEE_URI, callOptions());
    let told = false;
    dialog.on('destroy', () => (told = true));
    while (simulator.stats().concurrent > 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(told).toBe(false);
    await hangUp(dialog);
    expect(bench.journal().filter((entry) => entry.kind === 'ended')).toHaveLength(3);
  });

  test('a dropped drachtio connection ends its calls; the client comes back', async () => {
    const simulator = await bench.start();
    const srf = await bench.signalling(simulator);
    await srf.createUAC(CALLEE_URI, callOptions());
    const again = new Promise((resolve) => srf.once('connect', resolve));
    simulator.dropDrachtio();
    expect(await simulator.end).toMatchObject({ answered: true, by: 'crash' });
    await again;
    await hangUp(await srf.createUAC(CALLEE_URI, callOptions(undefined, 'attempt-2')));
    expect(simulator.stats()).toMatchObject({ invites: 2, ended: 2, concurrent: 0, maxConcurrent: 1 });
  });

  test('a wrong secret is refused', async () => {
    const simulator = await bench.start();
    await expect(connectSrf({ ...simulator.drachtio, secret: 'wrong' })).rejects.toThrow('authenticate');
  });

  test('without media an answered callee hangs up at once', async () => {
    const simulator = await bench.start({ media: false });
    const srf = await bench.signalling(simulator);
    await gone(await srf.createUAC(CALLEE_URI, callOptions()));
    expect(await simulator.end).toMatchObject({ answered: true, by: 'callee' });
  });
});

describe('media', () => {
  test('endpoint, answer, modify, play to the end, both ended', async () => {
    const simulator = await bench.start();
    const heard: PersonaEvent[] = [];
    bench.next = persona({ react: (event) => (heard.push(event), null) });
    const { endpoint, dialog } = await bench.answered(simulator);
    writeFileSync(bench.path('prompt.wav'), silentWav(300));
    const result = await endpoint.play(bench.path('prompt.wav'));
    expect(result).toEqual({ playbackSeconds: '0', playbackMilliseconds: '300', playbackLastOffsetPos: '2400' });
    await hangUp(dialog);
    await endpoint.destroy();
    expect(heard).toMatchObject([
      { kind: 'answered' },
      { kind: 'prompt_started', promptIndex: 0, durationMs: 300 },
      { kind: 'prompt_ended', promptIndex: 0, heardMs: 300, totalHeardMs: 300, completed: true },
    ]);
    expect(await simulator.end).toMatchObject({ heardMs: 300, by: 'caller' });
    expect(simulator.stats()).toMatchObject({ concurrent: 0, channels: 0 });
  });

  test('several files in a row are one prompt each; a missing one is not found', async () => {
    const simulator = await bench.start();
    const { endpoint, dialog } = await bench.answered(simulator);
    writeFileSync(bench.path('a.wav'), silentWav(40));
    writeFileSync(bench.path('b.wav'), silentWav(60));
    const joined = await endpoint.play(`file_string://${bench.path('a.wav')}!${bench.path('b.wav')}`);
    expect(joined.playbackLastOffsetPos).toBe(`${(40 + 60) * 8}`);
    const started: unknown[] = [];
    endpoint.on('playback-start', (event) => started.push(event));
    await endpoint.play([bench.path('a.wav'), bench.path('b.wav')]);
    expect(started).toEqual([{ file: bench.path('a.wav') }, { file: bench.path('b.wav') }]);
    await expect(endpoint.play(bench.path('none.wav'))).rejects.toThrow('File Not Found');
    await hangUp(dialog);
    await endpoint.destroy();
    expect(await simulator.end).toMatchObject({ heardMs: 200 });
  });

  test('uuid_break stops a prompt where it stands', async () => {
    const simulator = await bench.start();
    const { endpoint, dialog } = await bench.answered(simulator);
    writeFileSync(bench.path('long.wav'), silentWav(60_000));
    const playing = endpoint.play(bench.path('long.wav'));
    await new Promise((resolve) => endpoint.once('playback-start', resolve));
    simulator.jumpTo(simulator.clock.nowMs() + 10_000);
    await endpoint.api('uuid_break', [endpoint.uuid, 'all']);
    const playedMs = Number((await playing).playbackLastOffsetPos) / 8;
    expect(playedMs).toBeGreaterThanOrEqual(10_000);
    expect(playedMs).toBeLessThan(60_000);
    await hangUp(dialog);
    await endpoint.destroy();
    expect((await simulator.end).heardMs).toBeCloseTo(playedMs, -2);
  });

  test('a callee reacts to a prompt: presses a digit, then hangs up in the middle', async () => {
    const simulator = await bench.start();
    bench.next = persona({
      react: (event) => (event.kind === 'prompt_started' ? [{ kind: 'press', afterMs: 30, digit: '1' }, { kind: 'hang_up', afterMs: 80 }] : null),
    });
    const { endpoint, dialog } = await bench.answered(simulator);
    writeFileSync(bench.path('long.wav'), silentWav(60_000));
    const digit = new Promise((resolve) => endpoint.once('dtmf', resolve));
    const playing = endpoint.play(bench.path('long.wav'));
    await gone(dialog);
    expect(await digit).toEqual({ dtmf: '1', duration: '2240', source: 'RTP' });
    await endpoint.destroy();
    await playing;
    const end = await simulator.end;
    expect(end).toMatchObject({ by: 'callee', digits: '1' });
    expect(end.heardMs).toBeGreaterThanOrEqual(79);
    expect(end.heardMs).toBeLessThan(60_000);
  });

  test('what is played before the callee is connected is not heard', async () => {
    const simulator = await bench.start();
    const clients = await bench.clients(simulator);
    const endpoint = await newEndpoint(clients.media);
    const dialog = await clients.srf.createUAC(CALLEE_URI, callOptions(endpoint.local.sdp));
    writeFileSync(bench.path('prompt.wav'), silentWav(40));
    await endpoint.play(bench.path('prompt.wav'));
    await hangUp(dialog);
    await endpoint.destroy();
    expect(await simulator.end).toMatchObject({ heardMs: 0 });
  });

  test('FreeSWITCH hangs up', async () => {
    const simulator = await bench.start();
    const { endpoint, dialog } = await bench.answered(simulator);
    const destroyed = gone(endpoint);
    await endpoint.execute('hangup');
    await destroyed;
    expect(simulator.stats()).toMatchObject({ channels: 0, concurrent: 1 });
    await hangUp(dialog);
  });

  test('dropped event sockets end the endpoints, not the calls', async () => {
    const simulator = await bench.start();
    const { endpoint, dialog } = await bench.answered(simulator);
    const destroyed = gone(endpoint);
    simulator.dropEventSockets();
    await destroyed;
    expect(simulator.stats()).toMatchObject({ concurrent: 1 });
    await hangUp(dialog);
  });
});

describe('the journal', () => {
  test('a simulator goes on from where the last one died', async () => {
    const at = START_MS + 3_600_000;
    const invite: JournalEntry = { kind: 'invite', atMs: at, wallMs: at, attemptId: 'open', phone: PHONE, callerId: CALLER_ID, persona: 'human' };
    writeFileSync(bench.path('journal'), `${JSON.stringify(invite)}\n${JSON.stringify({ kind: 'answered', atMs: at + 5000, attemptId: 'open' })}\n{"kind":"ended","atMs"`);
    const indexes: number[] = [];
    const parsed = simulatorOptionsSchema.parse({ journal: bench.path('journal') });
    const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: START_MS, speed: 1 });
    const simulator = await startSimulator(parsed, { public: { personaOf: (_, index) => (indexes.push(index), bench.next) }, clock });
    bench.atEnd(() => simulator.close());
    expect(clock.nowMs()).toBeGreaterThanOrEqual(at + 5000);
    const srf = await bench.signalling(simulator);
    await hangUp(await srf.createUAC(CALLEE_URI, callOptions()));
    expect(indexes).toEqual([1]);
    expect(bench.journal()[2]).toMatchObject({ kind: 'ended', attemptId: 'open', answered: true, by: 'crash', phone: PHONE });
    expect(bench.kinds()).toEqual(['invite', 'answered', 'ended', 'invite', 'answered', 'ended']);
  });
});
