import { createDetector } from '../detector.ts';
import { shippedModel } from '../decision/model-file.ts';
import { NEVER_STOPS } from '../decision/stopping-policy.ts';
import type { HumanModel } from '../decision/tree-model.ts';
import { meanShare, shareOf, type Counted } from './interval.ts';

/** Times since the first speech at which a decision is forced, ms. */
export const FORCED_MS = [500, 1000, 1500, 2000, 3000] as const;

export interface ForcedJudgement {
  /** Probability of a person at each of FORCED_MS; null where nothing had been said of the voice (music, a tone, no speech). */
  probabilities: (number | null)[];
}

/** A recording that ends before the last of FORCED_MS is taken to go on in silence, as a call would, for so long. */
const GOES_ON_SAMPLES = 4 * 8000;

/** What the model would say of a call at 8 kHz if it had to at each of FORCED_MS. Null if no model is loaded. */
export function forcedJudgement(pcm: Int16Array, model: HumanModel | null = shippedModel()): ForcedJudgement | null {
  if (model === null) return null;
  const probabilities: (number | null)[] = FORCED_MS.map(() => null);
  const listener: HumanModel = {
    policy: NEVER_STOPS,
    ear: () => model.ear(),
    humanProbability(features, elapsedMs) {
      const at = FORCED_MS.findIndex((ms) => ms === elapsedMs);
      if (at < 0) return 0.5;
      const probability = model.humanProbability(features, elapsedMs);
      probabilities[at] = probability;
      return probability;
    },
  };
  const detector = createDetector({ sampleRate: 8000, latestDecisionMs: 60_000, model: listener });
  const isOpen = (): boolean => probabilities.at(-1) === null && !detector.done;
  for (let start = 0; start < pcm.length && isOpen(); start += 8000) detector.push(pcm.subarray(start, start + 8000));
  for (let sent = 0; sent < GOES_ON_SAMPLES && isOpen(); sent += 8000) detector.push(new Int16Array(8000));
  return { probabilities };
}

/** Share of right answers when forced, persons and recordings weighing the same; and how true the probabilities are. */
export interface ForcedFigures {
  ms: number;
  calls: number;
  accuracy: number;
  /** Of the accuracy, 95 %. */
  low: number;
  high: number;
}

export interface ReliabilityBin {
  /** Edges of the probability told, and what was found: calls, mean told, share of persons. */
  from: number;
  to: number;
  calls: number;
  told: number;
  found: number;
}

export interface Judged {
  human: boolean;
  /** Calls of one voice are alike. */
  voice: string;
  judgement: ForcedJudgement;
}

export function forcedFigures(judged: readonly Judged[]): ForcedFigures[] {
  return FORCED_MS.map((ms, at) => {
    const counted: Record<'persons' | 'recordings', Counted[]> = { persons: [], recordings: [] };
    for (const { human, voice, judgement } of judged) {
      const probability = judgement.probabilities[at];
      if (probability === null || probability === undefined) continue;
      counted[human ? 'persons' : 'recordings'].push({ cluster: voice, hit: probability >= 0.5 === human });
    }
    const { share: accuracy, low, high } = meanShare(shareOf(counted.persons), shareOf(counted.recordings));
    return { ms, calls: counted.persons.length + counted.recordings.length, accuracy, low, high };
  });
}

const BINS = 10;

/** Reliability diagram over all forced judgements, persons and recordings weighing the same. */
export function reliability(judged: readonly Judged[]): ReliabilityBin[] {
  const humans = judged.filter(({ human }) => human).length;
  const weights = { true: 0.5 / Math.max(1, humans), false: 0.5 / Math.max(1, judged.length - humans) };
  const bins = Array.from({ length: BINS }, (_, bin) => ({ from: bin / BINS, to: (bin + 1) / BINS, calls: 0, told: 0, found: 0, weight: 0 }));
  for (const { human, judgement } of judged) {
    for (const probability of judgement.probabilities) {
      if (probability === null) continue;
      const bin = bins[Math.min(BINS - 1, Math.floor(probability * BINS))]!;
      const weight = weights[human ? 'true' : 'false'];
      bin.calls++;
      bin.weight += weight;
      bin.told += weight * probability;
      bin.found += human ? weight : 0;
    }
  }
  return bins.map(({ from, to, calls, told, found, weight }) => ({ from, to, calls, told: told / weight, found: found / weight }));
}
