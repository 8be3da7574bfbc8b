import { TURN_TIMES, type AmdMessage } from '../../core/amd-wire.ts';
import type { EndedBy } from '../../core/attempt.ts';
import { unreachable } from '../../core/errors.ts';
import type { Verdict } from '../../core/outcome.ts';
import type { CallEnd, CallFailure, HangupParty } from '../telephony/port.ts';
import { CallDraft } from './call-draft.ts';
import type { CallMachineEvent, CallPlan, CallState, Ending, StopReason, TimerName, Transition } from './call-state.ts';
import { stepFlow, type FlowEvent } from './flow.ts';
import { outcomeOfFailure } from './outcome-table.ts';
import { resultOf } from './result.ts';

/** Longest wait for endpoint and opening prompts before the call is given up. */
const PREPARE_TIMEOUT_MS = 30_000;
/** Longest wait for the pacer; a media endpoint is held meanwhile. */
const START_TIMEOUT_MS = 60_000;
/** On top of the ring timeout, in which the switch cancels by itself and the network confirms it (RFC 3261, 64*T1 is 32 s at worst). */
const RING_SAFETY_MS = 10_000;
/** On top of the silence by which a greeting's end is known (amd: 1.5 s): a beep follows within it, or the machine has none. */
const BEEP_AFTER_GREETING_MS = 700;

/**
 * Begins a call. Speech is asked for once it is known who hears it, for most calls reach nobody (without detection the
 * opening is asked for at once); the caller places the call at the switch and hands over its events.
 * The states are told at {@link CallState}'s phase (call-state.ts).
 */
export function startCall(plan: CallPlan): Transition {
  const draft = new CallDraft({
    plan, phase: { kind: 'preparing', prepared: false }, startedAtMs: null, firstSignAtMs: null, answeredAtMs: null,
    verdict: null, quietSinceMs: null, waitedMs: null, amdLost: null, prompts: {}, armed: [], stopReason: null,
  }, 0);
  draft.setTimer('prepare', PREPARE_TIMEOUT_MS + plan.slackMs);
  if (plan.detection === null) draft.askPromptsFrom(plan.flow.start);
  return draft.transition();
}

/** One event's effect on a call. Pure; never throws; after `finish` nothing has any effect. */
export function step(state: CallState, event: CallMachineEvent, nowMs: number): Transition {
  if (state.phase.kind === 'ended') return { state, effects: [] };
  const draft = new CallDraft(state, nowMs);
  apply(draft, event);
  return draft.transition();
}

function apply(draft: CallDraft, event: CallMachineEvent): void {
  switch (event.kind) {
    case 'prepared':
      if (draft.phase.kind === 'preparing') {
        draft.phase = { kind: 'preparing', prepared: true };
        requestStartIfReady(draft);
      }
      return;
    case 'may_invite':
      if (draft.phase.kind !== 'awaiting_start') return;
      draft.cancelTimer('start');
      draft.startedAtMs = draft.nowMs;
      draft.phase = { kind: 'inviting' };
      draft.effect({ kind: 'invite' });
      draft.setTimer('ring', draft.plan.ringTimeoutMs + RING_SAFETY_MS + draft.plan.slackMs);
      return;
    case 'invited':
      // The moment the INVITE left; until the switch tells, the moment we asked for it stands.
      if (draft.phase.kind === 'inviting') draft.startedAtMs = event.atMs;
      return;
    case 'ringing':
    case 'early_media':
      if (draft.phase.kind !== 'inviting') return;
      draft.firstSignAtMs = event.atMs;
      draft.phase = { kind: 'ringing' };
      return;
    case 'answered':
      answered(draft, event.atMs);
      return;
    case 'amd':
      heardFromAmd(draft, event.message);
      return;
    case 'amd_unavailable':
      amdLost(draft, event.reason);
      return;
    case 'digit':
      flowEvent(draft, { kind: 'digit', digit: event.digit });
      return;
    case 'play_ended':
      if (draft.phase.kind === 'ending') draft.noteLatePlay(event.playId, event.playedMs, event.result === 'completed');
      else flowEvent(draft, { kind: 'play_ended', playId: event.playId, playedMs: event.playedMs, result: event.result });
      return;
    case 'prompt_ready':
      draft.prompts = { ...draft.prompts, [event.promptId]: { kind: 'ready', files: event.files, durationMs: event.durationMs } };
      if (draft.phase.kind === 'preparing') requestStartIfReady(draft);
      else draft.playPending();
      return;
    case 'prompt_failed':
      promptFailed(draft, event.promptId);
      return;
    case 'timer':
      timerFired(draft, event.name);
      return;
    case 'stop':
      stopAsked(draft, event.reason);
      return;
    case 'ended':
      endedBySwitch(draft, event.end, event.atMs);
      return;
    default:
      unreachable(event);
  }
}

function requestStartIfReady(draft: CallDraft): void {
  if (draft.phase.kind !== 'preparing' || !draft.phase.prepared) return;
  if (Object.values(draft.prompts).some((prompt) => prompt.kind !== 'ready')) return;
  draft.cancelTimer('prepare');
  draft.setTimer('start', START_TIMEOUT_MS + draft.plan.slackMs);
  draft.phase = { kind: 'awaiting_start' };
  draft.effect({ kind: 'request_start' });
}

function answered(draft: CallDraft, atMs: number): void {
  const { phase, plan } = draft;
  if (phase.kind === 'ending') {
    // A 200 that crossed our CANCEL. The switch ends it too; asking again is harmless, and it is no answer to us.
    draft.effect({ kind: 'hang_up' });
    return;
  }
  if (phase.kind !== 'inviting' && phase.kind !== 'ringing') return;
  draft.cancelTimer('ring');
  draft.answeredAtMs = atMs;
  draft.setTimer('max_call', plan.maxCallMs);
  if (plan.detection === null) {
    draft.speak();
    return;
  }
  draft.phase = { kind: 'answered_listening', beepHeard: false, held: false };
  if (draft.amdLost !== null) decideWithoutVerdict(draft, draft.amdLost);
  else draft.setTimer('verdict', plan.detection.latestDecisionMs + plan.slackMs);
}

function heardFromAmd(draft: CallDraft, message: AmdMessage): void {
  const { phase } = draft;
  switch (message.type) {
    case 'verdict':
      if (message.earlyMedia) {
        // Before the answer only an announcement decides: it is the network that speaks, and there will be no answer.
        // Anything else there (music, a ringback voice) says nothing of who will answer.
        if (message.verdict !== 'announcement' || (phase.kind !== 'inviting' && phase.kind !== 'ringing')) return;
        noteVerdict(draft, message);
        draft.hangUp({ outcome: 'announcement', fault: 'network', endedBy: 'dialer' });
        return;
      }
      judged(draft, message);
      return;
    case 'beep':
      if (phase.kind === 'answered_listening') draft.phase = { ...phase, beepHeard: true };
      else if (phase.kind === 'waiting_for_beep') draft.leaveMessage();
      else if (draft.takeMessageBack()) draft.leaveMessage();
      return;
    case 'turn_ended':
      turnEnded(draft);
      return;
    case 'settled':
      draft.stopListening();
      return;
    case 'greeting_ended':
      if (phase.kind === 'waiting_for_beep') draft.setTimer('beep', BEEP_AFTER_GREETING_MS);
      return;
    case 'greeting_resumed':
      // It was a pause, or no beep of the machine's: whatever is said now is said into the greeting.
      if (phase.kind === 'waiting_for_beep' || draft.takeMessageBack()) draft.setTimer('beep', draft.plan.machine.beepTimeoutMs);
      return;
    case 'error':
      amdLost(draft, message.reason);
      return;
    default:
      unreachable(message);
  }
}

/** A verdict on who answered: the first, or one that takes the first back. */
function judged(draft: CallDraft, message: Extract<AmdMessage, { type: 'verdict' }>): void {
  const { phase } = draft;
  const means = taken(draft, message.verdict);
  switch (phase.kind) {
    case 'answered_listening':
      noteVerdict(draft, message);
      draft.quietSinceMs = message.quietMs === null ? null : draft.nowMs - message.quietMs;
      if (message.talking && means === 'human') hold(draft);
      else actOn(draft, message.verdict);
      return;
    case 'speaking':
      // Silence, or a person, heard late takes nothing back. Nobody pressed a key, for then detection is off.
      if (means === 'human' || means === 'silence' || !draft.stopSpeaking()) return;
      noteVerdict(draft, message);
      actOn(draft, message.verdict);
      return;
    case 'waiting_for_beep':
    case 'leaving_message':
      if (means === 'silence') return;
      noteVerdict(draft, message);
      // What seemed a machine turns out to be a person (call screening, a late pick-up): the flow begins for them.
      if (means === 'human') draft.speak();
      else if (means !== 'machine') draft.hangUp({ outcome: means, fault: null, endedBy: 'dialer' });
      return;
    default:
      return;
  }
}

/** A person, or who is taken for one, still talks: whatever is said now would go unheard, and they may yet turn out to be a recording. */
function hold(draft: CallDraft): void {
  draft.cancelTimer('verdict');
  if (draft.phase.kind === 'answered_listening') draft.phase = { ...draft.phase, held: true };
  draft.askPromptsFrom(draft.plan.flow.start);
  draft.setTimer('turn', Math.max(TURN_TIMES.leastMs, draft.plan.detection?.latestDecisionMs ?? 0) + draft.plan.slackMs);
}

function turnEnded(draft: CallDraft): void {
  const { phase } = draft;
  if (phase.kind !== 'answered_listening' || !phase.held) return;
  draft.quietSinceMs = draft.nowMs - TURN_TIMES.endMs;
  draft.speak();
}

/** What a verdict is taken for. */
function taken(draft: CallDraft, verdict: Verdict): Exclude<Verdict, 'unsure'> {
  return verdict === 'unsure' ? (draft.plan.detection?.unsureMeans ?? 'human') : verdict;
}

function noteVerdict(draft: CallDraft, message: Extract<AmdMessage, { type: 'verdict' }>): void {
  draft.verdict = { verdict: message.verdict, confidence: message.confidence, reason: message.reason, audioMs: message.audioMs, atMs: draft.nowMs };
}

function amdLost(draft: CallDraft, reason: string): void {
  draft.amdLost ??= reason;
  if (draft.phase.kind !== 'answered_listening') return;
  if (draft.phase.held) draft.speak();
  else decideWithoutVerdict(draft, reason);
}

function decideWithoutVerdict(draft: CallDraft, reason: string): void {
  draft.verdict = { verdict: 'unsure', confidence: null, reason: reason.slice(0, 300), audioMs: null, atMs: draft.nowMs };
  actOn(draft, 'unsure');
}

/** What a verdict leads to, in `answered_listening` and after `stopSpeaking`. */
function actOn(draft: CallDraft, verdict: Verdict): void {
  draft.cancelTimer('verdict');
  draft.cancelTimer('turn');
  switch (verdict) {
    case 'human':
      draft.speak();
      return;
    case 'unsure':
      actOn(draft, taken(draft, verdict));
      return;
    case 'machine':
      if (draft.plan.machine.policy === 'hang_up' || draft.plan.flow.messageStart === undefined) {
        draft.hangUp({ outcome: 'machine', fault: null, endedBy: 'dialer' });
      } else if (draft.phase.kind === 'answered_listening' && draft.phase.beepHeard) {
        draft.leaveMessage();
      } else {
        draft.askPromptsFrom(draft.plan.flow.messageStart);
        if (draft.phase.kind !== 'waiting_for_beep') draft.phase = { kind: 'waiting_for_beep', begun: null, again: false };
        draft.setTimer('beep', draft.plan.machine.beepTimeoutMs);
      }
      return;
    // Silence: nobody spoke until the last moment for a verdict. Whoever lifts the phone to the ear after that hears the line
    // go; speaking to a silent line would play the debtor's name to an open microphone or a robot.
    case 'silence':
    case 'announcement':
    case 'fax':
      draft.hangUp({ outcome: verdict, fault: null, endedBy: 'dialer' });
      return;
    default:
      unreachable(verdict);
  }
}

function flowEvent(draft: CallDraft, event: FlowEvent): void {
  const { phase } = draft;
  // Who presses a key while talking need not be waited for: it is a person.
  if (phase.kind === 'answered_listening' && phase.held && event.kind === 'digit') {
    draft.speak();
    draft.stopListening();
    return;
  }
  if (phase.kind !== 'speaking' && phase.kind !== 'leaving_message') return;
  // A machine presses nothing: tones in its greeting are not answers.
  if (phase.kind === 'leaving_message' && event.kind === 'digit') return;
  if (event.kind === 'digit') draft.stopListening();
  draft.follow(phase, stepFlow(phase.flow, event, draft.nowMs));
}

function promptFailed(draft: CallDraft, promptId: string): void {
  draft.prompts = { ...draft.prompts, [promptId]: { kind: 'failed' } };
  const { phase } = draft;
  if (phase.kind === 'preparing') draft.hangUp({ outcome: 'failed', fault: 'dialer', endedBy: 'dialer' });
  else if ((phase.kind === 'speaking' || phase.kind === 'leaving_message') && phase.pendingPlay?.step === promptId) draft.hangUpAfterFlow();
}

function timerFired(draft: CallDraft, name: TimerName): void {
  if (!draft.disarm(name)) return;
  const { phase } = draft;
  switch (name) {
    case 'prepare':
    case 'start':
      draft.hangUp({ outcome: 'failed', fault: 'dialer', endedBy: 'dialer' });
      return;
    case 'ring':
      // The switch should have cancelled long ago.
      draft.hangUp({ outcome: 'no_answer', fault: 'callee', endedBy: 'dialer' });
      return;
    case 'verdict':
      if (phase.kind === 'answered_listening') decideWithoutVerdict(draft, 'no verdict in time');
      return;
    case 'turn':
      turnEnded(draft);
      return;
    case 'listen':
      draft.effect({ kind: 'stop_listening' });
      return;
    case 'beep':
      // No beep: many machines record at once.
      if (phase.kind === 'waiting_for_beep') draft.leaveMessage();
      return;
    case 'digit':
      flowEvent(draft, { kind: 'wait_over' });
      return;
    case 'prompt':
      draft.hangUpAfterFlow();
      return;
    case 'max_call':
      if (phase.kind === 'answered_listening') draft.hangUp({ outcome: 'human', fault: null, endedBy: 'dialer' });
      else if (phase.kind === 'waiting_for_beep') draft.hangUp({ outcome: 'machine', fault: null, endedBy: 'dialer' });
      else draft.hangUpAfterFlow();
      return;
    case 'end':
      // The switch never told the end: finish without it, so that contact and channel are freed.
      if (phase.kind === 'ending') draft.finish(resultOf(draft.state(), { ...phase.ending, easesTrunk: false, sipStatus: draft.answeredAtMs === null ? 0 : 200, q850Cause: 0 }, draft.nowMs));
      return;
    default:
      unreachable(name);
  }
}

/**
 * Somebody wants the call ended. Up to the message it ends at once. A conversation under way is cut only if what is being
 * said is no longer true or allowed (paid, opted out) or the process must go; a campaign that is stopped or a window that
 * closes lets it come to its end.
 */
function stopAsked(draft: CallDraft, reason: StopReason): void {
  draft.stopReason ??= reason;
  switch (draft.phase.kind) {
    case 'preparing':
    case 'awaiting_start':
    case 'inviting':
    case 'ringing':
      draft.hangUp({ outcome: 'failed', fault: 'dialer', endedBy: 'dialer' });
      return;
    case 'answered_listening':
      if (cutsConversation(reason)) draft.hangUp({ outcome: 'human', fault: null, endedBy: 'dialer' });
      return;
    case 'waiting_for_beep':
      draft.hangUp({ outcome: 'machine', fault: null, endedBy: 'dialer' });
      return;
    case 'speaking':
    case 'leaving_message':
      if (cutsConversation(reason)) draft.hangUpAfterFlow();
      return;
    case 'ending':
    case 'ended':
      return;
    default:
      unreachable(draft.phase);
  }
}

const cutsConversation = (reason: StopReason): boolean => reason === 'paid' || reason === 'opted_out' || reason === 'drain_limit';

function endedBySwitch(draft: CallDraft, end: CallEnd, atMs: number): void {
  const { phase } = draft;
  if (end.kind === 'never_answered') {
    const { failure } = end;
    const meant = outcomeOfFailure(failure);
    // A CANCEL is confirmed by 487 (RFC 3261, 9.2): then what we had decided is the outcome. If the network's own refusal
    // overtook our CANCEL, its word counts.
    const cancelled = failure.kind === 'cancelled' || (failure.kind === 'sip' && failure.status === 487);
    const ending = phase.kind === 'ending' && cancelled ? phase.ending : { outcome: meant.outcome, fault: meant.fault, endedBy: endedByOf(failure) };
    const sipStatus = failure.kind === 'sip' ? failure.status : failure.kind === 'cancelled' && draft.startedAtMs !== null ? 487 : 0;
    const q850Cause = failure.kind === 'sip' ? failure.q850Cause : 0;
    draft.finish(resultOf(draft.state(), { ...ending, easesTrunk: meant.easesTrunk, sipStatus, q850Cause }, atMs));
    return;
  }
  const endedBy = end.by === 'switch' ? 'network' : end.by;
  const how = { easesTrunk: false, sipStatus: draft.startedAtMs === null ? 0 : 200, q850Cause: end.q850Cause } as const;
  switch (phase.kind) {
    case 'ending':
      draft.finish(resultOf(draft.state(), { ...phase.ending, endedBy: end.by === 'callee' ? 'callee' : phase.ending.endedBy, ...how }, atMs));
      return;
    case 'preparing':
    case 'awaiting_start':
    case 'inviting':
    case 'ringing':
    case 'answered_listening': {
      const meant = phase.kind === 'answered_listening' && phase.held ? { outcome: 'human', fault: null } as const : endBeforeVerdict(draft.startedAtMs !== null, end.by);
      // No answer to us, whatever the signalling said.
      if (meant.outcome === 'no_answer') draft.answeredAtMs = null;
      draft.finish(resultOf(draft.state(), { ...meant, endedBy, ...how }, atMs));
      return;
    }
    case 'waiting_for_beep':
      draft.finish(resultOf(draft.state(), { outcome: 'machine', fault: null, endedBy, ...how }, atMs));
      return;
    case 'speaking':
    case 'leaving_message':
      draft.finish(resultOf(draft.state(), { outcome: draft.flowOutcome(), fault: null, endedBy, ...how }, atMs));
      return;
    case 'ended':
      return;
    default:
      unreachable(phase);
  }
}

/** Answered (or never heard to be), and over before a verdict. */
function endBeforeVerdict(invited: boolean, by: HangupParty): Pick<Ending, 'outcome' | 'fault'> {
  if (!invited) return { outcome: 'failed', fault: 'dialer' };
  switch (by) {
    case 'callee':
      // Machines do not hang up within seconds, people do: a human who heard nothing (`cut_short` for the retry rules).
      return { outcome: 'human', fault: null };
    case 'dialer':
      // We did not ask for it, so the switch did: a 200 that crossed its CANCEL at the ring timeout. Nobody was answered.
      return { outcome: 'no_answer', fault: 'callee' };
    case 'switch':
      return { outcome: 'failed', fault: 'network' };
    default:
      return unreachable(by);
  }
}

function endedByOf(failure: CallFailure): EndedBy {
  switch (failure.kind) {
    case 'sip':
      return outcomeOfFailure(failure).fault === 'callee' ? 'callee' : 'network';
    case 'cancelled':
    case 'media':
    case 'signalling':
      return 'dialer';
    default:
      return unreachable(failure);
  }
}
