import { readdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { frame, FrameReader } from './signalling/frames.ts';
import { persona, silentWav } from './testing/real-clients.ts';
import { drachtioMessages, eslCommands, eslMessages, readRecording, type Step } from './testing/recording.ts';
import { shapeOfDrachtio, shapeOfEsl } from './testing/shapes.ts';
import { TestBench, type Running } from './testing/test-bench.ts';
import type { PersonaCall } from './public-port.ts';

const RECORDINGS = new URL('./recordings/', import.meta.url);
/** Longer than anything that is waited for in the recordings; the clock is moved instead. */
const STEP_MS = 60_000;

/** A callee that does what the recorded one did, each deed a {@link STEP_MS} after the other. */
function recordedCallee(steps: readonly Step[]): PersonaCall {
  const server = steps.flatMap((step) => (step.from === 'server' && step.connection === 'drachtio' ? drachtioMessages(step.text) : []));
  const status = (code: string): string | undefined => server.find((message) => message.includes(`\r\nSIP/2.0 ${code}`) && !message.includes('To: <sip:drachtio@'));
  const rings = status('18') !== undefined;
  const failure = status('[45]') ?? server.find((message) => /\r\nSIP\/2\.0 (486|503)/.test(message));
  const found = failure === undefined ? null : /\r\nSIP\/2\.0 (\d+) (.*)\r/.exec(failure);
  const digits = steps.flatMap((step) => (step.from === 'server' ? [...step.text.matchAll(/"DTMF-Digit":"(.)"/g)].map((match) => match[1]!) : []));
  const calleeHangsUp = server.some((message) => message.includes('\r\nBYE ') && !message.includes('drachtio MRF') && message.includes('|sip|network|'));
  const local = failure?.includes('|sip|network|0|') === true;
  const final: PersonaCall['final'] = found
    ? { kind: 'sip', status: Number(found[1]), reason: found[2]!, q850Cause: 0, local, ...(failure?.includes('Retry-After') ? { retryAfterS: 30 } : {}) }
    : server.some((message) => /\r\nSIP\/2\.0 (487|408)/.test(message)) ? { kind: 'ring_forever' } : { kind: 'answer' };
  return persona({
    ringingAfterMs: rings ? 1 : null,
    ringMs: 5,
    final,
    earlyMedia: status('183') === undefined ? null : { read: (_, out) => out.fill(0) },
    hangUpAfterMs: calleeHangsUp ? STEP_MS : null,
    react: (event) => (event.kind === 'answered' ? digits.map((digit, index) => ({ kind: 'press', afterMs: (index + 1) * STEP_MS, digit })) : null),
  });
}

/** What has come in on one connection, message by message. */
class Inbox {
  readonly #messages: string[] = [];
  #wake = (): void => undefined;
  readonly #name: string;

  constructor(name: string) {
    this.#name = name;
  }

  push(message: string): void {
    this.#messages.push(message);
    this.#wake();
  }

  async next(expected: string): Promise<string> {
    if (this.#messages.length === 0) {
      await new Promise<void>((resolve, reject) => {
        const limit = setTimeout(() => reject(new Error(`${this.#name}: the simulator is silent where the real server says ${expected.slice(0, 300)}`)), 10_000);
        this.#wake = () => {
          clearTimeout(limit);
          resolve();
        };
      });
      this.#wake = () => undefined;
    }
    return this.#messages.shift()!;
  }

  get left(): readonly string[] {
    return this.#messages;
  }
}

/** Plays the recorded client against a simulator and compares what the simulator says with what was recorded. */
class Replay {
  readonly #bench: TestBench;
  readonly #simulator: Running;
  readonly #sockets = new Map<string, Socket>();
  readonly #inboxes = new Map<string, Inbox>();
  readonly #recorded = new Map<string, number>();
  /** Recorded text -> what stands for it here: ids, ports, paths. */
  readonly #stands = new Map<string, string>();
  readonly #texts: string[] = [];
  #outbound: Promise<void> = Promise.resolve();
  readonly #webSockets = new WebSocketServer({ port: 0, host: '127.0.0.1' });

  constructor(bench: TestBench, simulator: Running) {
    this.#bench = bench;
    this.#simulator = simulator;
    this.#webSockets.on('connection', (socket) => {
      socket.on('message', (data: Buffer, binary) => {
        if (!binary) this.#texts.push(data.toString());
      });
    });
    bench.atEnd(() => new Promise<void>((resolve) => this.#webSockets.close(() => resolve())));
  }

  async run(steps: readonly Step[]): Promise<void> {
    const server = createServer((socket) => this.#take('esl-out', socket));
    const outboundPort = await new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
    this.#bench.atEnd(() => new Promise<void>((resolve) => server.close(() => resolve())));
    this.#outbound = new Promise((resolve) => server.once('connection', () => resolve()));
    for (const step of steps) {
      if (step.from === 'client') for (const found of step.text.matchAll(/X-esl-outbound: (127\.0\.0\.1:\d+)/g)) this.#stands.set(found[1]!, `127.0.0.1:${outboundPort}`);
    }
    this.#stands.set('cymru', this.#simulator.drachtio.secret).set('ClueCon\n', `${this.#simulator.freeswitch.secret}\n`);
    this.#stands.set('/media/', `${this.#bench.dir}/`).set('127.0.0.1:9998/', '127.0.0.1:9/');
    this.#stands.set('127.0.0.1:9999/', `127.0.0.1:${(this.#webSockets.address() as AddressInfo).port}/`);
    this.#take('drachtio', connect(this.#simulator.drachtio.port, '127.0.0.1'));
    if (steps.some((step) => step.from !== 'app' && step.connection === 'esl-in')) this.#take('esl-in', connect(this.#simulator.freeswitch.port, '127.0.0.1'));
    for (const [index, step] of steps.entries()) {
      if (step.from === 'app') await this.#app(step.text);
      else if (step.from === 'client') await this.#say(steps, index, step);
      else await this.#hear(steps, index, step);
    }
    for (const inbox of this.#inboxes.values()) expect(inbox.left).toEqual([]);
  }

  #take(name: string, socket: Socket): void {
    const inbox = this.#inboxes.get(name) ?? new Inbox(name);
    this.#inboxes.set(name, inbox);
    this.#sockets.set(name, socket);
    this.#bench.atEnd(() => void socket.destroy());
    socket.on('error', () => undefined);
    if (name === 'drachtio') {
      const reader = new FrameReader();
      socket.on('data', (chunk) => reader.push(chunk).forEach((message) => inbox.push(message)));
      return;
    }
    let rest = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      rest += String(chunk);
      for (;;) {
        const head = rest.indexOf('\n\n');
        if (head < 0) return;
        const length = rest.startsWith('Event-Name') ? 0 : Number(/^Content-Length: (\d+)$/m.exec(rest.slice(0, head))?.[1] ?? 0);
        if (rest.length < head + 2 + length) return;
        inbox.push(rest.slice(0, head + 2 + length));
        rest = rest.slice(head + 2 + length);
      }
    });
  }

  async #app(text: string): Promise<void> {
    const said = /^ws server sends a text frame (.*)$/.exec(text)?.[1];
    if (said !== undefined) this.#webSockets.clients.forEach((client) => client.send(said));
    const heard = /^ws text from FS: (.*)$/.exec(text)?.[1];
    if (heard === undefined) return;
    while (this.#texts.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(this.#texts.shift()).toBe(heard);
  }

  async #say(steps: readonly Step[], index: number, step: Step & { connection: string }): Promise<void> {
    if (step.connection === 'esl-out') await this.#outbound;
    const socket = this.#sockets.get(step.connection)!;
    if (step.connection === 'drachtio') {
      for (const message of drachtioMessages(step.text)) socket.write(frame(this.#here(message)));
      return;
    }
    // A command's writes were recorded apart; it is sent whole with the last of them.
    const laterWords = steps.slice(index + 1).find((later) => later.from !== 'app' && later.connection === step.connection);
    if (laterWords?.from === 'client' && step.text.startsWith('sendmsg')) return void this.#held.push(step.text);
    const text = this.#held.splice(0).join('') + step.text;
    for (const command of eslCommands(text)) socket.write(`${this.#here(`${command}\n`)}\n`);
  }

  readonly #held: string[] = [];

  async #hear(steps: readonly Step[], index: number, step: Step & { connection: string }): Promise<void> {
    const inbox = this.#inboxes.get(step.connection) ?? new Inbox(step.connection);
    this.#inboxes.set(step.connection, inbox);
    if (/DTMF-Digit|"Playback-Status":"done"|\nBYE |408 Request/.test(step.text)) this.#simulator.jumpTo(this.#simulator.clock.nowMs() + STEP_MS);
    if (step.connection === 'drachtio') {
      for (const expected of drachtioMessages(step.text)) {
        const actual = await inbox.next(expected);
        expect(shapeOfDrachtio(actual)).toEqual(shapeOfDrachtio(expected));
        this.#learn(expected, actual);
      }
      return;
    }
    // A read may end in the middle of a message: compare as many as are whole by now.
    const sofar = steps.slice(0, index + 1).flatMap((each) => (each.from === 'server' && each.connection === step.connection ? [each.text] : []));
    const next = steps.slice(index + 1).find((later) => later.from !== 'app' && later.connection === step.connection);
    if (next?.from === 'server' && /Content-Type: text\/event-json\n+$/.test(step.text)) return;
    const messages = eslMessages(sofar.join(''));
    for (const expected of messages.slice(this.#recorded.get(step.connection) ?? 0)) {
      if (expected.includes('"Event-Name":"HEARTBEAT"')) continue;
      const actual = await inbox.next(expected);
      const shape = shapeOfEsl(actual);
      const model = shapeOfEsl(expected);
      expect(this.#there(shape.text)).toBe(model.text);
      expect(shape.fields.filter((name) => !model.fields.includes(name))).toEqual([]);
      const uuid = /^Unique-ID: (.*)$/m;
      if (expected.startsWith('Event-Name')) this.#stands.set(uuid.exec(expected)![1]!, uuid.exec(actual)![1]!);
    }
    this.#recorded.set(step.connection, messages.length);
  }

  /** Pairs the ids and media ports of two messages that say the same. */
  #learn(expected: string, actual: string): void {
    const [theirs, ours] = [expected, actual].map((each) => each.slice(0, each.indexOf('\r\n')).split('|'));
    for (const [index, token] of theirs!.entries()) if (token.length >= 30 && index > 2) this.#stands.set(token, ours![index]!);
    const port = /m=audio (\d+) /;
    if (port.test(expected)) this.#stands.set(`audio ${port.exec(expected)![1]!} `, `audio ${port.exec(actual)![1]!} `);
  }

  #here(text: string): string {
    for (const [theirs, ours] of this.#stands) text = text.replaceAll(theirs, ours);
    return text;
  }

  /** The other way round, so that what the simulator says of our paths and ports can be compared. */
  #there(text: string): string {
    for (const [theirs, ours] of this.#stands) text = text.replaceAll(ours, theirs);
    return text;
  }
}

describe('the simulator says what the real servers said', () => {
  let bench: TestBench;
  beforeEach(() => {
    bench = new TestBench();
    writeFileSync(bench.path('msg.wav'), silentWav(2000));
    // Only the header is read: an hour of sound in 44 bytes.
    const long = silentWav(0);
    long.writeUInt32LE(16_000 * 3600, 40);
    writeFileSync(bench.path('long.wav'), long);
  });
  afterEach(() => bench.close());

  test.each(readdirSync(RECORDINGS))('%s', async (name) => {
    const steps = readRecording(new URL(name, RECORDINGS));
    expect(steps.filter((step) => step.from === 'server').length).toBeGreaterThan(1);
    bench.next = recordedCallee(steps);
    const simulator = await bench.start();
    await new Replay(bench, simulator).run(steps);
  });
});
