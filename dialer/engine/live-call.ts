import type { Clock, Timer } from '../../core/clock.ts';
import { unreachable } from '../../core/errors.ts';
import type { FlowStep } from '../../core/flow.ts';
import type { CallEffect, CallMachineEvent, CallPlan, CallResult, CallState, StopReason, TimerName } from '../call/call-state.ts';
import { startCall, step } from '../call/machine.ts';
import type { Call, CallEvent, CallRequest, Switch } from '../telephony/port.ts';

/** Speech for one step of the flow, ready to be played by the switch. */
export interface PreparedPrompt {
  readonly files: readonly string[];
  readonly durationMs: number;
}

export interface LiveCallParts {
  readonly switch: Switch;
  readonly clock: Clock;
  readonly prompt: (step: FlowStep) => Promise<PreparedPrompt>;
  /** The call is prepared and asks for its turn; answer with `mayInvite`. */
  readonly onRequestStart: () => void;
  readonly onEvent: (event: CallEvent) => void;
  readonly onPromptFailed: (error: unknown) => void;
  /** Once, last. */
  readonly onFinish: (result: CallResult) => void;
}

/** A call under way: the pure machine (dialer/call) joined to the switch, the clock and the prompts. */
export interface LiveCall {
  /** Its turn has come. `onSent`: the SIP server confirmed the INVITE; by `atMs` it was on the wire. */
  mayInvite(onSent: (atMs: number) => void): void;
  stop(reason: StopReason): void;
}

/** Begins a call: the machine decides, this carries out. */
export function startLiveCall(plan: CallPlan, request: CallRequest, parts: LiveCallParts): LiveCall {
  const timers = new Map<TimerName, Timer>();
  const waiting: CallMachineEvent[] = [];
  let stepping = false;
  let state: CallState;
  let call: Call | null = null;
  let onInviteSent: (atMs: number) => void = () => undefined;

  // Events that a command causes at once wait until the running transition is carried out.
  const feed = (event: CallMachineEvent): void => {
    waiting.push(event);
    if (!stepping) catchUp();
  };
  const catchUp = (): void => {
    stepping = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const transition = step(state, next, parts.clock.nowMs());
      state = transition.state;
      for (const effect of transition.effects) carryOut(effect);
    }
    stepping = false;
  };

  const carryOut = (effect: CallEffect): void => {
    switch (effect.kind) {
      case 'invite':
        call?.invite(onInviteSent);
        return;
      case 'play':
        call?.play(effect.playId, effect.files);
        return;
      case 'stop_play':
        call?.stopPlay();
        return;
      case 'stop_listening':
        call?.stopListening();
        return;
      case 'hang_up':
        call?.hangUp();
        return;
      case 'set_timer':
        timers.get(effect.name)?.cancel();
        timers.set(effect.name, parts.clock.setTimer(effect.delayMs, () => feed({ kind: 'timer', name: effect.name })));
        return;
      case 'cancel_timer':
        timers.get(effect.name)?.cancel();
        timers.delete(effect.name);
        return;
      case 'need_prompt':
        parts.prompt(effect.step).then(
          (prepared) => feed({ kind: 'prompt_ready', promptId: effect.promptId, files: prepared.files, durationMs: prepared.durationMs }),
          (error: unknown) => {
            parts.onPromptFailed(error);
            feed({ kind: 'prompt_failed', promptId: effect.promptId });
          },
        );
        return;
      case 'request_start':
        parts.onRequestStart();
        return;
      case 'finish':
        for (const timer of timers.values()) timer.cancel();
        timers.clear();
        parts.onFinish(effect.result);
        return;
      default:
        unreachable(effect);
    }
  };

  const first = startCall(plan);
  state = first.state;
  stepping = true;
  call = parts.switch.place(request, (event) => {
    parts.onEvent(event);
    feed(event);
  });
  for (const effect of first.effects) carryOut(effect);
  catchUp();

  return {
    mayInvite: (onSent) => {
      onInviteSent = onSent;
      feed({ kind: 'may_invite' });
    },
    stop: (reason) => feed({ kind: 'stop', reason }),
  };
}
