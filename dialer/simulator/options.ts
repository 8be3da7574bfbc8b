import { z } from 'zod';

/** What a simulated switch does wrong on request; each share is a probability per call. */
export const misbehaviourSchema = z.strictObject({
  /** Share of INVITEs answered 503 (with no Retry-After). */
  unavailableShare: z.number().min(0).max(1).default(0),
  /** Share of CANCELs crossed by a 200 OK. */
  lateAnswerShare: z.number().min(0).max(1).default(0),
  /** Share of callee hang-ups whose BYE never arrives. */
  lostByeShare: z.number().min(0).max(1).default(0),
  /** Share of INVITEs that get no response at all. */
  noResponseShare: z.number().min(0).max(1).default(0),
  /** Share of audio forks that are refused. */
  forkRefusedShare: z.number().min(0).max(1).default(0),
});
export type Misbehaviour = z.infer<typeof misbehaviourSchema>;

/** Shares of the public by what answers the phone; they need not add up to 1 (they are weights). */
export const publicMixSchema = z.strictObject({
  human: z.number().min(0).default(0.62),
  voicemail: z.number().min(0).default(0.16),
  announcement_early: z.number().min(0).default(0.04),
  announcement_answered: z.number().min(0).default(0.03),
  sit: z.number().min(0).default(0.01),
  fax: z.number().min(0).default(0.01),
  silence: z.number().min(0).default(0.01),
  busy: z.number().min(0).default(0.03),
  no_answer: z.number().min(0).default(0.04),
  rejected: z.number().min(0).default(0.01),
  invalid: z.number().min(0).default(0.02),
  unreachable: z.number().min(0).default(0.01),
  congestion: z.number().min(0).default(0.01),
});
export type PublicMix = z.infer<typeof publicMixSchema>;

/** Options of a simulator. Durations in simulated ms. */
export const simulatorOptionsSchema = z.strictObject({
  seed: z.string().default('obzvon'),
  /** How many times faster than the wall's the simulator's clock runs. */
  speed: z.number().min(0.1).max(1000).default(1),
  /** Simulated time at start, ms since the epoch; absent: now. A journal that goes further wins. */
  startMs: z.number().optional(),
  /** File of JSON lines; absent: no journal. */
  journal: z.string().optional(),
  /** 0: any free port. Everything listens on 127.0.0.1. */
  drachtioPort: z.number().int().min(0).max(65535).default(0),
  freeswitchPort: z.number().int().min(0).max(65535).default(0),
  /** Every attempt's persona; a human answers with this probability at an average hour. */
  answerProbability: z.number().min(0).max(1).default(0.55),
  mix: publicMixSchema.prefault({}),
  misbehaviour: misbehaviourSchema.prefault({}),
  /** Send audio to forks and honour playback lengths; false: signalling only, answered calls hang up at once. */
  media: z.boolean().default(true),
});
export type SimulatorOptions = z.infer<typeof simulatorOptionsSchema>;
