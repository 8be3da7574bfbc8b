import type { PrintMeaning } from '../../core/amd-print.ts';
import { BandSigns, WORD_MS } from './band-signs.ts';
import { LIVE_RULE, type PrintIndex, type PrintMatch } from './print-index.ts';
import { WordHistory } from './word-history.ts';

/** Kept of a call for learning: 3 s from the first speech on. */
export const PRINT_WORDS = 150;
/** Less than this says too little to learn: 1.1 s. */
export const MIN_PRINT_WORDS = 55;
/** A print is only matched once somebody speaks: silence is like silence everywhere. */
const MIN_SPEECH_MS = 500;
/** A recording that is not known by then is not looked for any more. */
const LISTEN_MS = 8000;
/** Voice is heard some frames after it begins. */
const LEAD_WORDS = 5;

/** The prints a call is matched against, and what an operator has said of one; null: nothing, and then a match decides nothing. */
export interface PrintReader {
  readonly index: PrintIndex;
  meaningOf(id: string): { readonly means: PrintMeaning; readonly name: string } | null;
}

/** One call's fingerprint: matched against an index as it comes, and kept for learning. Nothing is allocated but by a match. */
export class PrintListener {
  match: PrintMatch | null = null;
  private readonly signs = new BandSigns();
  private readonly history = new WordHistory();
  private readonly kept = new Uint32Array(PRINT_WORDS);
  private keptCount = 0;
  private readonly index: PrintIndex;

  constructor(index: PrintIndex) {
    this.index = index;
  }

  /** One frame. `onsetMs` is when speech began (negative: not yet), `speechMs` how much there was. True on the frame of a match. */
  push(power: Float32Array, timeMs: number, onsetMs: number, speechMs: number): boolean {
    if (onsetMs >= 0 && timeMs - onsetMs > LISTEN_MS) return false;
    if (!this.signs.push(power)) return false;
    this.history.push(this.signs.word, this.signs.sure, this.index.size === 0 ? 0 : this.signs.rank());
    if (onsetMs < 0) {
      this.keptCount = 0;
      return false;
    }
    if (this.keptCount === 0) this.keepLead();
    else if (this.keptCount < PRINT_WORDS) this.kept[this.keptCount++] = this.signs.word;
    if (this.match !== null || this.index.size === 0 || speechMs < MIN_SPEECH_MS || timeMs - onsetMs < MIN_SPEECH_MS) return false;
    this.match = this.index.find(this.history, LIVE_RULE);
    return this.match !== null;
  }

  /** What was kept, for learning; null if it is too short. `pauseMs` of silence at its end is left out. */
  print(pauseMs: number): Uint32Array | null {
    const count = this.keptCount < PRINT_WORDS ? this.keptCount - Math.floor(pauseMs / WORD_MS) : this.keptCount;
    return count < MIN_PRINT_WORDS ? null : this.kept.slice(0, count);
  }

  private keepLead(): void {
    const lead = Math.min(LEAD_WORDS, this.history.known);
    for (let back = lead - 1; back >= 0; back--) this.kept[this.keptCount++] = this.history.word(back);
  }
}
