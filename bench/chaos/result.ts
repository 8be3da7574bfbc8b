import type { Judgement } from './journal-judge.ts';
import type { Recovery } from './recovery.ts';

/** One row of the table. */
export interface ChaosResult {
  readonly name: string;
  readonly what: string;
  /** When the fault came. */
  readonly moment: string;
  readonly recovery: Recovery | null;
  /** From the fault until its cause had gone, wall seconds. */
  readonly awayS: number | null;
  readonly judgement: Judgement | null;
  /** Attempts whose end nobody saw. */
  readonly lost: number | null;
  readonly contacts: number;
  /** What was seen of it. */
  readonly seen: string;
  /** Empty: every promise was kept. */
  readonly offences: readonly string[];
  readonly seconds: number;
  /** Of a row that failed. */
  readonly logs: string | null;
}

export const isGreen = (result: ChaosResult): boolean => result.offences.length === 0;
