import { ObzvonError } from '../../core/errors.ts';
import type { LedgerCondition } from './port.ts';
import type { OpeningRecord, Store } from './store.ts';

/* Whether a ledger is open, and who rebuilds it. What changes runs inside a write transaction of the caller. */

const KEY = 'ledger';
const TOKENS = 'tokens';

/** @param wallMs this machine's clock */
export function conditionOf(store: Store, wallMs: number): LedgerCondition {
  const opening = store.opening.get(KEY);
  if (opening === undefined) return { kind: 'lost' };
  if (opening.epoch !== null) return { kind: 'ready', epoch: opening.epoch };
  return opening.untilMs > wallMs ? { kind: 'rebuilding' } : { kind: 'lost' };
}

/**
 * False while a rebuild that was begun is not finished, whoever began it and whether it lives: half of the contacts may be there
 * without their calls. A new ledger that nobody rebuilds gives out what it took in.
 */
export function mayClaim(store: Store, nowMs: number): boolean {
  const opening = store.opening.get(KEY);
  return opening === undefined || (opening.epoch !== null && nowMs >= opening.claimsFromMs);
}

/** Tokens of leases grow from here, so that a lease of before a rebuild never equals one of after it. */
export function tokenBase(store: Store): number {
  return store.numbers.get(TOKENS) ?? 0;
}

/** @returns false if the ledger is open, or another handle rebuilds it and was heard of lately */
export function startRebuild(store: Store, owner: string, wallMs: number, forMs: number): boolean {
  const opening = store.opening.get(KEY);
  if (opening !== undefined && (opening.epoch !== null || (opening.owner !== owner && opening.untilMs > wallMs))) return false;
  keep(store, owner, wallMs, forMs);
  void store.numbers.put(TOKENS, Math.max(tokenBase(store) + 1, wallMs));
  return true;
}

/** Keeps the right to rebuild for another `forMs`. @throws ObzvonError `locked` if it went to another handle, or the ledger is open */
export function extendRebuild(store: Store, owner: string, wallMs: number, forMs: number): void {
  assertOwn(store.opening.get(KEY), owner);
  keep(store, owner, wallMs, forMs);
}

/** Opens the ledger; again by the same handle changes nothing. @throws ObzvonError `locked` if the right to rebuild went to another handle */
export function finishRebuild(store: Store, owner: string, claimsFromMs: number, epoch: string): void {
  const opening = store.opening.get(KEY);
  if (opening?.owner === owner && opening.epoch !== null) return;
  assertOwn(opening, owner);
  void store.opening.put(KEY, { epoch, owner, untilMs: 0, claimsFromMs });
}

function keep(store: Store, owner: string, wallMs: number, forMs: number): void {
  void store.opening.put(KEY, { epoch: null, owner, untilMs: wallMs + forMs, claimsFromMs: 0 });
}

function assertOwn(opening: OpeningRecord | undefined, owner: string): void {
  if (opening?.owner === owner && opening.epoch === null) return;
  const isOpen = opening !== undefined && opening.epoch !== null;
  throw new ObzvonError('locked', `the ledger cannot be rebuilt from here: ${isOpen ? 'it is open already' : 'the right to it is not held, or went to another process'}`);
}
