import type { BalanceReport } from './hold-out-balance.ts';
import { masked } from './problem.ts';
import type { Problem } from './problem.ts';
import type { PassedOver } from './understanding.ts';

/** A refused row as a report may show it: the shape of what was found, not the text. */
export interface RefusalExample {
  readonly line: number;
  readonly found: string;
  readonly expected: string;
}

/** What was wrong with how many rows, under `field.code`, such as `phones.letters`. */
export interface RefusalCount {
  readonly rows: number;
  /** The first three. */
  readonly examples: readonly RefusalExample[];
}

/** What became of the load as a whole. */
export type LoadEnd =
  /** Nothing was to be loaded. */
  | { readonly kind: 'validated' }
  | { readonly kind: 'loaded' }
  /** All or nothing, and too much was refused: nobody is loaded. Shares from 0 to 1. */
  | { readonly kind: 'refused_whole'; readonly refusedShare: number; readonly maxRefusedShare: number };

/** What one load (or validation) did. `rows` = `accepted` + `refusedRows` + `duplicates`. */
export interface LoadReport {
  readonly loadId: string;
  readonly campaignId: string;
  readonly source: string;
  readonly dryRun: boolean;
  readonly end: LoadEnd;
  /** Rows with anything in them, without the heading. */
  readonly rows: number;
  /** Contacts new to the campaign, those held out and those closed at the load among them. */
  readonly accepted: number;
  readonly heldOut: number;
  /** Accepted contacts that end before any call, by disposition and reason, such as `suppressed.dispute`. */
  readonly suppressed: Readonly<Record<string, number>>;
  /** Rows whose contact the campaign already had: passed over, nothing about the contact is changed. */
  readonly duplicates: number;
  readonly refusedRows: number;
  /** Refused rows by their first problem. */
  readonly refused: Readonly<Record<string, RefusalCount>>;
  /** Accepted rows that lost a phone or had a text cleaned, by `field.code`. */
  readonly remarks: Readonly<Record<string, RefusalCount>>;
  /** Phones that stand under more than one accepted account, and how many accounts the most shared one has. */
  readonly sharedPhones: number;
  readonly mostAccountsOnOnePhone: number;
  /** Contacts to be called, by timezone. */
  readonly callableByZone: Readonly<Record<string, number>>;
  /** The hold-out beside the called. */
  readonly balance: BalanceReport;
  /** Lines left out because they are no rows; the first 1000. */
  readonly passedOver: readonly PassedOver[];
  readonly contentHash: string;
  readonly bytes: number;
  readonly ms: number;
  /** Where the refused rows are; null if there are none or none were to be written. */
  readonly refusedPath: string | null;
  /** Where the remarks on accepted rows are. */
  readonly remarksPath: string | null;
}

export interface LoadProgress {
  readonly rows: number;
  readonly accepted: number;
  readonly refused: number;
  readonly bytes: number;
  /** Null if the source does not say how long it is. */
  readonly totalBytes: number | null;
}

const EXAMPLES = 3;

/** Counts problems by field and code. Further columns count under `fields`, so the number of keys is bounded. */
export class ProblemCounts {
  readonly #counts = new Map<string, { rows: number; examples: RefusalExample[] }>();

  add(line: number, problem: Problem): void {
    const field = problem.field.startsWith('fields.') ? 'fields' : problem.field;
    const key = `${field}.${problem.code}`;
    let count = this.#counts.get(key);
    if (count === undefined) this.#counts.set(key, (count = { rows: 0, examples: [] }));
    count.rows += 1;
    if (count.examples.length < EXAMPLES) count.examples.push({ line, found: masked(problem.found), expected: problem.expected });
  }

  report(): Record<string, RefusalCount> {
    return Object.fromEntries([...this.#counts].sort(([, a], [, b]) => b.rows - a.rows));
  }
}
