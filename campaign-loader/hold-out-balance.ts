import type { Campaign, Stratum } from '../core/campaign.ts';
import type { Contact, Group } from '../core/contact.ts';
import { unreachable } from '../core/errors.ts';

/** Count, sum and sum of squares of debts in major units: enough for mean and variance, and adds up over parts of a list. */
export interface Moments {
  n: number;
  sum: number;
  sumOfSquares: number;
}

/** Both groups of one stratum. */
export interface StratumBalance {
  /** Such as `debt 500-2000, uk`; `all` for everybody. */
  readonly stratum: string;
  readonly called: Readonly<Moments>;
  readonly heldOut: Readonly<Moments>;
  /** Held out, of all. */
  readonly share: number;
  /** How far the share is from the campaign's, in standard deviations of a binomial draw; null if it cannot differ. */
  readonly deviations: number | null;
  /**
   * Standardised mean difference of debts, held out less called: difference of the means over the root of the mean of both variances (Austin 2009,
   * Statistics in Medicine 28:3083). Below 0.1 in size is counted as balanced. Null if a group has fewer than two, or all owe the same.
   */
  readonly debtDifference: number | null;
}

export interface BalanceReport {
  /** What the campaign asks for. */
  readonly share: number;
  readonly all: StratumBalance;
  /** The largest first. */
  readonly strata: readonly StratumBalance[];
  /** Held out because an earlier campaign did; not in the strata, for they were not drawn here. */
  readonly heldOutBefore: number;
}

/** More strata than this are counted together: a list may name any number of regions. */
const MAX_STRATA = 2000;
const OTHERS = 'others';
const nothing = (): Moments => ({ n: 0, sum: 0, sumOfSquares: 0 });

function addTo(moments: Moments, value: number): void {
  moments.n += 1;
  moments.sum += value;
  moments.sumOfSquares += value * value;
}

function mergeInto(moments: Moments, other: Readonly<Moments>): void {
  moments.n += other.n;
  moments.sum += other.sum;
  moments.sumOfSquares += other.sumOfSquares;
}

/** `500-2000`, below the first step `under 500`, from the last on `10000 and more`. */
export function classOf(value: number, steps: readonly number[]): string {
  return classNames(steps)[placeOf(value, steps)]!;
}

function classNames(steps: readonly number[]): string[] {
  if (steps.length === 0) return ['any'];
  return [`under ${steps[0]!}`, ...steps.slice(1).map((step, index) => `${steps[index]!}-${step}`), `${steps.at(-1)!} and more`];
}

/** Which class a value is in, from 0. */
function placeOf(value: number, steps: readonly number[]): number {
  let at = 0;
  while (at < steps.length && value >= steps[at]!) at += 1;
  return at;
}

const namers = new WeakMap<Campaign, (contact: Contact) => string>();

/** The stratum of a contact by the campaign's `holdOut` settings; `all` if it names no strata. */
export function stratumOf(contact: Contact, campaign: Campaign): string {
  let namer = namers.get(campaign);
  if (namer === undefined) namers.set(campaign, (namer = stratumNamer(campaign)));
  return namer(contact);
}

/** The names of a campaign's classes are made once, not for each contact. */
function stratumNamer(campaign: Campaign): (contact: Contact) => string {
  const { strata, debtSteps, ageStepsDays } = campaign.holdOut;
  const debts = classNames(debtSteps).map((name) => `debt ${name}`);
  const ages = classNames(ageStepsDays).map((name) => `days ${name}`);
  const part = (stratum: Stratum, contact: Contact): string => {
    switch (stratum) {
      case 'debt':
        return debts[placeOf(contact.debtMinor / 100, debtSteps)]!;
      case 'debt_age':
        return contact.debtSince === undefined ? 'age not known' : ages[placeOf(Math.floor((contact.loadedAtMs - Date.parse(contact.debtSince)) / 86_400_000), ageStepsDays)]!;
      case 'region':
        return contact.region ?? 'region not known';
      case 'language':
        return contact.language;
      default:
        return unreachable(stratum);
    }
  };
  const [first, ...others] = strata;
  if (first === undefined) return () => 'all';
  return (contact) => {
    let name = part(first, contact);
    for (const other of others) name += `, ${part(other, contact)}`;
    return name;
  };
}

/** Counts the groups of a campaign's contacts, by stratum; parts of a list can be counted apart and merged. */
export class HoldOutBalance {
  readonly #campaign: Campaign;
  readonly #strata = new Map<string, Record<Group, Moments>>();
  #heldOutBefore = 0;

  constructor(campaign: Campaign) {
    this.#campaign = campaign;
  }

  /** Contacts that were closed at the load are nobody's to call: they are not counted. */
  add(contact: Contact): void {
    if (contact.closedAtLoad !== undefined) return;
    if (contact.heldOutBefore !== undefined) this.#heldOutBefore += 1;
    else addTo(this.#of(contact.stratum ?? stratumOf(contact, this.#campaign))[contact.group], contact.debtMinor / 100);
  }

  merge(other: HoldOutBalance): void {
    this.#heldOutBefore += other.#heldOutBefore;
    for (const [stratum, groups] of other.#strata) {
      mergeInto(this.#of(stratum).called, groups.called);
      mergeInto(this.#of(stratum).held_out, groups.held_out);
    }
  }

  report(): BalanceReport {
    const all = { called: nothing(), held_out: nothing() };
    for (const groups of this.#strata.values()) {
      mergeInto(all.called, groups.called);
      mergeInto(all.held_out, groups.held_out);
    }
    const share = this.#campaign.holdOutShare;
    const strata = [...this.#strata].map(([stratum, groups]) => compare(stratum, groups, share)).sort((a, b) => b.called.n + b.heldOut.n - a.called.n - a.heldOut.n);
    return { share, all: compare('all', all, share), strata, heldOutBefore: this.#heldOutBefore };
  }

  #of(stratum: string): Record<Group, Moments> {
    let groups = this.#strata.get(stratum);
    if (groups !== undefined) return groups;
    if (this.#strata.size >= MAX_STRATA && stratum !== OTHERS) return this.#of(OTHERS);
    this.#strata.set(stratum, (groups = { called: nothing(), held_out: nothing() }));
    return groups;
  }
}

function compare(stratum: string, groups: Record<Group, Moments>, share: number): StratumBalance {
  const { called, held_out: heldOut } = groups;
  const n = called.n + heldOut.n;
  const spread = Math.sqrt(n * share * (1 - share));
  return {
    stratum,
    called,
    heldOut,
    share: n === 0 ? 0 : heldOut.n / n,
    deviations: spread === 0 ? null : (heldOut.n - n * share) / spread,
    debtDifference: standardisedDifference(heldOut, called),
  };
}

function standardisedDifference(a: Moments, b: Moments): number | null {
  if (a.n < 2 || b.n < 2) return null;
  const variance = ({ n, sum, sumOfSquares }: Moments): number => Math.max(0, (sumOfSquares - (sum * sum) / n) / (n - 1));
  const spread = Math.sqrt((variance(a) + variance(b)) / 2);
  return spread === 0 ? null : (a.sum / a.n - b.sum / b.n) / spread;
}
