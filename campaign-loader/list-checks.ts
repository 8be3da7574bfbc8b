import type { Campaign, RepeatPolicy } from '../core/campaign.ts';
import type { ClosedAtLoad, Contact } from '../core/contact.ts';
import { ContactIdSet } from './compact-sets.ts';
import { HoldOutBalance, type BalanceReport } from './hold-out-balance.ts';
import { numberOf, type ListKnowledge } from './list-knowledge.ts';
import { NumberMap } from './number-map.ts';
import type { Problem, ProblemCode } from './problem.ts';

/**
 * What becomes of a good row beside the others of its list and what is known.
 * `accepted`: a contact to be called or held out. `closed`: a contact that ends before any call (`contact.closedAtLoad`); it goes to the bus too and counts
 * as accepted. `duplicate`: the campaign has it; nothing is published. `refused`: its line goes to the refused file.
 */
export type ListVerdict =
  | { readonly kind: 'accepted'; readonly contact: Contact; readonly remarks: readonly Problem[] }
  | { readonly kind: 'closed'; readonly contact: Contact; readonly remarks: readonly Problem[] }
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly problems: readonly Problem[] };

/** What the rows have shown together. */
export interface ListChecksReport {
  /** Numbers that stand under more than one accepted account, and how many accounts the most shared one has. */
  readonly sharedPhones: number;
  readonly mostAccountsOnOnePhone: number;
  /** Numbers of which one account is called and another held out: their groups are not quite apart. */
  readonly phonesInBothGroups: number;
  /** Contacts closed at the load, under `paid.list` or `suppressed.dispute` and the like. */
  readonly closed: Readonly<Record<string, number>>;
  /** Contacts to be called, by timezone. */
  readonly callableByZone: ReadonlyMap<string, number>;
  readonly balance: BalanceReport;
}

/** Accounts, and phones, that a list may have before its tables are made anew: room for them costs nothing until it is used. A table of 2^23 places. */
const EXPECTED = 6_500_000;

/** In the value kept for a phone: in which groups the accounts are that have it, and above it how many they are. */
const CALLED = 1;
const HELD_OUT = 2;
const GROUP_BITS = 2;
const MOST_ACCOUNTS = 0x3fff;

/**
 * The rules that see more than one row: repeats, shared numbers, suppression, payments, earlier hold-outs. One for each load; takes the rows
 * that `checkRow` accepted, in the order of the list. Keeps 7.5 to 15 bytes an account and as much a number.
 */
export class ListChecks {
  readonly #campaign: Campaign;
  readonly #known: ListKnowledge;
  readonly #seen = new ContactIdSet(EXPECTED);
  readonly #phones = new NumberMap(EXPECTED);
  readonly #closed = new Map<string, number>();
  readonly #callableByZone = new Map<string, number>();
  readonly #balance: HoldOutBalance;
  #sharedPhones = 0;
  #mostAccounts = 0;
  #phonesInBothGroups = 0;

  constructor(campaign: Campaign, known: ListKnowledge) {
    this.#campaign = campaign;
    this.#known = known;
    this.#balance = new HoldOutBalance(campaign);
  }

  /** @param remarks what `checkRow` remarked; they come back with those added here */
  judge(row: Contact, remarks: readonly Problem[] = []): ListVerdict {
    if (this.#seen.has(row.contactId)) return refused('account_id', 'duplicate_account', row.accountId, 'each account once; an earlier row of this list has it');
    if (this.#known.hasContact(row.contactId)) {
      this.#seen.add(row.contactId);
      return { kind: 'duplicate' };
    }
    const closedAtLoad = row.closedAtLoad ?? this.#closedBy(row);
    if (closedAtLoad !== null) return this.#close({ ...row, closedAtLoad }, remarks);

    const all = [...remarks];
    const { duplicates } = this.#campaign.list;
    const repeats = (policy: RepeatPolicy, field: string, code: ProblemCode, found: string, expected: string): ListVerdict | null => {
      if (policy === 'refuse') return refused(field, code, found, expected);
      if (policy === 'remark') all.push({ field, code, found, expected });
      return null;
    };
    if (this.#known.isRecentAccount(row.accountId)) {
      const verdict = repeats(duplicates.recentAccount, 'account_id', 'called_recently', row.accountId, this.#notRecently('an account'));
      if (verdict !== null) return verdict;
    }
    const recentPhone = row.phones.find((phone) => this.#known.isRecentPhone(phone));
    if (recentPhone !== undefined) {
      const verdict = repeats(duplicates.recentPhone, 'phones', 'called_recently', recentPhone, this.#notRecently('a number'));
      if (verdict !== null) return verdict;
    }
    const accounts = row.phones.map((phone) => this.#accountsOf(phone));
    const repeated = accounts.findIndex((count) => count > 0);
    if (repeated !== -1) {
      const verdict = repeats(duplicates.phone, 'phones', 'duplicate_phone', row.phones[repeated]!, 'a number that no other account has');
      if (verdict !== null) return verdict;
    }

    const contact = this.#withinShared(this.#keptOut(row), accounts, all);
    if (contact === null) return { kind: 'refused', problems: all.filter((problem) => problem.code === 'shared_by_too_many') };
    const suppressed = contact.phones.filter((phone) => this.#known.suppressionOfPhone(phone) !== null);
    if (suppressed.length === contact.phones.length) return this.#close({ ...contact, closedAtLoad: { disposition: 'suppressed', reason: this.#known.suppressionOfPhone(suppressed[0]!)! } }, all);
    for (const phone of suppressed) all.push({ field: 'phones', code: 'on_do_not_call_list', found: phone, expected: 'a number that may be called (its others are)' });
    this.#count(contact);
    return { kind: 'accepted', contact, remarks: all };
  }

  report(): ListChecksReport {
    return {
      sharedPhones: this.#sharedPhones,
      mostAccountsOnOnePhone: this.#mostAccounts,
      phonesInBothGroups: this.#phonesInBothGroups,
      closed: Object.fromEntries(this.#closed),
      callableByZone: this.#callableByZone,
      balance: this.#balance.report(),
    };
  }

  #closedBy(row: Contact): ClosedAtLoad | null {
    const reason = this.#known.suppressionOf(row.accountId);
    if (reason !== null) return { disposition: 'suppressed', reason };
    return this.#known.hasPaid(row) ? { disposition: 'paid', reason: 'payments' } : null;
  }

  #close(contact: Contact & { closedAtLoad: ClosedAtLoad }, remarks: readonly Problem[]): ListVerdict {
    this.#seen.add(contact.contactId);
    const { disposition, reason } = contact.closedAtLoad;
    const key = `${disposition}.${reason}`;
    this.#closed.set(key, (this.#closed.get(key) ?? 0) + 1);
    return { kind: 'closed', contact, remarks };
  }

  #keptOut(row: Contact): Contact {
    const heldOutBefore = this.#known.heldOutBefore(row.accountId);
    return heldOutBefore === null ? row : { ...row, group: 'held_out', heldOutBefore };
  }

  /** Accounts that have the number, in this list and in the campaign. */
  #accountsOf(phone: string): number {
    return (this.#phones.get(numberOf(phone)) >> GROUP_BITS) + this.#known.accountsOf(phone);
  }

  /**
   * The contact without numbers that too many accounts have; null if none is left.
   * @param accounts how many have each of its numbers
   */
  #withinShared(contact: Contact, accounts: readonly number[], remarks: Problem[]): Contact | null {
    const most = this.#campaign.list.maxAccountsPerPhone;
    const kept = accounts.map((count) => count < most);
    if (!kept.includes(false)) return contact;
    contact.phones.forEach((phone, index) => {
      if (kept[index] === false) remarks.push({ field: 'phones', code: 'shared_by_too_many', found: phone, expected: `a number of at most ${most} accounts (list.maxAccountsPerPhone)` });
    });
    if (!kept.includes(true)) return null;
    return {
      ...contact,
      phones: contact.phones.filter((_, index) => kept[index]),
      ...(contact.lineTypes === undefined ? {} : { lineTypes: contact.lineTypes.filter((_, index) => kept[index]) }),
    };
  }

  #count(contact: Contact): void {
    this.#seen.add(contact.contactId);
    this.#balance.add(contact);
    if (contact.group === 'called') this.#callableByZone.set(contact.timezone, (this.#callableByZone.get(contact.timezone) ?? 0) + 1);
    const group = contact.group === 'called' ? CALLED : HELD_OUT;
    for (const phone of contact.phones) {
      const number = numberOf(phone);
      const before = this.#phones.get(number);
      const accounts = (before >> GROUP_BITS) + 1;
      if (accounts === 2) this.#sharedPhones += 1;
      if (accounts > this.#mostAccounts) this.#mostAccounts = accounts;
      if ((before & group) === 0 && (before & (CALLED | HELD_OUT)) !== 0) this.#phonesInBothGroups += 1;
      this.#phones.set(number, (Math.min(accounts, MOST_ACCOUNTS) << GROUP_BITS) | (before & (CALLED | HELD_OUT)) | group);
    }
  }

  #notRecently(what: string): string {
    return `${what} that no other campaign was given in the last ${this.#campaign.list.notCalledWithinDays} days (list.notCalledWithinDays)`;
  }
}

function refused(field: string, code: ProblemCode, found: string, expected: string): ListVerdict {
  return { kind: 'refused', problems: [{ field, code, found, expected }] };
}
