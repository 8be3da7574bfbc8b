import { describe, expect, test } from 'vitest';
import { amdMessageSchema, type AmdMessage } from '../../core/amd-wire.ts';
import { flowSchema } from '../../core/flow.ts';
import type { Verdict } from '../../core/outcome.ts';
import type { CallEffect, CallMachineEvent, CallPlan, CallResult, CallState } from './call-state.ts';
import { startCall, step } from './machine.ts';

const flow = flowSchema.parse({
  start: 'greeting',
  steps: {
    greeting: { kind: 'say', text: { en: 'Hello.' }, next: 'debt' },
    debt: { kind: 'say', text: { en: 'You owe {{debt}}.' }, essential: true, next: 'ask' },
    ask: { kind: 'gather', prompt: { en: 'Press 1 to promise.' }, waitSeconds: 5, tries: 2, choices: { 1: { meaning: 'promise_to_pay', withinDays: 3, next: 'thanks' }, 9: { meaning: 'opt_out', next: 'bye' } }, otherwise: 'bye' },
    thanks: { kind: 'say', text: { en: 'Thank you.' }, next: 'bye' },
    bye: { kind: 'hangup' },
    voicemail: { kind: 'say', text: { en: 'Please call us back.' }, essential: true, next: 'bye' },
  },
  messageStart: 'voicemail',
});

const plan: CallPlan = {
  attemptId: 'a1', flow, language: 'en', today: '2026-11-29', ringTimeoutMs: 30_000, maxCallMs: 180_000,
  detection: { latestDecisionMs: 4000, unsureMeans: 'human' }, machine: { policy: 'hang_up', beepTimeoutMs: 30_000 }, slackMs: 3000,
};
const LENGTHS: Record<string, number> = { greeting: 1000, debt: 3000, ask: 2000, thanks: 1000, voicemail: 4000 };

/** Drives one call: prompts are ready at once, every prompt can be played to its end, all effects are kept. */
class Rehearsal {
  state: CallState;
  nowMs = 1_000_000;
  readonly effects: CallEffect[] = [];

  constructor(changes: Partial<CallPlan> = {}) {
    const begun = startCall({ ...plan, ...changes });
    this.state = begun.state;
    this.take(begun.effects);
  }

  take(effects: readonly CallEffect[]): void {
    for (const effect of effects) {
      this.effects.push(effect);
      if (effect.kind === 'need_prompt') this.tell({ kind: 'prompt_ready', promptId: effect.promptId, files: [`${effect.promptId}.wav`], durationMs: LENGTHS[effect.promptId] ?? 0 });
    }
  }

  tell(event: CallMachineEvent): this {
    const next = step(this.state, event, this.nowMs);
    this.state = next.state;
    this.take(next.effects);
    return this;
  }

  after(delayMs: number): this {
    this.nowMs += delayMs;
    return this;
  }

  ringing(): this {
    this.tell({ kind: 'prepared', atMs: this.nowMs }).tell({ kind: 'may_invite' });
    this.tell({ kind: 'invited', atMs: this.nowMs }).after(2000);
    return this.tell({ kind: 'ringing', atMs: this.nowMs });
  }

  answered(): this {
    this.ringing().after(8000);
    return this.tell({ kind: 'answered', atMs: this.nowMs });
  }

  amd(message: Partial<AmdMessage> & { type: AmdMessage['type'] }): this {
    const filled = amdMessageSchema.parse({ callId: 'a1', verdict: 'human', confidence: 0.9, audioMs: 900, speechOnsetMs: 200, reason: 'short greeting', earlyMedia: false, frequencyHz: 1000, ...message });
    return this.tell({ kind: 'amd', atMs: this.nowMs, message: filled });
  }

  verdict(verdict: Verdict): this {
    return this.after(1200).amd({ type: 'verdict', verdict });
  }

  get playing(): { playId: number; files: readonly string[] } {
    const play = this.effects.findLast((effect) => effect.kind === 'play');
    if (!play) throw new Error('nothing was played');
    return play;
  }

  playedWhole(): this {
    const { playId, files } = this.playing;
    const durationMs = LENGTHS[files[0]!.replace('.wav', '')]!;
    this.after(durationMs);
    return this.tell({ kind: 'play_ended', atMs: this.nowMs, playId, playedMs: durationMs, result: 'completed' });
  }

  digit(digit: string): this {
    return this.tell({ kind: 'digit', atMs: this.nowMs, digit });
  }

  hungUpBy(by: 'callee' | 'dialer' | 'switch', q850Cause = 16): CallResult {
    this.tell({ kind: 'ended', atMs: this.nowMs, end: { kind: 'hung_up', by, q850Cause } });
    return this.result;
  }

  get kinds(): string[] {
    return this.effects.map((effect) => effect.kind);
  }

  get result(): CallResult {
    const finishes = this.effects.filter((effect) => effect.kind === 'finish');
    expect(finishes).toHaveLength(1);
    return finishes[0]!.result;
  }
}

describe('before the answer', () => {
  test('nothing is sent before endpoint, prompts and pacer are there', () => {
    const call = new Rehearsal();
    expect(call.kinds).not.toContain('request_start');
    call.tell({ kind: 'prepared', atMs: call.nowMs });
    expect(call.kinds).toContain('request_start');
    expect(call.kinds).not.toContain('invite');
    call.tell({ kind: 'may_invite' });
    expect(call.kinds).toContain('invite');
  });

  test('busy', () => {
    const call = new Rehearsal().ringing().after(500);
    call.tell({ kind: 'ended', atMs: call.nowMs, end: { kind: 'never_answered', failure: { kind: 'sip', status: 486, q850Cause: 17, reason: '' } } });
    expect(call.result).toMatchObject({ outcome: 'busy', endedBy: 'callee', sipStatus: 486, q850Cause: 17, postDialDelayMs: 2000, ringMs: 500, answeredAtMs: null, talkMs: 0 });
  });

  test('the switch cancels at the ring timeout', () => {
    const call = new Rehearsal().ringing().after(30_000);
    call.tell({ kind: 'ended', atMs: call.nowMs, end: { kind: 'never_answered', failure: { kind: 'cancelled', why: 'ring_timeout' } } });
    expect(call.result).toMatchObject({ outcome: 'no_answer', sipStatus: 487, endedBy: 'dialer', ringMs: 30_000 });
  });

  test('a 200 crosses the switch\'s CANCEL: nobody was answered', () => {
    const call = new Rehearsal().ringing().after(30_000);
    call.tell({ kind: 'answered', atMs: call.nowMs });
    expect(call.hungUpBy('dialer')).toMatchObject({ outcome: 'no_answer', answeredAtMs: null, talkMs: 0, sipStatus: 200 });
  });

  test('a 200 crosses our own CANCEL: it is hung up again', () => {
    const call = new Rehearsal().ringing().tell({ kind: 'stop', reason: 'paid' });
    call.tell({ kind: 'answered', atMs: call.nowMs });
    expect(call.kinds.filter((kind) => kind === 'hang_up')).toHaveLength(2);
    expect(call.kinds).not.toContain('play');
    expect(call.hungUpBy('dialer')).toMatchObject({ outcome: 'failed', answeredAtMs: null, stopReason: 'paid' });
  });

  test('a payment while it rings cancels the call', () => {
    const call = new Rehearsal().ringing().tell({ kind: 'stop', reason: 'paid' });
    expect(call.kinds).toContain('hang_up');
    call.tell({ kind: 'ended', atMs: call.nowMs, end: { kind: 'never_answered', failure: { kind: 'cancelled', why: 'asked' } } });
    expect(call.result).toMatchObject({ outcome: 'failed', fault: 'dialer', stopReason: 'paid', sipStatus: 487 });
  });

  test('an announcement in early media cancels the call; any other early verdict is ignored', () => {
    const call = new Rehearsal().ringing().amd({ type: 'verdict', verdict: 'machine', earlyMedia: true }).amd({ type: 'verdict', verdict: 'human', earlyMedia: true });
    expect(call.kinds).not.toContain('hang_up');
    call.amd({ type: 'verdict', verdict: 'announcement', earlyMedia: true });
    expect(call.kinds).toContain('hang_up');
    call.tell({ kind: 'ended', atMs: call.nowMs, end: { kind: 'never_answered', failure: { kind: 'cancelled', why: 'asked' } } });
    expect(call.result).toMatchObject({ outcome: 'announcement', verdict: 'announcement', verdictLatencyMs: null, answeredAtMs: null });
  });

  test('a stop before the INVITE: nobody was called', () => {
    const call = new Rehearsal().tell({ kind: 'stop', reason: 'window_closed' });
    call.tell({ kind: 'timer', name: 'end' });
    expect(call.result).toMatchObject({ startedAtMs: null, sipStatus: 0, stopReason: 'window_closed' });
    expect(call.kinds).not.toContain('invite');
  });

  test('a prompt that cannot be made: nobody is called', () => {
    const begun = startCall(plan);
    expect(step(begun.state, { kind: 'prompt_failed', promptId: 'debt' }, 0).state.phase).toMatchObject({ kind: 'ending', ending: { outcome: 'failed', fault: 'dialer' } });
  });
});

describe('a human', () => {
  test('hears the message and presses 1', () => {
    const call = new Rehearsal().answered().verdict('human');
    expect(call.kinds).not.toContain('stop_listening');
    call.playedWhole().playedWhole().after(700).digit('1');
    expect(call.kinds).toContain('stop_listening');
    expect(call.kinds).toContain('stop_play');
    call.playedWhole();
    expect(call.kinds.at(-2)).toBe('hang_up');
    expect(call.hungUpBy('dialer')).toMatchObject({
      outcome: 'human', endedBy: 'dialer', verdict: 'human', verdictLatencyMs: 1200, verdictAudioMs: 900, sipStatus: 200,
      messageMs: 4000, heardMs: 4000, heardWhole: true, digits: '1', response: { kind: 'promise_to_pay', promisedDate: '2026-12-02' }, talkMs: 1200 + 4000 + 700 + 1000,
    });
  });

  test('hangs up in the middle of the message', () => {
    const call = new Rehearsal().answered().verdict('human').playedWhole().after(1500);
    expect(call.hungUpBy('callee')).toMatchObject({ outcome: 'human', endedBy: 'callee', messageMs: 4000, heardMs: 2500, heardWhole: false });
  });

  test('hangs up before a verdict: counts as a human who heard nothing', () => {
    expect(new Rehearsal().answered().after(600).hungUpBy('callee')).toMatchObject({ outcome: 'human', verdict: null, heardMs: 0, heardWhole: false, talkMs: 600 });
  });

  test('unsure, no AMD or no verdict in time: as the campaign says', () => {
    expect(new Rehearsal().answered().verdict('unsure').state.phase.kind).toBe('speaking');
    expect(new Rehearsal().answered().tell({ kind: 'amd_unavailable', atMs: 0, reason: 'gone' }).state).toMatchObject({ phase: { kind: 'speaking' }, verdict: { verdict: 'unsure', reason: 'gone' } });
    expect(new Rehearsal().ringing().tell({ kind: 'amd_unavailable', atMs: 0, reason: 'gone' }).tell({ kind: 'answered', atMs: 1 }).state.phase.kind).toBe('speaking');
    expect(new Rehearsal().answered().after(7000).tell({ kind: 'timer', name: 'verdict' }).state.phase.kind).toBe('speaking');
    const asMachine = { detection: { latestDecisionMs: 4000, unsureMeans: 'machine' } } as const;
    expect(new Rehearsal(asMachine).answered().verdict('unsure').hungUpBy('dialer')).toMatchObject({ outcome: 'machine', verdict: 'unsure' });
  });

  test('still talks when the verdict falls: is spoken to once they have finished', () => {
    for (const verdict of ['human', 'unsure'] as const) {
      const call = new Rehearsal().answered().after(1200).amd({ type: 'verdict', verdict, talking: true });
      expect(call.kinds).not.toContain('play');
      expect(call.state.armed).not.toContain('verdict');
      // What they will hear is made meanwhile.
      expect(call.kinds).toContain('need_prompt');
      call.after(2000).amd({ type: 'turn_ended' });
      expect(call.playing.files).toEqual(['greeting.wav']);
      expect(call.hungUpBy('callee')).toMatchObject({ outcome: 'human', verdict, verdictLatencyMs: 1200, waitedMs: 500 });
    }
  });

  test('how long they were quiet before they were spoken to is told', () => {
    expect(new Rehearsal().answered().after(1200).amd({ type: 'verdict', verdict: 'human', quietMs: 300 }).hungUpBy('callee')).toMatchObject({ waitedMs: 300 });
    expect(new Rehearsal().answered().after(4500).amd({ type: 'verdict', verdict: 'unsure', quietMs: null }).hungUpBy('callee')).toMatchObject({ waitedMs: null });
    expect(new Rehearsal().answered().after(1200).amd({ type: 'verdict', verdict: 'machine', quietMs: 300 }).hungUpBy('dialer')).toMatchObject({ waitedMs: null });
  });

  test('still talks, and presses a key or the switch fails: is a person all the same', () => {
    const talking = (): Rehearsal => new Rehearsal().answered().after(1200).amd({ type: 'verdict', verdict: 'human', talking: true });
    const pressed = talking().digit('1');
    expect(pressed.playing.files).toEqual(['greeting.wav']);
    expect(pressed.kinds).toContain('stop_listening');
    expect(pressed.verdict('machine').state).toMatchObject({ phase: { kind: 'speaking' }, verdict: { verdict: 'human' } });
    expect(talking().hungUpBy('switch')).toMatchObject({ outcome: 'human', endedBy: 'network', heardMs: 0 });
    expect(talking().hungUpBy('dialer')).toMatchObject({ outcome: 'human', heardMs: 0 });
  });

  test('a word that comes late takes nothing back unless it is a recording\'s', () => {
    const late = (verdict: Verdict): Rehearsal => new Rehearsal().answered().after(7000).tell({ kind: 'timer', name: 'verdict' }).verdict(verdict);
    for (const verdict of ['silence', 'human', 'unsure'] as const) expect(late(verdict).state.phase.kind).toBe('speaking');
    for (const verdict of ['machine', 'announcement', 'fax'] as const) expect(late(verdict).hungUpBy('dialer')).toMatchObject({ outcome: verdict, verdict, messageMs: 0, heardMs: 0 });
  });

  test('still talks, and the end of it is never told: is spoken to all the same', () => {
    const talking = (): Rehearsal => new Rehearsal().answered().after(1200).amd({ type: 'verdict', verdict: 'human', talking: true });
    expect(talking().tell({ kind: 'timer', name: 'turn' }).state.phase.kind).toBe('speaking');
    expect(talking().tell({ kind: 'amd_unavailable', atMs: 0, reason: 'gone' }).state).toMatchObject({ phase: { kind: 'speaking' }, verdict: { verdict: 'human' } });
    expect(talking().hungUpBy('callee')).toMatchObject({ outcome: 'human', verdict: 'human', heardMs: 0 });
  });

  test('who talks on and on turns out to be a machine: nothing was said to it', () => {
    const call = new Rehearsal().answered().after(1200).amd({ type: 'verdict', verdict: 'human', talking: true }).verdict('machine');
    expect(call.kinds).not.toContain('play');
    expect(call.hungUpBy('dialer')).toMatchObject({ outcome: 'machine', verdict: 'machine', verdictLatencyMs: 2400 });
  });

  test('the detector is listened to for some seconds, then no more', () => {
    const call = new Rehearsal().answered().verdict('human').playedWhole().after(15_000).tell({ kind: 'timer', name: 'listen' });
    expect(call.kinds.at(-1)).toBe('stop_listening');
    expect(call.verdict('machine').state).toMatchObject({ phase: { kind: 'speaking' }, verdict: { verdict: 'human' } });
    expect(new Rehearsal().answered().verdict('human').after(3000).amd({ type: 'settled' }).kinds.at(-1)).toBe('stop_listening');
  });

  test('turns out to be an announcement: it is stopped, and nobody heard the debt', () => {
    const call = new Rehearsal().answered().verdict('human').playedWhole().after(1000).verdict('announcement');
    expect(call.kinds.slice(-4)).toEqual(expect.arrayContaining(['stop_play', 'hang_up']));
    expect(call.hungUpBy('dialer')).toMatchObject({ outcome: 'announcement', verdict: 'announcement', heardMs: 0, heardWhole: false });
  });

  test('turns out to be a machine: it is hung up on, or told the message after its beep, once more if its greeting goes on', () => {
    expect(new Rehearsal().answered().verdict('human').after(1000).verdict('machine').hungUpBy('dialer')).toMatchObject({ outcome: 'machine', heardMs: 0 });
    const call = new Rehearsal({ machine: { policy: 'leave_message', beepTimeoutMs: 30_000 } }).answered().verdict('human').after(1000).verdict('machine');
    expect(call.state.phase.kind).toBe('waiting_for_beep');
    const spoken = call.playing.playId;
    call.amd({ type: 'beep' });
    expect(call.playing).toMatchObject({ files: ['voicemail.wav'] });
    expect(call.playing.playId).toBeGreaterThan(spoken);
    call.amd({ type: 'greeting_resumed' }).amd({ type: 'beep' }).playedWhole();
    expect(call.hungUpBy('dialer')).toMatchObject({ outcome: 'message_left', messageMs: 4000, heardMs: 4000 });
  });

  test('who has pressed a key is no machine, whatever is heard', () => {
    const call = new Rehearsal().answered().verdict('human').playedWhole().playedWhole().digit('1').verdict('machine');
    expect(call.state.phase.kind).toBe('speaking');
    expect(call.playedWhole().hungUpBy('dialer')).toMatchObject({ outcome: 'human', response: { kind: 'promise_to_pay' } });
  });

  test('a campaign that stops lets the conversation end; a payment cuts it', () => {
    const speaking = (): Rehearsal => new Rehearsal().answered().verdict('human');
    expect(speaking().tell({ kind: 'stop', reason: 'stopped' }).state.phase.kind).toBe('speaking');
    expect(speaking().tell({ kind: 'stop', reason: 'window_closed' }).state.phase.kind).toBe('speaking');
    expect(speaking().tell({ kind: 'stop', reason: 'paid' }).hungUpBy('dialer')).toMatchObject({ outcome: 'human', heardWhole: false, stopReason: 'paid' });
  });

  test('the news that a prompt was whole may come after our hanging up, and counts', () => {
    const call = new Rehearsal().answered().verdict('human').playedWhole().after(2990).tell({ kind: 'stop', reason: 'paid' });
    const { playId } = call.playing;
    call.after(100).tell({ kind: 'play_ended', atMs: call.nowMs, playId, playedMs: 3000, result: 'completed' });
    expect(call.hungUpBy('dialer')).toMatchObject({ heardMs: 4000, heardWhole: true });
  });
});

describe('a machine', () => {
  const leave = { machine: { policy: 'leave_message', beepTimeoutMs: 30_000 } } as const;

  test('is hung up on', () => {
    const call = new Rehearsal().answered().verdict('machine');
    expect(call.kinds).toContain('hang_up');
    expect(call.hungUpBy('dialer')).toMatchObject({ outcome: 'machine', endedBy: 'dialer', messageMs: 0 });
  });

  test('beeps and gets the message', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').after(9000).amd({ type: 'beep' });
    expect(call.playing.files).toEqual(['voicemail.wav']);
    call.playedWhole();
    expect(call.hungUpBy('dialer')).toMatchObject({ outcome: 'message_left', messageMs: 4000, heardMs: 4000, heardWhole: false });
  });

  test('beeps again: the message begins anew, once', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').amd({ type: 'beep' }).after(1000).amd({ type: 'beep' });
    const first = call.playing.playId;
    expect(call.kinds.filter((kind) => kind === 'play')).toHaveLength(2);
    call.tell({ kind: 'play_ended', atMs: call.nowMs, playId: first - 1, playedMs: 1000, result: 'stopped' }).amd({ type: 'beep' });
    expect(call.kinds.filter((kind) => kind === 'play')).toHaveLength(2);
    expect(call.playedWhole().hungUpBy('dialer').outcome).toBe('message_left');
  });

  test('its greeting ends without a beep: the message follows shortly', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').amd({ type: 'greeting_ended' });
    expect(call.kinds).not.toContain('play');
    expect(call.effects.findLast((effect) => effect.kind === 'set_timer')).toMatchObject({ name: 'beep', delayMs: 700 });
    expect(call.after(700).tell({ kind: 'timer', name: 'beep' }).state.phase.kind).toBe('leaving_message');
  });

  test('it was unsure, and taken for a machine: what is known later is noted, and an announcement is hung up on', () => {
    const asMachine = { ...leave, detection: { latestDecisionMs: 4000, unsureMeans: 'machine' } } as const;
    const unsure = (): Rehearsal => new Rehearsal(asMachine).answered().verdict('unsure');
    const beeped = unsure().amd({ type: 'verdict', verdict: 'machine', takesBack: 'unsure' }).amd({ type: 'beep' });
    expect(beeped.state).toMatchObject({ phase: { kind: 'leaving_message' }, verdict: { verdict: 'machine' } });
    const busy = (call: Rehearsal): CallResult => call.amd({ type: 'verdict', verdict: 'announcement', takesBack: 'unsure' }).hungUpBy('dialer');
    expect(busy(unsure())).toMatchObject({ outcome: 'announcement', verdict: 'announcement' });
    expect(busy(unsure().amd({ type: 'greeting_ended' }).after(700).tell({ kind: 'timer', name: 'beep' }))).toMatchObject({ outcome: 'announcement', verdict: 'announcement' });
    expect(unsure().amd({ type: 'verdict', verdict: 'silence' }).state.phase.kind).toBe('waiting_for_beep');
  });

  test('where nothing was sure its message is made before the beep', () => {
    const asked = (verdict: Verdict): string[] => new Rehearsal(leave).answered().verdict(verdict).effects.flatMap((effect) => (effect.kind === 'need_prompt' ? [effect.promptId] : []));
    expect(asked('unsure')).toContain('voicemail');
    expect(asked('human')).not.toContain('voicemail');
  });

  test('its greeting had only paused: the message waits for the beep as before', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').amd({ type: 'greeting_ended' }).after(300).amd({ type: 'greeting_resumed' });
    expect(call.kinds).not.toContain('play');
    expect(call.effects.findLast((effect) => effect.kind === 'set_timer')).toMatchObject({ name: 'beep', delayMs: 30_000 });
    expect(call.amd({ type: 'beep' }).playedWhole().hungUpBy('dialer').outcome).toBe('message_left');
  });

  test('its greeting goes on under the message: that is stopped and begins anew after the beep, whole', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').amd({ type: 'beep' }).after(1500).amd({ type: 'greeting_resumed' });
    expect(call.kinds.filter((kind) => kind === 'stop_play')).toHaveLength(1);
    expect(call.state.phase.kind).toBe('waiting_for_beep');
    const first = call.playing.playId;
    call.tell({ kind: 'play_ended', atMs: call.nowMs, playId: first, playedMs: 1500, result: 'stopped' }).after(2000).amd({ type: 'beep' });
    expect(call.playing).toMatchObject({ files: ['voicemail.wav'] });
    expect(call.playing.playId).toBeGreaterThan(first);
    expect(call.playedWhole().hungUpBy('dialer')).toMatchObject({ outcome: 'message_left', messageMs: 4000, heardMs: 4000 });
  });

  test('its greeting goes on once more: nothing is restarted twice', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').amd({ type: 'beep' }).amd({ type: 'greeting_resumed' }).amd({ type: 'beep' });
    const plays = call.kinds.filter((kind) => kind === 'play').length;
    call.amd({ type: 'greeting_resumed' }).amd({ type: 'beep' });
    expect(call.state.phase.kind).toBe('leaving_message');
    expect(call.kinds.filter((kind) => kind === 'play')).toHaveLength(plays);
    expect(call.playedWhole().hungUpBy('dialer').outcome).toBe('message_left');
  });

  test('its greeting goes on and it hangs up: nothing was left', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').amd({ type: 'beep' }).after(1500).amd({ type: 'greeting_resumed' }).after(500);
    expect(call.hungUpBy('callee').outcome).toBe('machine');
  });

  test('cuts the message short: it was not left', () => {
    expect(new Rehearsal(leave).answered().verdict('machine').amd({ type: 'beep' }).after(1000).hungUpBy('callee')).toMatchObject({ outcome: 'machine', heardMs: 1000 });
  });

  test('turns out to be a person: the flow begins for them', () => {
    const call = new Rehearsal(leave).answered().verdict('machine').amd({ type: 'beep' }).after(1000).verdict('human');
    expect(call.state.phase.kind).toBe('speaking');
    expect(call.playedWhole().playedWhole().hungUpBy('callee')).toMatchObject({ outcome: 'human', heardWhole: true, heardMs: 4000 });
  });

  test.each(['announcement', 'fax', 'silence'] as const)('%s is hung up on', (verdict) => {
    expect(new Rehearsal(leave).answered().verdict(verdict).hungUpBy('dialer').outcome).toBe(verdict);
  });
});
