import { currencySchema } from '../../../core/contact.ts';
import { contactIdOf } from '../../../core/ids.ts';
import type { Payment } from '../../../core/payment.ts';
import type { PersonaKind } from '../journal.ts';
import { Draw } from './draw.ts';

const DAY_MS = 86_400_000;
/** Who pays does so within this time of the load, called or not. */
export const PAYING_PERIOD_MS = 14 * DAY_MS;
/** Share of accounts that pay without any call. */
export const BASE_SHARE = 0.22;
/** Of those, the share that pays within two hours of the load: mostly before anybody is called. */
const EARLY_SHARE = 0.15;
/** What reaching a person adds to the share that pays; more if they promised. */
export const REACHED_SHARE = 0.12;
export const PROMISED_SHARE = 0.3;
/** A person counts as reached once they heard this much of the message. */
export const REACHED_HEARD_MS = 6000;

export interface Due {
  readonly atMs: number;
  readonly amountMinor: number;
}

/** Where an account stands in the order of willingness to pay: the same draw for both outcomes, so calling never deters. */
const reluctance = (account: Draw): number => account.fraction('reluctance');

/** Mostly the whole debt; otherwise a heavy-tailed part of it (Pareto, shape 1.2, from 5 %). */
function amountOf(account: Draw, debtMinor: number): number {
  if (account.chance('pays all', 0.7)) return debtMinor;
  const share = Math.min(1, 0.05 * (1 - account.fraction('part')) ** (-1 / 1.2));
  return Math.max(1, Math.round(debtMinor * share));
}

/** What the account pays if nobody reaches it; null: nothing. */
export function paymentWithout(seed: string, accountId: string, debtMinor: number, loadedAtMs: number): Due | null {
  const account = new Draw(seed, 'pays', accountId);
  if (reluctance(account) >= BASE_SHARE) return null;
  const delayMs = account.chance('early', EARLY_SHARE) ? account.between('early delay', 0, 2 / 24) * DAY_MS : PAYING_PERIOD_MS * account.fraction('delay') ** 1.3;
  return { atMs: Math.round(loadedAtMs + delayMs), amountMinor: amountOf(account, debtMinor) };
}

/** What the account pays because it was reached; null if it pays anyway ({@link paymentWithout}) or still does not. */
export function paymentIfReached(seed: string, accountId: string, debtMinor: number, heardAtMs: number, promised = false): Due | null {
  const account = new Draw(seed, 'pays', accountId);
  const rank = reluctance(account);
  if (rank < BASE_SHARE || rank >= BASE_SHARE + (promised ? PROMISED_SHARE : REACHED_SHARE)) return null;
  const delayMs = Math.min(10 * DAY_MS, account.exponential('delay after call', (promised ? 1.2 : 2.5) * DAY_MS));
  return { atMs: Math.round(heardAtMs + delayMs), amountMinor: amountOf(account, debtMinor) };
}

/** An account as the payers must know it. */
export interface Payer {
  readonly accountId: string;
  readonly debtMinor: number;
  readonly currency: string;
  readonly phones: readonly string[];
  readonly loadedAtMs: number;
  /** Held-out accounts are never called; they pay as if the campaign did not exist. */
  readonly group: 'called' | 'held_out';
}

/** What the simulator tells at the end of a call. */
export interface CallHeard {
  readonly phone: string;
  readonly persona: PersonaKind;
  readonly heardMs: number;
  readonly atMs: number;
  /** True if the callee pressed 1. */
  readonly promised?: boolean;
}

interface Account {
  readonly payer: Payer;
  readonly without: Due | null;
  reached: { readonly atMs: number; readonly promised: boolean } | null;
  /** What being reached added. */
  added: Due | null;
}

/** What calling truly did to the called group: both outcomes of each account are known here. */
export interface PlantedEffect {
  readonly called: number;
  readonly reached: number;
  readonly paidShareWith: number;
  readonly paidShareWithout: number;
  /** Intention to treat: the difference of the shares over everybody in the called group, reached or not. */
  readonly effect: number;
  readonly amountMinorWith: number;
  readonly amountMinorWithout: number;
}

/** Billing's side of the simulation: who pays what when, told once each. Payment ids are the same in every run. */
export class SimulatedPayers {
  readonly #seed: string;
  readonly #accounts = new Map<string, Account>();
  readonly #byPhone = new Map<string, Account[]>();
  readonly #known = new Set<string>();
  /** Not yet told; sorted by `receivedAtMs` from the end when `#sorted`. */
  #pending: Payment[] = [];
  #sorted = true;

  constructor(seed: string) {
    this.#seed = seed;
  }

  /** Takes an account in; one already known is left as it is. */
  add(payer: Payer): void {
    if (this.#accounts.has(payer.accountId)) return;
    const without = paymentWithout(this.#seed, payer.accountId, payer.debtMinor, payer.loadedAtMs);
    const account: Account = { payer, without, reached: null, added: null };
    this.#accounts.set(payer.accountId, account);
    if (payer.group === 'called') for (const phone of payer.phones) this.#byPhone.set(phone, [...(this.#byPhone.get(phone) ?? []), account]);
    if (without) this.#expect(account, without, 'own');
  }

  /** Notes a call that ended; a human who heard enough may pay because of it. Only the first time counts. */
  callEnded({ phone, persona, heardMs, atMs, promised = false }: CallHeard): void {
    if (persona !== 'human' || heardMs < REACHED_HEARD_MS) return;
    for (const account of this.#byPhone.get(phone) ?? []) {
      if (account.reached) continue;
      account.reached = { atMs, promised };
      account.added = paymentIfReached(this.#seed, account.payer.accountId, account.payer.debtMinor, atMs, promised);
      if (account.added) this.#expect(account, account.added, 'called');
    }
  }

  /** Payments that billing has received by `nowMs` and that were not told yet, oldest first. */
  due(nowMs: number): Payment[] {
    this.#sort();
    const told: Payment[] = [];
    for (let last = this.#pending.at(-1); last && last.receivedAtMs <= nowMs; last = this.#pending.at(-1)) {
      told.push(last);
      this.#pending.pop();
    }
    return told;
  }

  /** When the next payment falls due; null if none is expected. */
  nextAtMs(): number | null {
    this.#sort();
    return this.#pending.at(-1)?.receivedAtMs ?? null;
  }

  /**
   * The true effect over the called group, counting payments made by `untilMs`.
   * @param untilMs ms since the epoch; everything by default
   */
  plantedEffect(untilMs = Infinity): PlantedEffect {
    const by = (due: Due | null): due is Due => due !== null && due.atMs <= untilMs;
    let [called, reached, paidWith, paidWithout, amountMinorWith, amountMinorWithout] = [0, 0, 0, 0, 0, 0];
    for (const { payer, without, reached: reach, added } of this.#accounts.values()) {
      if (payer.group !== 'called') continue;
      called++;
      if (reach) reached++;
      if (by(without)) {
        paidWithout++;
        amountMinorWithout += without.amountMinor;
      }
      if (by(without) || by(added)) paidWith++;
      amountMinorWith += (by(without) ? without.amountMinor : 0) + (by(added) ? added.amountMinor : 0);
    }
    const share = (count: number): number => (called === 0 ? 0 : count / called);
    return { called, reached, paidShareWith: share(paidWith), paidShareWithout: share(paidWithout), effect: share(paidWith - paidWithout), amountMinorWith, amountMinorWithout };
  }

  #expect({ payer }: Account, due: Due, why: 'own' | 'called'): void {
    const paymentId = contactIdOf(`simulated payment, ${why}`, payer.accountId);
    if (this.#known.has(paymentId)) return;
    this.#known.add(paymentId);
    const lagMs = Math.round(new Draw(this.#seed, 'lag', paymentId).between('lag', 0, 600_000));
    this.#pending.push({ paymentId, accountId: payer.accountId, amountMinor: due.amountMinor, currency: currencySchema.parse(payer.currency), paidAtMs: due.atMs, receivedAtMs: due.atMs + lagMs });
    this.#sorted = false;
  }

  #sort(): void {
    if (this.#sorted) return;
    this.#pending.sort((a, b) => b.receivedAtMs - a.receivedAtMs);
    this.#sorted = true;
  }
}
