import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { readClips, type Clip } from '../amd/corpus/clips.ts';
import { joined, silence } from '../amd/corpus/signals.ts';
import { AmdStream } from '../amd/stream.ts';
import { tones } from '../amd/tones/synthetic-tones.ts';
import type { AmdStart } from '../core/amd-wire.ts';
import { flowSchema } from '../core/flow.ts';
import type { CallEffect, CallMachineEvent, CallPlan, CallState } from '../dialer/call/call-state.ts';
import { startCall, step } from '../dialer/call/machine.ts';

const START: AmdStart = { type: 'start', token: 't', callId: 'a', sampleRate: 8000, language: 'en', earlyMedia: false, latestDecisionMs: 3000 };
const PLAN: CallPlan = {
  attemptId: 'a', language: 'en', today: '2026-02-27', ringTimeoutMs: 30_000, maxCallMs: 120_000, slackMs: 1000,
  flow: flowSchema.parse({ start: 'hello', steps: { hello: { kind: 'say', text: { en: 'x' }, next: 'bye' }, bye: { kind: 'hangup' }, message: { kind: 'say', text: { en: 'y' }, next: 'bye' } }, messageStart: 'message' }),
  detection: { latestDecisionMs: 3000, unsureMeans: 'machine' }, machine: { policy: 'leave_message', beepTimeoutMs: 30_000 },
};
const FRAME_SAMPLES = 160;
const FRAME_MS = 20;
const MESSAGE_MS = 3000;

/** Plays `audio` to detector and call in virtual time, from the answer on. @returns when something was played and stopped, ms */
function rehearse(audio: Int16Array, plan: CallPlan = PLAN): { plays: number[]; stops: number[]; state: CallState } {
  const stream = new AmdStream({ ...START, latestDecisionMs: plan.detection?.latestDecisionMs ?? START.latestDecisionMs });
  const begun = startCall(plan);
  let state: CallState = begun.state;
  let nowMs = 0;
  const plays: number[] = [];
  const stops: number[] = [];
  const timers = new Map<string, number>();
  const take = (effects: readonly CallEffect[]): void => {
    for (const effect of effects) {
      if (effect.kind === 'set_timer') timers.set(effect.name, nowMs + effect.delayMs);
      else if (effect.kind === 'cancel_timer') timers.delete(effect.name);
      else if (effect.kind === 'need_prompt') tell({ kind: 'prompt_ready', promptId: effect.promptId, files: ['x'], durationMs: MESSAGE_MS });
      else if (effect.kind === 'play') plays.push(nowMs);
      else if (effect.kind === 'stop_play') stops.push(nowMs);
    }
  };
  const tell = (event: CallMachineEvent): void => {
    const next = step(state, event, nowMs);
    state = next.state;
    take(next.effects);
  };
  take(begun.effects);
  for (const event of [{ kind: 'prepared', atMs: 0 }, { kind: 'may_invite' }, { kind: 'ringing', atMs: 0 }, { kind: 'answered', atMs: 0 }] as const) tell(event);
  for (let at = 0; at + FRAME_SAMPLES <= audio.length; at += FRAME_SAMPLES) {
    nowMs += FRAME_MS;
    const bytes = Buffer.from(audio.slice(at, at + FRAME_SAMPLES).buffer);
    for (const message of stream.audio(bytes)) tell({ kind: 'amd', atMs: nowMs, message });
    for (const [name, dueMs] of [...timers]) {
      if (dueMs > nowMs || timers.get(name) !== dueMs) continue;
      timers.delete(name);
      tell({ kind: 'timer', name: name as Extract<CallMachineEvent, { kind: 'timer' }>['name'] });
    }
  }
  return { plays, stops, state };
}

let greeting: Int16Array;
let person: Int16Array;
beforeAll(async () => {
  const clips: Clip[] = await readClips(fileURLToPath(new URL('../amd/fixtures', import.meta.url)));
  const prompts = clips.filter(({ label, pcm }) => label === 'machine_prompt' && pcm.length > 8000);
  person = joined(silence(0.3), clips.find(({ label, pcm }) => label === 'human_long' && pcm.length > 12_000)!.pcm);
  const voice = prompts[0]!.voice;
  greeting = joined(silence(0.3), ...prompts.filter((clip) => clip.voice === voice).slice(0, 4).flatMap(({ pcm }) => [pcm, silence(0.25)]));
});
const msOf = (...parts: Int16Array[]): number => joined(...parts).length / 8;
const beep = tones([{ hz: [1000], seconds: 0.4 }], 8000);

describe('the message on a machine', () => {
  test.each([440, 700, 1000, 1400])('starts within 300 ms of the end of a beep of %d Hz', (hz) => {
    const sound = tones([{ hz: [hz], seconds: 0.3 }], 8000);
    const { plays, stops } = rehearse(joined(greeting, silence(0.4), sound, silence(12)));
    const endMs = msOf(greeting, silence(0.4), sound);
    expect(plays).toHaveLength(1);
    expect(plays[0]!).toBeGreaterThan(endMs);
    expect(plays[0]! - endMs).toBeLessThanOrEqual(300);
    expect(stops).toEqual([]);
  });

  test('starts soon after the greeting\'s end if no beep comes', () => {
    const { plays } = rehearse(joined(greeting, silence(15)));
    expect(plays).toHaveLength(1);
    // 1.5 s of quiet, and 0.7 s in which a beep may still come; the greeting itself ends with 0.25 s of quiet.
    expect(plays[0]! - msOf(greeting)).toBeLessThanOrEqual(2400);
  });

  test('is stopped when the greeting goes on after a beep, and begins anew after the next one, once', () => {
    const first = joined(greeting, silence(0.4), beep, silence(0.6));
    const { plays, stops } = rehearse(joined(first, greeting, silence(0.4), beep, silence(0.6), greeting, silence(0.4), beep, silence(12)));
    expect(plays).toHaveLength(2);
    expect(stops).toHaveLength(1);
    expect(stops[0]! - msOf(first)).toBeLessThan(2500);
    const secondMs = msOf(first, greeting, silence(0.4), beep);
    expect(plays[1]! - secondMs).toBeGreaterThan(0);
    expect(plays[1]! - secondMs).toBeLessThanOrEqual(300);
  });
});

describe('a voicemail that greets in its owner\'s voice', () => {
  const plan: CallPlan = { ...PLAN, detection: { latestDecisionMs: 7000, unsureMeans: 'human' } };

  test('is spoken to as a person, until it beeps: then it is left the message, within 300 ms', () => {
    const { plays, stops, state } = rehearse(joined(person, silence(2.6), beep, silence(12)), plan);
    const endMs = msOf(person, silence(2.6), beep);
    expect(plays).toHaveLength(2);
    expect(stops).toHaveLength(1);
    expect(plays[0]!).toBeGreaterThan(msOf(person) - 200);
    expect(plays[0]!).toBeLessThan(endMs);
    expect(plays[1]! - endMs).toBeGreaterThan(0);
    expect(plays[1]! - endMs).toBeLessThanOrEqual(300);
    expect(state).toMatchObject({ phase: { kind: 'leaving_message' }, verdict: { verdict: 'machine' } });
  });

  test('a person who says as much and waits is spoken to, once they have finished', () => {
    const { plays, stops } = rehearse(joined(person, silence(12)), plan);
    expect(plays).toHaveLength(1);
    expect(plays[0]!).toBeGreaterThan(msOf(person) - 200);
    expect(stops).toEqual([]);
  });
});
