import { z } from 'zod';

/**
 * When to stop listening to a voice and what to say then: limits of the probability of a person by the time since the first speech and by
 * the silence at its end, for some ratios of costs. Found by optimal stopping (train/optimal-stopping.ts). A person who waits is believed at
 * or above `human`, a recording at or below `machine`; between them listening on is worth its price.
 */
export const stoppingPolicySchema = z.object({
  /** Starts of the rows and columns of each table, ms. */
  elapsedMs: z.array(z.number().nonnegative()).min(1),
  silenceMs: z.array(z.number().nonnegative()).min(1),
  /** From this probability on who is taken for a person is called one; below it the word is `unsure`. */
  sureHuman: z.number().min(0.5).max(1),
  /** From this probability on who still talks is called a person (and spoken to when they have finished); above 1: nobody is. */
  sureTalking: z.number().min(0.5),
  /** Who has spoken is not let wait in silence for longer. */
  patienceMs: z.number().positive(),
  tables: z.array(z.object({
    /** How many missed machines one lost human costs. */
    costRatio: z.number().positive(),
    human: z.array(z.array(z.number())),
    machine: z.array(z.array(z.number())),
  })).min(1),
});
export type StoppingPolicyFile = z.infer<typeof stoppingPolicySchema>;

/** Never stops before time is up: a person would have to be surer than sure, and so would a machine. */
export const NEVER_STOPS: StoppingPolicyFile = { elapsedMs: [0], silenceMs: [0], sureHuman: 0.5, sureTalking: 2, patienceMs: Number.MAX_SAFE_INTEGER, tables: [{ costRatio: 1, human: [[2]], machine: [[-1]] }] };

/** A voice that paused for less than this still talks, and a person is not spoken to while talking. */
export const TALKING_SILENCE_MS = 300;
/** So much of a voice must have been heard before who still talks is called a person. */
const TALKED_MS = 1000;

/** The limits for one ratio of costs: of the tables' ratios the nearest, by their quotient. */
export class StoppingPolicy {
  readonly costRatio: number;
  readonly sureHuman: number;
  private readonly sureTalking: number;
  private readonly patienceMs: number;
  private readonly elapsedMs: readonly number[];
  private readonly silenceMs: readonly number[];
  private readonly human: readonly (readonly number[])[];
  private readonly machine: readonly (readonly number[])[];

  constructor(file: StoppingPolicyFile, costRatio: number) {
    const distance = (ratio: number): number => Math.abs(Math.log(ratio / costRatio));
    const table = file.tables.reduce((best, each) => (distance(each.costRatio) < distance(best.costRatio) ? each : best));
    this.costRatio = costRatio;
    this.sureHuman = file.sureHuman;
    this.sureTalking = file.sureTalking;
    this.patienceMs = file.patienceMs;
    this.elapsedMs = file.elapsedMs;
    this.silenceMs = file.silenceMs;
    this.human = table.human;
    this.machine = table.machine;
  }

  /** What to do at `probability` of a person: say who it is, or listen on. */
  decide(probability: number, elapsedMs: number, silenceMs: number): 'human' | 'machine' | 'wait' {
    const row = place(this.elapsedMs, elapsedMs);
    const column = place(this.silenceMs, silenceMs);
    if (probability <= this.machine[row]![column]!) return 'machine';
    const talks = silenceMs < TALKING_SILENCE_MS;
    const believed = talks ? elapsedMs >= TALKED_MS && probability >= this.sureTalking : probability >= this.human[row]![column]!;
    return believed || silenceMs >= this.patienceMs ? 'human' : 'wait';
  }

  /** When time is up: the cheaper of the two mistakes. */
  force(probability: number): 'human' | 'machine' {
    return probability * this.costRatio >= 1 - probability ? 'human' : 'machine';
  }
}

/** Index of the last start that is not above `value`. */
export function place(starts: readonly number[], value: number): number {
  let index = starts.length - 1;
  while (index > 0 && starts[index]! > value) index--;
  return index;
}
