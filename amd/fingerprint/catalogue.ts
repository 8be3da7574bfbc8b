import { createHash } from 'node:crypto';
import type { PrintEvent, PrintMeaning } from '../../core/amd-print.ts';
import { unreachable } from '../../core/errors.ts';
import { ALL_BITS } from './band-signs.ts';
import { MATCH_WORDS, PRINT_RULE, PrintIndex, type PrintMatch } from './print-index.ts';
import type { PrintReader } from './print-listener.ts';
import { WordHistory } from './word-history.ts';

/** So many different numbers, and it is a recording: no two people sound alike to the bit. */
export const CALLEES_TO_LEARN = 3;
/** Prints heard from one number only, remembered in this process until a second number is heard to play the same. */
const MAX_ONCE_HEARD = 2000;

/**
 * heard: from two numbers. learnt: from three; it is a recording, but what it means nobody has said. confirmed: an operator has.
 * rejected: an operator has said that it is nothing to go by; it is still known, so that it is not learnt again.
 */
export type PrintState =
  | { readonly kind: 'heard' | 'learnt' | 'rejected' }
  | { readonly kind: 'confirmed'; readonly means: PrintMeaning };

export interface KnownPrint {
  readonly id: string;
  readonly state: PrintState;
  readonly name: string | null;
  /** Different numbers it was heard from; counted up to three. */
  readonly callees: number;
  readonly matches: number;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly seconds: number;
}

interface Entry {
  id: string;
  words: Uint32Array;
  state: PrintState;
  name: string | null;
  callees: Set<string>;
  matches: number;
  firstMs: number;
  lastMs: number;
}

/**
 * All prints this process knows. Shared ones are what the events on the bus say, told again in any order any number of times; prints heard
 * once are this process's own. `takeOffer` and `matched` give the event to be told to everybody, or null.
 */
export class PrintCatalogue implements PrintReader {
  /** Prints heard from two numbers and more: what calls are matched against. */
  readonly index = new PrintIndex();
  private readonly entries = new Map<string, Entry>();
  private readonly once = new PrintIndex();
  private readonly onceHeard = new Map<string, { words: Uint32Array; callee: string }>();

  /** Takes an event of the bus. One of an unknown print is kept out: its words were never told. */
  apply(event: PrintEvent): void {
    if (event.kind === 'heard') {
      this.heard(event);
      return;
    }
    const entry = this.entries.get(event.printId);
    if (entry === undefined) return;
    switch (event.kind) {
      case 'matched':
        entry.matches++;
        entry.lastMs = Math.max(entry.lastMs, event.atMs);
        this.count(entry, [event.callee]);
        return;
      case 'confirmed':
        entry.state = { kind: 'confirmed', means: event.means };
        entry.name = event.name;
        return;
      case 'named':
        entry.name = event.name;
        return;
      case 'rejected':
        entry.state = { kind: 'rejected' };
        return;
      default:
        unreachable(event);
    }
  }

  /** What an operator has said that a print means; null for all others. */
  meaningOf(id: string): { means: PrintMeaning; name: string } | null {
    const entry = this.entries.get(id);
    return entry?.state.kind === 'confirmed' && entry.name !== null ? { means: entry.state.means, name: entry.name } : null;
  }

  /** A call came upon a print. Told only while it still has to be learnt, or is counted for the first time from this number. */
  matched(id: string, callee: string, atMs: number): PrintEvent | null {
    const entry = this.entries.get(id);
    if (entry === undefined || entry.state.kind !== 'heard' || entry.callees.has(callee)) return null;
    return { kind: 'matched', printId: id, callee, atMs };
  }

  /** A call that came upon no print offers its own. An event once a second number has played the same. */
  takeOffer(words: Uint32Array, callee: string, atMs: number): PrintEvent | null {
    const match = findIn(this.once, words);
    if (match === null) {
      this.rememberOnce(words, callee);
      return null;
    }
    const before = this.onceHeard.get(match.id);
    // The same number's own greeting, called again.
    if (before === undefined || before.callee === callee) return null;
    this.once.remove(match.id);
    this.onceHeard.delete(match.id);
    // Of the two the longer: it tells more of what is said later.
    const kept = before.words.length >= words.length ? before.words : words;
    return { kind: 'heard', printId: idOf(kept), words: encodeWords(kept), callees: [before.callee, callee], atMs };
  }

  list(): KnownPrint[] {
    return [...this.entries.values()].map(({ id, state, name, callees, matches, firstMs, lastMs, words }) =>
      ({ id, state, name, callees: callees.size, matches, firstMs, lastMs, seconds: Math.round(words.length / 5) / 10 }));
  }

  private heard({ printId, words: text, callees, atMs }: Extract<PrintEvent, { kind: 'heard' }>): void {
    const known = this.entries.get(printId) ?? this.alike(decodeWords(text));
    if (known !== undefined) {
      this.count(known, callees);
      known.firstMs = Math.min(known.firstMs, atMs);
      known.lastMs = Math.max(known.lastMs, atMs);
      return;
    }
    const words = decodeWords(text);
    if (words.length < MATCH_WORDS) return;
    const entry: Entry = { id: printId, words, state: { kind: 'heard' }, name: null, callees: new Set(), matches: 0, firstMs: atMs, lastMs: atMs };
    this.entries.set(printId, entry);
    this.index.add(printId, words);
    this.count(entry, callees);
  }

  /** Two dialers may have come upon one announcement at the same time: the first told stands. */
  private alike(words: Uint32Array): Entry | undefined {
    const match = findIn(this.index, words);
    return match === null ? undefined : this.entries.get(match.id);
  }

  private count(entry: Entry, callees: readonly string[]): void {
    for (const callee of callees) if (entry.callees.size < CALLEES_TO_LEARN) entry.callees.add(callee);
    if (entry.state.kind === 'heard' && entry.callees.size >= CALLEES_TO_LEARN) entry.state = { kind: 'learnt' };
  }

  private rememberOnce(words: Uint32Array, callee: string): void {
    const id = idOf(words);
    this.onceHeard.set(id, { words, callee });
    this.once.add(id, words);
    if (this.onceHeard.size <= MAX_ONCE_HEARD) return;
    const oldest = this.onceHeard.keys().next();
    if (oldest.done === true) return;
    this.onceHeard.delete(oldest.value);
    this.once.remove(oldest.value);
  }
}

/** A whole print against an index: its first place that is alike. */
function findIn(index: PrintIndex, words: Uint32Array): PrintMatch | null {
  const history = new WordHistory();
  for (const word of words) {
    history.push(word, ALL_BITS, 0);
    const match = index.find(history, PRINT_RULE);
    if (match !== null) return match;
  }
  return null;
}

function encodeWords(words: Uint32Array): string {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => bytes.writeUInt32LE(word, index * 4));
  return bytes.toString('base64');
}

function decodeWords(text: string): Uint32Array {
  const bytes = Buffer.from(text, 'base64');
  return Uint32Array.from({ length: bytes.length >> 2 }, (_, index) => bytes.readUInt32LE(index * 4));
}

const idOf = (words: Uint32Array): string => createHash('sha256').update(encodeWords(words)).digest('hex').slice(0, 12);
