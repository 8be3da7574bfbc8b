import { WebSocketServer, type WebSocket } from 'ws';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AMD_SUBPROTOCOL, amdControlSchema, amdStartSchema, type AmdControl, type AmdMessage, type AmdStart } from '../../core/amd-wire.ts';
import type { Call, CallEnd, CallEvent, CallRequest, Switch } from './port.ts';

/** How a number behaves when it is called; `late`: nothing at all for 2.6 s, then so. */
export const BEHAVIOURS = [
  'answers', 'answers_then_hangs_up', 'answers_and_presses_5', 'busy', 'invalid', 'rings_for_ever', 'rings_late', 'answers_late', 'early_media_then_refused', 'early_media_then_answers',
] as const;
export type Behaviour = (typeof BEHAVIOURS)[number];

/** A switch under test and the numbers behind it. */
export interface SwitchRig {
  readonly switch: Switch;
  /** A number that behaves so; null if this rig has none (the test is skipped). */
  phone(behaviour: Behaviour): string | null;
  readonly trunk: string;
  readonly callerId: string;
  /** A WAV that FreeSWITCH can read, and how long it is. */
  readonly prompt: { readonly file: string; readonly ms: number };
  /** Things only a simulated switch can be made to do. */
  readonly simulated?: {
    answerAcrossCancel(): void;
    refuseForks(): void;
    dropSignalling(): void;
    dropMedia(): void;
    /** Channels, callee calls and forks that still stand; 0 if nothing leaks. */
    leftovers(): number;
  };
  close(): Promise<void>;
}

/** A stand-in for the AMD service that says what the test tells it to. */
export class StubAmd {
  readonly token = 'stub-token';
  readonly starts: AmdStart[] = [];
  readonly answered: AmdControl[] = [];
  audioBytes = 0;
  /** Called once for each stream, with its first audio. */
  onAudio: (start: AmdStart, say: (message: AmdMessage) => void, socket: WebSocket) => void = () => undefined;
  readonly #server: WebSocketServer;

  private constructor(server: WebSocketServer) {
    this.#server = server;
    server.on('connection', (socket) => {
      let start: AmdStart | null = null;
      let heard = false;
      socket.on('message', (data: Buffer, isBinary) => {
        if (!isBinary) {
          const frame: unknown = JSON.parse(data.toString('utf8'));
          if (start) {
            const control = amdControlSchema.safeParse(frame);
            if (control.success) this.answered.push(control.data);
          } else this.starts.push((start = amdStartSchema.parse(frame)));
          return;
        }
        this.audioBytes += data.length;
        if (!start || heard) return;
        heard = true;
        this.onAudio(start, (message) => socket.send(JSON.stringify({ type: 'json', data: message })), socket);
      });
    });
  }

  static async start(): Promise<StubAmd> {
    const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: (offered) => (offered.has(AMD_SUBPROTOCOL) ? AMD_SUBPROTOCOL : false) });
    await new Promise((resolve) => server.once('listening', resolve));
    return new StubAmd(server);
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/amd`;
  }

  close(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }
}

/** One call of a test: what it told, and a way to wait for more. */
class Phoning {
  readonly events: CallEvent[] = [];
  readonly call: Call;
  readonly #waiting: { readonly kind: CallEvent['kind']; readonly resolve: () => void }[] = [];
  readonly #react: (event: CallEvent, call: Call) => void;

  constructor(under: Switch, request: CallRequest, react: (event: CallEvent, call: Call) => void) {
    this.#react = react;
    this.call = under.place(request, (event) => this.#on(event));
  }

  #on(event: CallEvent): void {
    this.events.push(event);
    this.#react(event, this.call);
    for (const waiting of this.#waiting.filter(({ kind }) => kind === event.kind)) waiting.resolve();
  }

  get kinds(): string {
    return this.events.map(({ kind }) => kind).join(' ');
  }

  all<K extends CallEvent['kind']>(kind: K): Extract<CallEvent, { kind: K }>[] {
    return this.events.filter((event): event is Extract<CallEvent, { kind: K }> => event.kind === kind);
  }

  /** Resolves once an event of the kind was told. */
  async until<K extends CallEvent['kind']>(kind: K): Promise<Extract<CallEvent, { kind: K }>> {
    if (this.all(kind).length === 0) await new Promise<void>((resolve) => this.#waiting.push({ kind, resolve }));
    return this.all(kind)[0]!;
  }

  /** From the first sign of the callee to the answer, to within some ms. */
  get rangMs(): unknown {
    const firstSign = this.events.find(({ kind }) => kind === 'ringing' || kind === 'early_media');
    return expect.closeTo(this.all('answered')[0]!.atMs - (firstSign ?? this.all('answered')[0]!).atMs, -1) as unknown;
  }

  async end(): Promise<CallEnd> {
    return (await this.until('ended')).end;
  }
}

let attempts = 0;
const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve));
};
const invites = (event: CallEvent, call: Call): void => {
  if (event.kind === 'prepared') call.invite();
};

/**
 * What every switch must do, simulated or real.
 * @param makeRig a fresh switch whose AMD service is `amd`
 */
export function describeSwitch(name: string, makeRig: (amd: StubAmd) => Promise<SwitchRig>): void {
  describe(`switch: ${name}`, () => {
    let rig: SwitchRig;
    let amd: StubAmd;
    let placed: Phoning[] = [];

    beforeEach(async () => {
      placed = [];
      amd = await StubAmd.start();
      rig = await makeRig(amd);
    });
    afterEach(async () => {
      try {
        // The rule of all rules: whatever happened, each call ended once, last, and nothing is left of it.
        for (const phoning of placed) {
          await phoning.end();
          await turns(5);
          expect(phoning.all('ended')).toHaveLength(1);
          expect(phoning.events.at(-1)?.kind).toBe('ended');
        }
        expect(rig.switch.callsInProgress).toBe(0);
        const { simulated } = rig;
        if (simulated) await expect.poll(() => simulated.leftovers(), { timeout: 10_000 }).toBe(0);
      } finally {
        await rig.close();
        await amd.close();
      }
    });

    function phone(behaviour: Behaviour, react: (event: CallEvent, call: Call) => void = invites, over: Partial<CallRequest> = {}): Phoning {
      const number = rig.phone(behaviour);
      if (number === null) throw new Error(`no number that ${behaviour}`);
      const request: CallRequest = {
        attemptId: `contract-${process.pid}-${++attempts}`, phone: number, callerId: rig.callerId, trunk: rig.trunk, language: 'uk', ringTimeoutMs: 20_000, detection: null, ...over,
      };
      const phoning = new Phoning(rig.switch, request, react);
      placed.push(phoning);
      return phoning;
    }
    const detection = { latestDecisionMs: 4000, earlyMedia: true, ringOdds: [{ fromMs: 20_000, logOdds: -0.5 }] };

    /** A test that a rig without such a number, or without a simulator, leaves out. */
    const scenario = (title: string, needs: readonly (Behaviour | 'simulator')[], run: () => Promise<void>): void => {
      test(title, async ({ skip }) => {
        if (needs.some((need) => (need === 'simulator' ? !rig.simulated : rig.phone(need) === null))) skip('the rig cannot do this');
        await run();
      });
    };

    scenario('a callee who answers and hangs up', ['answers_then_hangs_up'], async () => {
      const phoning = phone('answers_then_hangs_up');
      expect(await phoning.end()).toEqual({ kind: 'hung_up', by: 'callee', q850Cause: 16 });
      expect(phoning.kinds).toBe('prepared invited ringing answered ended');
      const times = phoning.events.map(({ atMs }) => atMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
    });

    scenario('we hang up', ['answers'], async () => {
      const phoning = phone('answers');
      await phoning.until('answered');
      expect(rig.switch.callsInProgress).toBe(1);
      phoning.call.hangUp();
      expect(await phoning.end()).toEqual({ kind: 'hung_up', by: 'dialer', q850Cause: 0 });
      phoning.call.hangUp();
      phoning.call.play(1, [rig.prompt.file]);
      phoning.call.stopPlay();
      phoning.call.stopListening();
      phoning.call.invite();
    });

    scenario('busy and invalid, with their Q.850 causes', ['busy', 'invalid'], async () => {
      const [busy, invalid] = [phone('busy'), phone('invalid')];
      expect(await busy.end()).toMatchObject({ kind: 'never_answered', failure: { kind: 'sip', status: 486, q850Cause: 17 } });
      expect(await invalid.end()).toMatchObject({ kind: 'never_answered', failure: { kind: 'sip', status: 404, q850Cause: 1 } });
      expect(busy.kinds).toBe('prepared invited ended');
    });

    scenario('rings too long', ['rings_for_ever'], async () => {
      const phoning = phone('rings_for_ever', invites, { ringTimeoutMs: 300 });
      expect(await phoning.end()).toEqual({ kind: 'never_answered', failure: { kind: 'cancelled', why: 'ring_timeout' } });
      expect(phoning.kinds).toBe('prepared invited ringing ended');
    });

    scenario('CANCEL before any provisional response does not wait half a minute', ['rings_late', 'answers_late'], async () => {
      // The CANCEL is held back by the SIP server until something comes; a 200 is then met with BYE.
      for (const behaviour of ['rings_late', 'answers_late'] as const) {
        const phoning = phone(behaviour, invites, { ringTimeoutMs: 200 });
        expect(await phoning.end()).toEqual({ kind: 'never_answered', failure: { kind: 'cancelled', why: 'ring_timeout' } });
        expect(phoning.kinds).toBe('prepared invited ended');
      }
    });

    scenario('a 200 that crosses the CANCEL is ended with BYE and never told', ['rings_for_ever', 'simulator'], async () => {
      rig.simulated?.answerAcrossCancel();
      const phoning = phone('rings_for_ever');
      await phoning.until('ringing');
      phoning.call.hangUp();
      expect(await phoning.end()).toEqual({ kind: 'never_answered', failure: { kind: 'cancelled', why: 'asked' } });
      expect(phoning.all('answered')).toEqual([]);
    });

    scenario('early media is listened to, then refused', ['early_media_then_refused'], async () => {
      amd.onAudio = ({ callId }, say) => say({ type: 'verdict', callId, verdict: 'announcement', confidence: 0.9, audioMs: 400, speechOnsetMs: 20, reason: 'stub', earlyMedia: true, talking: false, quietMs: 400, cause: null, takesBack: null });
      const phoning = phone('early_media_then_refused', invites, { detection });
      expect(await phoning.end()).toMatchObject({ kind: 'never_answered', failure: { kind: 'sip', status: 404, q850Cause: 1 } });
      expect(phoning.kinds).toBe('prepared invited early_media amd ended');
      expect(amd.starts).toMatchObject([{ earlyMedia: true, token: amd.token, sampleRate: 8000 }]);
    });

    scenario('early media, then an answer: the same fork goes on and is told of it', ['early_media_then_answers'], async () => {
      const phoning = phone('early_media_then_answers', invites, { detection });
      await phoning.until('answered');
      await expect.poll(() => amd.answered, { timeout: 5000 }).toEqual([{ type: 'answered', ringMs: phoning.rangMs }]);
      expect(amd.starts).toHaveLength(1);
      expect(amd.starts[0]).not.toHaveProperty('ringMs');
      phoning.call.hangUp();
    });

    scenario('early media is left alone if nobody wants to listen', ['early_media_then_answers'], async () => {
      const phoning = phone('early_media_then_answers', invites, { detection: { ...detection, earlyMedia: false } });
      await phoning.until('answered');
      await expect.poll(() => amd.starts.length, { timeout: 5000 }).toBe(1);
      expect(amd.starts).toMatchObject([{ earlyMedia: false, ringMs: phoning.rangMs, ringOdds: detection.ringOdds }]);
      phoning.call.hangUp();
    });

    scenario('a human, by verdict', ['answers'], async () => {
      amd.onAudio = ({ callId }, say) => {
        say({ type: 'verdict', callId, verdict: 'human', confidence: 0.97, audioMs: 700, speechOnsetMs: 300, reason: 'stub', earlyMedia: false, talking: false, quietMs: 400, cause: null, takesBack: null });
        say({ type: 'verdict', callId: 'another call', verdict: 'machine', confidence: 1, audioMs: 1, speechOnsetMs: null, reason: 'stub', earlyMedia: false, talking: false, quietMs: 400, cause: null, takesBack: null });
      };
      const phoning = phone('answers', invites, { detection });
      const { message } = await phoning.until('amd');
      expect(message).toMatchObject({ type: 'verdict', verdict: 'human', audioMs: 700 });
      expect(amd.starts).toMatchObject([{ callId: message.callId, language: 'uk', latestDecisionMs: 4000, earlyMedia: false }]);
      phoning.call.stopListening();
      phoning.call.hangUp();
      await phoning.end();
      expect(phoning.all('amd')).toHaveLength(1);
    });

    scenario('an AMD service that cannot be reached, or goes away', ['answers', 'simulator'], async () => {
      rig.simulated?.refuseForks();
      const phoning = phone('answers', invites, { detection });
      expect((await phoning.until('amd_unavailable')).reason).toContain('AMD');
      phoning.call.hangUp();
      await phoning.end();
      expect(phoning.all('amd_unavailable')).toHaveLength(1);
    });

    scenario('plays files one after the other and says how much', ['answers'], async () => {
      const { file, ms } = rig.prompt;
      const phoning = phone('answers', (event, call) => {
        invites(event, call);
        if (event.kind === 'answered') call.play(7, [file, file]);
      });
      const { playId, playedMs, result } = await phoning.until('play_ended');
      expect({ playId, result }).toEqual({ playId: 7, result: 'completed' });
      expect(Math.abs(playedMs - 2 * ms)).toBeLessThan(200);
      phoning.call.play(8, ['/no/such/file.wav']);
      await expect.poll(() => phoning.all('play_ended').at(-1), { timeout: 5000 }).toMatchObject({ playId: 8, result: 'failed', playedMs: 0 });
      phoning.call.hangUp();
    });

    scenario('a prompt is stopped, replaced, or cut off by the hang-up; each end is told once', ['answers'], async () => {
      const files = Array.from({ length: 40 }, () => rig.prompt.file);
      const phoning = phone('answers');
      await phoning.until('answered');
      const last = () => phoning.all('play_ended').at(-1);
      phoning.call.play(1, files);
      phoning.call.stopPlay();
      await expect.poll(last, { timeout: 5000 }).toMatchObject({ playId: 1, result: 'stopped' });
      phoning.call.play(2, files);
      await new Promise((resolve) => setTimeout(resolve, 150));
      phoning.call.play(3, files);
      phoning.call.play(4, files);
      await expect.poll(() => phoning.all('play_ended').map((end) => [end.playId, end.result].join(' ')).sort(), { timeout: 5000 }).toEqual(['1 stopped', '2 stopped', '3 stopped']);
      await new Promise((resolve) => setTimeout(resolve, 150));
      phoning.call.hangUp();
      await phoning.end();
      expect(phoning.all('play_ended')).toHaveLength(4);
      expect(last()).toMatchObject({ playId: 4, result: 'stopped' });
      expect(last()?.playedMs).toBeGreaterThan(0);
    });

    scenario('digits', ['answers_and_presses_5'], async () => {
      const phoning = phone('answers_and_presses_5', (event, call) => {
        invites(event, call);
        if (event.kind === 'answered') call.play(1, [rig.prompt.file]);
      });
      expect((await phoning.until('digit')).digit).toBe('5');
      phoning.call.hangUp();
    });

    scenario('hang up at every event and in every await', ['answers', 'early_media_then_answers'], async () => {
      const ends = ['placed', 'prepared', 'invited', 'ringing', 'early_media', 'answered'] as const;
      for (const at of ends) {
        for (const later of [0, 1, 2, 3, 5, 8]) {
          const behaviour = at === 'early_media' ? 'early_media_then_answers' : 'answers';
          const phoning = phone(behaviour, (event, call) => {
            invites(event, call);
            if (event.kind !== at) return;
            if (later === 0) call.hangUp();
            else void turns(later).then(() => call.hangUp());
          }, { detection });
          if (at === 'placed') void turns(later).then(() => phoning.call.hangUp());
          const end = await phoning.end();
          if (end.kind === 'hung_up') expect(end.by).toBe('dialer');
          else expect(end.failure).toEqual({ kind: 'cancelled', why: 'asked' });
          expect(phoning.all('answered')).toHaveLength(end.kind === 'hung_up' ? 1 : 0);
        }
      }
    });

    scenario('many calls at once, all different', ['answers_then_hangs_up', 'busy', 'invalid', 'rings_for_ever'], async () => {
      const kinds = ['answers_then_hangs_up', 'busy', 'invalid', 'rings_for_ever'] as const;
      const phonings = Array.from({ length: 80 }, (_, i) => phone(kinds[i % 4]!, invites, { ringTimeoutMs: 1500, detection }));
      const ends = await Promise.all(phonings.map((phoning) => phoning.end()));
      expect(ends.filter((end) => end.kind === 'hung_up')).toHaveLength(20);
      expect(ends.filter((end) => end.kind === 'never_answered' && end.failure.kind === 'sip')).toHaveLength(40);
      expect(ends.filter((end) => end.kind === 'never_answered' && end.failure.kind === 'cancelled')).toHaveLength(20);
    });

    scenario('the connection to drachtio is lost: calls end, health goes down and comes back by itself', ['answers', 'rings_for_ever', 'simulator'], async () => {
      const health: string[] = [];
      rig.switch.onHealth(({ kind }) => health.push(kind));
      const [up, ringing] = [phone('answers'), phone('rings_for_ever')];
      await Promise.all([up.until('answered'), ringing.until('ringing')]);
      rig.simulated?.dropSignalling();
      expect(await up.end()).toMatchObject({ kind: 'hung_up', by: 'switch' });
      expect(await ringing.end()).toMatchObject({ kind: 'never_answered', failure: { kind: 'signalling' } });
      await expect.poll(() => health, { timeout: 15_000 }).toEqual(['down', 'up']);
      const again = phone('answers_then_hangs_up');
      expect((await again.end()).kind).toBe('hung_up');
    });

    scenario('the event socket is lost: its calls end, none is placed until it is back', ['answers', 'simulator'], async () => {
      const health: string[] = [];
      rig.switch.onHealth(({ kind }) => health.push(kind));
      const [up, ringing] = [phone('answers'), phone('rings_for_ever')];
      await Promise.all([up.until('answered'), ringing.until('ringing')]);
      rig.simulated?.dropMedia();
      expect(await up.end()).toMatchObject({ kind: 'hung_up', by: 'switch' });
      expect((await ringing.end()).kind).toBe('never_answered');
      if (rig.switch.health().kind === 'down') expect(await phone('answers').end()).toMatchObject({ kind: 'never_answered', failure: { kind: 'media' } });
      await expect.poll(() => health, { timeout: 15_000 }).toEqual(['down', 'up']);
      const again = phone('answers_then_hangs_up');
      expect((await again.end()).kind).toBe('hung_up');
    });

    scenario('closing ends every call', ['answers', 'rings_for_ever'], async () => {
      const [up, ringing, preparing] = [phone('answers'), phone('rings_for_ever'), phone('answers', () => undefined)];
      await Promise.all([up.until('answered'), ringing.until('ringing'), preparing.until('prepared')]);
      await rig.switch.close();
      expect(rig.switch.callsInProgress).toBe(0);
      expect(rig.switch.health().kind).toBe('down');
    });
  });
}
