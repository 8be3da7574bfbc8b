import { DETECTION_DEFAULTS } from '../../core/amd-wire.ts';
import { CALL_KINDS, type CallKind } from '../corpus/kinds.ts';
import { StoppingPolicy, type StoppingPolicyFile } from '../decision/stopping-policy.ts';
import type { Course } from './optimal-stopping.ts';
import type { GatheredCall } from './gather.ts';

/** Of one kind of call: shares (percent) called human, machine and unsure; time from the first speech to the verdict, ms. */
export interface KindShares {
  calls: number;
  human: number;
  machine: number;
  unsure: number;
  p50Ms: number;
  p95Ms: number;
}

/** Limits of campaigns: their default, and one that is in a hurry. */
const LATEST_MS = [DETECTION_DEFAULTS.latestDecisionMs, 4000];

/** What the policy makes of calls judged by models that did not hear their voices. */
export function crossedFigures(calls: readonly GatheredCall[], courses: readonly Course[], file: StoppingPolicyFile, costRatio: number = DETECTION_DEFAULTS.lostHumanCost): Record<string, Partial<Record<CallKind, KindShares>>> {
  const policy = new StoppingPolicy(file, costRatio);
  return Object.fromEntries(LATEST_MS.map((latestMs) => {
    const told = calls.map((call, index) => ({ kind: call.call.kind, ...decide(courses[index]!, policy, latestMs - call.call.bodyStartMs) }));
    const kinds = CALL_KINDS.flatMap((kind): [CallKind, KindShares][] => {
      const of = told.filter((each) => each.kind === kind && each.verdict !== 'none');
      if (of.length === 0) return [];
      const percent = (verdict: string): number => Number(((100 * of.filter((each) => each.verdict === verdict).length) / of.length).toFixed(2));
      const times = of.map(({ elapsedMs }) => elapsedMs).sort((a, b) => a - b);
      return [[kind, {
        calls: of.length, human: percent('human'), machine: percent('machine'), unsure: percent('unsure'),
        p50Ms: times[Math.floor(0.5 * times.length)]!, p95Ms: times[Math.floor(0.95 * times.length)]!,
      }]];
    });
    return [`by ${latestMs} ms`, Object.fromEntries(kinds)];
  }));
}

/** What VoiceDecision does, on a course written down, with `leftMs` from the first speech to the limit. */
export function decide(course: Course, policy: StoppingPolicy, leftMs: number): { verdict: 'human' | 'machine' | 'unsure' | 'none'; elapsedMs: number } {
  const { probabilities, elapsedMs, silenceMs, decidedByTone } = course;
  const worded = (decided: 'human' | 'machine', step: number): ReturnType<typeof decide> =>
    ({ verdict: decided === 'human' && probabilities[step]! < policy.sureHuman ? 'unsure' : decided, elapsedMs: elapsedMs[step]! });
  for (let step = 0; step < probabilities.length; step++) {
    if (elapsedMs[step]! > leftMs) return worded(policy.force(probabilities[Math.max(0, step - 1)]!), Math.max(0, step - 1));
    const decided = policy.decide(probabilities[step]!, elapsedMs[step]!, silenceMs[step]!);
    if (decided !== 'wait') return worded(decided, step);
  }
  const last = probabilities.length - 1;
  if (last < 0) return { verdict: 'none', elapsedMs: 0 };
  return decidedByTone ? { verdict: 'machine', elapsedMs: elapsedMs[last]! } : worded(policy.force(probabilities[last]!), last);
}
