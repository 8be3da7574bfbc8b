/**
 * The contract of a switch, run against the simulator and, if OBZVON_CONTRACT_SWITCH is set, against real servers. It holds
 * JSON: `{"switch": {drachtio, freeswitch, trunks, eventSocketListen as in switch-options.ts}, "trunk": NAME, "callerId": "+…",
 * "prompt": {"file": path on the FreeSWITCH host, "ms": n}, "phones": {behaviour: "+…"}}`; scenarios whose behaviour has no
 * phone are left out. The stand-in for AMD listens on this machine's loopback, so FreeSWITCH must run on it, too.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { SimulatedClock, systemClock } from '../../core/clock.ts';
import { ObzvonError } from '../../core/errors.ts';
import { misbehaviourSchema, simulatorOptionsSchema } from '../simulator/options.ts';
import type { AudioScript, PersonaCall } from '../simulator/public-port.ts';
import { Draw } from '../simulator/public/draw.ts';
import { startSimulator, type Simulator } from '../simulator/simulator.ts';
import { BEHAVIOURS, describeSwitch, StubAmd, type Behaviour, type SwitchRig } from './switch.contract.ts';
import { connectSwitch } from './switch.ts';
import { switchOptionsSchema, type SwitchOptions } from './switch-options.ts';

const log = { info: () => undefined, warn: () => undefined };
const hum: AudioScript = { read: (from, out) => out.forEach((_, i) => (out[i] = 8000 * Math.sin((from + i) / 5))) };
const PROMPT_MS = 300;

function silentWav(ms: number): Buffer {
  const head = Buffer.from('RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0', 'latin1');
  head.writeUInt32LE(36 + ms * 16, 4);
  head.writeUInt32LE(ms * 16, 40);
  return Buffer.concat([head, Buffer.alloc(ms * 16)]);
}

const answering: PersonaCall = {
  kind: 'human', ringingAfterMs: 5, ringMs: 40, final: { kind: 'answer' }, earlyMedia: null, answerAudio: hum, hangUpAfterMs: null, react: () => null,
};
const sip = (status: number, q850Cause: number): PersonaCall['final'] => ({ kind: 'sip', status, reason: 'Contract', q850Cause });
const PERSONAS: Record<Behaviour, PersonaCall> = {
  answers: answering,
  answers_then_hangs_up: { ...answering, hangUpAfterMs: 120 },
  answers_and_presses_5: { ...answering, react: (event) => (event.kind === 'prompt_ended' ? [{ kind: 'press', afterMs: 50, digit: '5' }] : null) },
  busy: { ...answering, ringingAfterMs: null, final: sip(486, 17), answerAudio: null },
  invalid: { ...answering, ringingAfterMs: null, final: sip(404, 1), answerAudio: null },
  rings_for_ever: { ...answering, final: { kind: 'ring_forever' }, answerAudio: null },
  rings_late: { ...answering, ringingAfterMs: 2600, final: { kind: 'ring_forever' }, answerAudio: null },
  answers_late: { ...answering, ringingAfterMs: null, ringMs: 2600 },
  early_media_then_refused: { ...answering, ringMs: 700, earlyMedia: hum, final: sip(404, 1), answerAudio: null },
  early_media_then_answers: { ...answering, ringMs: 400, earlyMedia: hum },
};
const phoneOf = (behaviour: Behaviour): string => `+3806700000${10 + BEHAVIOURS.indexOf(behaviour)}`;

function startContractSimulator(): Promise<Simulator> {
  const clock = new SimulatedClock({ wallMs: Date.now(), simulatedMs: Date.now(), speed: 1 });
  const personaOf = (phone: string): PersonaCall => PERSONAS[BEHAVIOURS.find((behaviour) => phoneOf(behaviour) === phone) ?? 'invalid'];
  return startSimulator(simulatorOptionsSchema.parse({}), { public: { personaOf }, clock });
}

function optionsFor(simulator: Simulator, amd: { url: string; token: string }): SwitchOptions {
  const trunks = [{ name: 'carrier', uri: 'sip:{phone}@127.0.0.1:5090' }];
  return { drachtio: [simulator.drachtio], freeswitch: [simulator.freeswitch], trunks, amd, eventSocketListen: { host: '127.0.0.1', port: 0 }, clock: systemClock, log };
}

describeSwitch('simulator', async (amd: StubAmd): Promise<SwitchRig> => {
  const dir = mkdtempSync(join(tmpdir(), 'obzvon-contract-'));
  const file = join(dir, 'prompt.wav');
  writeFileSync(file, silentWav(PROMPT_MS));
  const simulator = await startContractSimulator();
  const made = await connectSwitch(optionsFor(simulator, amd));
  return {
    switch: made,
    phone: phoneOf,
    trunk: 'carrier',
    callerId: '+380441112233',
    prompt: { file, ms: PROMPT_MS },
    simulated: {
      answerAcrossCancel: () => simulator.setMisbehaviour(misbehaviourSchema.parse({ lateAnswerShare: 1 })),
      refuseForks: () => simulator.setMisbehaviour(misbehaviourSchema.parse({ forkRefusedShare: 1 })),
      dropSignalling: () => simulator.dropDrachtio(),
      dropMedia: () => simulator.dropEventSockets(),
      leftovers: () => {
        const { channels, concurrent, forks } = simulator.stats();
        return channels + concurrent + forks;
      },
    },
    close: async () => {
      await made.close();
      await simulator.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
});

test('300 calls hung up at any moment by either side, over a carrier and an AMD service that misbehave: each ends once, nothing is left', async () => {
  const simulator = await startContractSimulator();
  const amd = await StubAmd.start();
  const made = await connectSwitch(optionsFor(simulator, amd));
  try {
    simulator.setMisbehaviour({ unavailableShare: 0.1, lateAnswerShare: 0.5, lostByeShare: 0.2, noResponseShare: 0, forkRefusedShare: 0.2 });
    const draw = new Draw('fuzz');
    const told = Array.from({ length: 300 }, (): string[] => []);
    const callOne = (index: number): Promise<void> =>
      new Promise((resolve) => {
        const phone = phoneOf(draw.pick(`behaviour ${index}`, ['answers', 'answers_then_hangs_up', 'busy', 'rings_for_ever', 'early_media_then_answers', 'early_media_then_refused']));
        const request = { attemptId: `fuzz-${index}`, phone, callerId: '+380441112233', trunk: 'carrier', language: 'uk', ringTimeoutMs: 900, detection: { latestDecisionMs: 4000, earlyMedia: true } } as const;
        const call = made.place(request, (event) => {
          told[index]?.push(event.kind);
          if (event.kind === 'prepared') call.invite();
          if (event.kind === 'answered') call.play(1, ['/no/such/file.wav']);
          if (event.kind === 'ended') resolve();
        });
        setTimeout(() => call.stopListening(), draw.between(`listens ${index}`, 0, 700));
        // A lost BYE leaves the call up until we hang up.
        setTimeout(() => call.hangUp(), draw.chance(`soon ${index}`, 0.5) ? draw.between(`at ${index}`, 0, 250) : 1500);
      });
    for (let from = 0; from < 300; from += 60) await Promise.all(Array.from({ length: 60 }, (_, i) => callOne(from + i)));
    for (const kinds of told) {
      expect(kinds.filter((kind) => kind === 'ended')).toHaveLength(1);
      expect(kinds.at(-1)).toBe('ended');
    }
    expect(made.callsInProgress).toBe(0);
    const standing = () => {
      const { channels, concurrent, forks } = simulator.stats();
      return { channels, concurrent, forks };
    };
    await expect.poll(standing, { timeout: 10_000 }).toEqual({ channels: 0, concurrent: 0, forks: 0 });
  } finally {
    await made.close();
    await amd.close();
    await simulator.close();
  }
});

test.each(['drachtio', 'freeswitch'] as const)('a wrong secret of %s is said plainly and not tried again', async (server) => {
  const simulator = await startContractSimulator();
  try {
    const options = optionsFor(simulator, { url: 'ws://127.0.0.1:1/amd', token: 'x' });
    const failure = connectSwitch({ ...options, [server]: [{ ...simulator[server], secret: 'wrong' }] });
    await expect(failure).rejects.toThrow(ObzvonError);
    await expect(failure).rejects.toMatchObject({ code: 'bad_config', message: expect.stringMatching(/refused the secret/) as string });
    // The library by itself tries four times a second.
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(simulator.stats().connections).toBe(0);
  } finally {
    await simulator.close();
  }
});

test('nobody there: an error that can be retried', async () => {
  const simulator = await startContractSimulator();
  const options = optionsFor(simulator, { url: 'ws://127.0.0.1:1/amd', token: 'x' });
  await simulator.close();
  await expect(connectSwitch(options)).rejects.toMatchObject({ code: 'unreachable', retryable: true });
});

test('settings and requests that could reach into SIP or the event socket are refused', async () => {
  const simulator = await startContractSimulator();
  try {
    const options = optionsFor(simulator, { url: 'ws://127.0.0.1:1/amd', token: 'x' });
    for (const bad of [
      { trunks: [{ name: 't', uri: 'sip:{phone}@carrier\r\nX-Evil: 1' }] },
      { trunks: [{ name: 't', uri: 'sip:nobody@carrier' }] },
      { amd: { url: "ws://amd/'|stop|", token: 'x' } },
      { amd: { url: 'ws://amd/', token: "x'|y" } },
    ]) {
      await expect(connectSwitch({ ...options, ...bad })).rejects.toMatchObject({ code: 'bad_config' });
    }
    const made = await connectSwitch(options);
    const request = { attemptId: 'a-1', phone: '+380671234567', callerId: '+380441112233', trunk: 'carrier', language: 'uk', ringTimeoutMs: 1000, detection: null } as const;
    for (const bad of [{ phone: '+38067\r\nX: y' }, { phone: '0671234567' }, { callerId: '"x" <sip:y>' }, { attemptId: 'a\nb' }, { attemptId: "a'|b" }, { trunk: 'other' }]) {
      expect(() => made.place({ ...request, ...bad }, () => undefined)).toThrow(ObzvonError);
    }
    expect(made.callsInProgress).toBe(0);
    await made.close();
  } finally {
    await simulator.close();
  }
});

const real = process.env['OBZVON_CONTRACT_SWITCH'];
if (real !== undefined) {
  const rigSchema = z.object({
    switch: switchOptionsSchema.omit({ amd: true }),
    trunk: z.string(),
    callerId: z.string(),
    prompt: z.object({ file: z.string(), ms: z.number() }),
    phones: z.partialRecord(z.enum(BEHAVIOURS), z.string()),
  });
  const settings = rigSchema.parse(JSON.parse(real));
  describeSwitch('real servers', async (amd): Promise<SwitchRig> => {
    const made = await connectSwitch({ ...(settings.switch as Omit<SwitchOptions, 'amd' | 'clock' | 'log'>), amd, clock: systemClock, log });
    return { ...settings, switch: made, phone: (behaviour) => settings.phones[behaviour] ?? null, close: () => made.close() };
  });
}
