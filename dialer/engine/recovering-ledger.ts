import type { Attempt } from '../../core/attempt.ts';
import type { Bus } from '../../core/bus/port.ts';
import type { Clock } from '../../core/clock.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Lease, Ledger, LiveAttempt, NextStep } from '../ledger/port.ts';
import { rebuildFromBus } from './rebuild.ts';

export interface RecoveringParts {
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Logger;
  readonly dialerId: string;
  /** On the clock. */
  readonly leaseMs: number;
  /** The clock's ms in one of the wall's. */
  readonly clockSpeed: number;
}

/** A settled attempt is remembered so long (wall ms): by then the relay has told the bus, or the bus has been away for long. */
const REMEMBER_MS = 60_000;
/** After a rebuild nobody is called for so long (wall ms): every dialer first puts back the calls that only it knows. */
const SETTLING_MS = 3_000;
const REBUILD_RIGHT_MS = 60_000;
const POLL_MS = 100;

interface OpenCall {
  readonly live: LiveAttempt;
  /** The token that the dialer knows. */
  readonly token: number;
  /** `adopted`: got back after a loss. `stray`: the ledger was lost and the contact could not be got back. */
  held: { readonly kind: 'as_claimed' } | { readonly kind: 'adopted'; readonly lease: Lease } | { readonly kind: 'stray' };
}

/** Does the work again, after the recovery, for as long as it meets a lost ledger. */
class Recovery {
  readonly #inner: Ledger;
  readonly #parts: RecoveringParts;
  /** Calls begun and not settled, by contact. */
  readonly #open = new Map<string, OpenCall>();
  /** Attempts settled a moment ago, oldest first. */
  readonly #settled = new Map<string, { readonly attempt: Attempt; readonly next: NextStep; readonly wallMs: number }>();
  #running: Promise<void> | null = null;

  constructor(inner: Ledger, parts: RecoveringParts) {
    this.#inner = inner;
    this.#parts = parts;
  }

  async again<T>(work: () => Promise<T>): Promise<T> {
    for (;;) {
      // Whoever rebuilds a ledger may use it meanwhile: but half filled it knows of no lease.
      if (this.#running !== null) await this.#running;
      try {
        return await work();
      } catch (error) {
        if (!isLost(error)) throw error;
      }
      await this.recover();
    }
  }

  recover(): Promise<void> {
    this.#running ??= this.#comeBack().finally(() => { this.#running = null; });
    return this.#running;
  }

  /** The lease under which the ledger knows what the dialer holds as `lease`. */
  current(lease: Lease): Lease {
    const call = this.#open.get(lease.contactId);
    return call?.token === lease.token && call.held.kind === 'adopted' ? call.held.lease : lease;
  }

  begun(lease: Lease, live: LiveAttempt): void {
    this.#open.set(lease.contactId, { live, token: lease.token, held: { kind: 'as_claimed' } });
  }

  /** @returns whether the settled attempt must be replayed: it belongs to a call that could not be got back */
  ended(lease: Lease, attempt: Attempt | null, next: NextStep): boolean {
    const call = this.#open.get(lease.contactId);
    if (call?.token !== lease.token) return false;
    this.#open.delete(lease.contactId);
    if (attempt !== null) this.#settled.set(attempt.attemptId, { attempt, next, wallMs: performance.now() });
    const oldestMs = performance.now() - REMEMBER_MS;
    for (const [id, { wallMs }] of this.#settled) {
      if (wallMs > oldestMs) break;
      this.#settled.delete(id);
    }
    return call.held.kind === 'stray';
  }

  async #comeBack(): Promise<void> {
    const { log } = this.#parts;
    for (;;) {
      try {
        const condition = await this.#inner.condition();
        if (condition.kind === 'lost') await this.#rebuild();
        if (condition.kind === 'ready') {
          await this.#putBack();
          return;
        }
      } catch (error) {
        if (!isLost(error)) throw error;
        log.warn('the ledger was lost again during its recovery');
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  async #rebuild(): Promise<void> {
    const { bus, clock, clockSpeed, log } = this.#parts;
    if (!(await this.#inner.startRebuild(REBUILD_RIGHT_MS))) return;
    const startedMs = performance.now();
    const rebuilt = await rebuildFromBus(bus, this.#inner, clock.nowMs());
    await this.#inner.finishRebuild(rebuilt.contacts === 0 ? 0 : clock.nowMs() + SETTLING_MS * clockSpeed);
    if (rebuilt.contacts > 0) log.warn({ ...rebuilt, tookMs: Math.round(performance.now() - startedMs) }, 'the ledger held nothing; it was rebuilt from the bus');
  }

  async #putBack(): Promise<void> {
    const { clock, dialerId, leaseMs, log } = this.#parts;
    const oldestMs = performance.now() - REMEMBER_MS;
    for (const { attempt, next, wallMs } of this.#settled.values()) if (wallMs > oldestMs) await this.#inner.replay(attempt, next, clock.nowMs());
    let strays = 0;
    for (const call of this.#open.values()) {
      const lease = await this.#inner.adopt(call.live, dialerId, clock.nowMs() + leaseMs);
      call.held = lease === null ? { kind: 'stray' } : { kind: 'adopted', lease };
      if (lease === null) strays++;
    }
    if (this.#open.size > 0) log.warn({ calls: this.#open.size, strays }, 'calls under way were put back into the ledger');
  }
}

const isLost = (error: unknown): boolean => error instanceof ObzvonError && error.code === 'ledger_lost';

/**
 * A ledger that comes back from the loss of all its data. Whoever notices first rebuilds it from the bus; then every dialer puts back
 * what the bus cannot know: its calls under way, and attempts settled a moment ago. Operations that met the loss are done again.
 * A dialer that dies together with the ledger takes the calls it had under way with it: nobody knows of those attempts.
 *
 * Resolves once the ledger is ready: one that holds nothing yet, because it is new, is rebuilt as far as the bus knows more.
 */
export async function recoveringLedger(inner: Ledger, parts: RecoveringParts): Promise<Ledger> {
  const recovery = new Recovery(inner, parts);
  if ((await inner.condition()).kind !== 'ready') await recovery.recover();
  const own = leaseMethods(inner, recovery);
  const members = new Map<PropertyKey, unknown>();
  const memberOf = (name: PropertyKey): unknown => {
    if (name in own) return own[name as keyof typeof own];
    const member: unknown = Reflect.get(inner, name, inner);
    if (typeof member !== 'function') return member;
    const method = (...args: unknown[]): unknown => Reflect.apply(member, inner, args);
    return STRAIGHT.has(name) ? method : (...args: unknown[]) => recovery.again(() => Promise.resolve(method(...args)));
  };
  return new Proxy(inner, {
    get(_target, name) {
      if (!members.has(name)) members.set(name, memberOf(name));
      return members.get(name);
    },
  });
}

/** What a lost ledger answers too, and what gives no promise. */
const STRAIGHT: ReadonlySet<PropertyKey> = new Set<keyof Ledger>([
  'condition', 'startRebuild', 'restore', 'finishRebuild', 'adopt', 'replay', 'engineTimeMs', 'health', 'listDnc', 'close',
]);

/** The operations of a claim, under the lease that the ledger knows now. */
function leaseMethods(inner: Ledger, recovery: Recovery): Pick<Ledger, 'renew' | 'facts' | 'begin' | 'settle'> {
  return {
    renew: (leases, untilMs) => recovery.again(() => inner.renew(leases.map((lease) => recovery.current(lease)), untilMs)),
    facts: (lease) => recovery.again(() => inner.facts(recovery.current(lease))),
    begin: (lease, attempt, facts, channels) =>
      recovery.again(async () => {
        const result = await inner.begin(recovery.current(lease), attempt, facts, channels);
        if (result.kind === 'begun') recovery.begun(lease, { contactId: lease.contactId, campaignId: lease.campaignId, begun: attempt });
        return result;
      }),
    settle: async (lease, settlement) => {
      const result = await recovery.again(() => inner.settle(recovery.current(lease), settlement));
      const { attempt, next, nowMs } = settlement;
      if (recovery.ended(lease, attempt, next) && attempt !== null) await recovery.again(() => inner.replay(attempt, next, nowMs));
      return result;
    },
  };
}
