import type { Campaign } from '../core/campaign.ts';
import type { Command } from '../core/command.ts';
import { SUPPRESSION_REASONS, type Contact, type SuppressionReason } from '../core/contact.ts';
import { unreachable } from '../core/errors.ts';
import { contactIdOf } from '../core/ids.ts';
import type { Payment } from '../core/payment.ts';
import { ContactIdSet } from './compact-sets.ts';
import { NumberMap } from './number-map.ts';

const DAY_MS = 86_400_000;

/** A phone as a number: the digits of its E.164 form. */
export function numberOf(phone: string): number {
  // A tenth of the time of cutting the plus off and parsing the rest.
  let number = 0;
  for (let at = 1; at < phone.length; at += 1) number = number * 10 + phone.charCodeAt(at) - 0x30;
  return number;
}

/** An account's key in a set of ids; campaigns' own contact ids never look like it. */
export const accountKey = (accountId: string): string => contactIdOf('', accountId);

/**
 * What is known before a list is read: the campaign's contacts, those of other campaigns, who must not be called and who has paid.
 * Fed with messages of the bus in their order (topics `contacts`, `commands`, `payments`, whole or in part); keeps of them
 * only what this campaign's settings ask for, in 10 to 20 bytes an account and as much a phone.
 */
export class ListKnowledge {
  readonly #campaign: Campaign;
  readonly #recentFromMs: number;
  readonly #callingFromMs: number;
  readonly #expiresAtMs: number;
  readonly #paidFromMs: number | null;
  readonly #contactIds = new ContactIdSet();
  /** Accounts of this campaign by phone. */
  readonly #accountsByPhone = new NumberMap();
  readonly #recentAccounts = new ContactIdSet();
  readonly #recentPhones = new NumberMap();
  readonly #heldOut = new Map<string, ContactIdSet>();
  /** 1 + the reason's place in {@link SUPPRESSION_REASONS}, while the entry outlasts the campaign. */
  readonly #suppressedPhones = new NumberMap();
  readonly #suppressedAccounts = new Map<SuppressionReason, ContactIdSet>();
  /** Accounts whose last order took the suppression away, or that lasts no longer: few. */
  readonly #lifted = new Set<string>();
  readonly #paidMinor = new Map<string, number>();

  /** @param nowMs when the load begins */
  constructor(campaign: Campaign, nowMs: number) {
    this.#campaign = campaign;
    this.#recentFromMs = nowMs - campaign.list.notCalledWithinDays * DAY_MS;
    this.#callingFromMs = Math.max(nowMs, Date.parse(campaign.startsAt));
    this.#expiresAtMs = Date.parse(campaign.expiresAt);
    this.#paidFromMs = campaign.list.asOf === undefined ? null : Date.parse(campaign.list.asOf);
  }

  /** A contact of any campaign; one that was revoked must not be told. */
  addContact(contact: Pick<Contact, 'contactId' | 'campaignId' | 'accountId' | 'phones' | 'group' | 'loadedAtMs' | 'closedAtLoad'>): void {
    const { campaignId, accountId, phones } = contact;
    if (campaignId === this.#campaign.id) {
      this.#contactIds.add(contact.contactId);
      if (contact.closedAtLoad === undefined) for (const phone of phones) this.#accountsByPhone.set(numberOf(phone), this.#accountsByPhone.get(numberOf(phone)) + 1);
      return;
    }
    if (contact.group === 'held_out') {
      if (!this.#campaign.holdOut.keepFrom.includes(campaignId)) return;
      let accounts = this.#heldOut.get(campaignId);
      if (accounts === undefined) this.#heldOut.set(campaignId, (accounts = new ContactIdSet()));
      accounts.add(accountKey(accountId));
      return;
    }
    if (this.#campaign.list.notCalledWithinDays === 0 || contact.closedAtLoad !== undefined || contact.loadedAtMs < this.#recentFromMs) return;
    this.#recentAccounts.add(accountKey(accountId));
    for (const phone of phones) this.#recentPhones.set(numberOf(phone), 1);
  }

  /** An operator's or a regulator's order; only those about suppression count. */
  addCommand(command: Command): void {
    switch (command.kind) {
      case 'dnc_add': {
        // What ends before the campaign does is the dialer's affair: it looks at every call.
        const lasts = command.expiresAtMs === null || command.expiresAtMs >= this.#expiresAtMs;
        this.#suppressedPhones.set(numberOf(command.phone), lasts ? 1 + SUPPRESSION_REASONS.indexOf(command.code ?? 'other') : 0);
        return;
      }
      case 'dnc_remove':
        this.#suppressedPhones.set(numberOf(command.phone), 0);
        return;
      case 'suppress_add': {
        if (command.expiresAtMs !== null && command.expiresAtMs <= this.#callingFromMs) {
          this.#lifted.add(command.accountId);
          return;
        }
        this.#lifted.delete(command.accountId);
        let accounts = this.#suppressedAccounts.get(command.reason);
        if (accounts === undefined) this.#suppressedAccounts.set(command.reason, (accounts = new ContactIdSet()));
        accounts.add(accountKey(command.accountId));
        return;
      }
      case 'suppress_remove':
        this.#lifted.add(command.accountId);
        return;
      case 'define':
      case 'pause':
      case 'resume':
      case 'stop':
      case 'set':
      case 'commit_load':
      case 'revoke_load':
        return;
      default:
        unreachable(command);
    }
  }

  /** A payment counts if the campaign says when its list was made (`list.asOf`) and the money came later. */
  addPayment(payment: Pick<Payment, 'accountId' | 'amountMinor' | 'paidAtMs' | 'currency'>): void {
    if (this.#paidFromMs === null || payment.paidAtMs < this.#paidFromMs) return;
    this.#paidMinor.set(payment.accountId, (this.#paidMinor.get(payment.accountId) ?? 0) + payment.amountMinor);
  }

  hasContact(contactId: string): boolean {
    return this.#contactIds.size > 0 && this.#contactIds.has(contactId);
  }

  /** Accounts of this campaign that the number stands under already. */
  accountsOf(phone: string): number {
    return this.#accountsByPhone.size === 0 ? 0 : this.#accountsByPhone.get(numberOf(phone));
  }

  isRecentAccount(accountId: string): boolean {
    return this.#recentAccounts.size > 0 && this.#recentAccounts.has(accountKey(accountId));
  }

  isRecentPhone(phone: string): boolean {
    return this.#recentPhones.size > 0 && this.#recentPhones.get(numberOf(phone)) > 0;
  }

  /** The campaign of `holdOut.keepFrom` that held the account out; null if none did. */
  heldOutBefore(accountId: string): string | null {
    if (this.#heldOut.size === 0) return null;
    const key = accountKey(accountId);
    for (const [campaignId, accounts] of this.#heldOut) if (accounts.has(key)) return campaignId;
    return null;
  }

  /** Why the account must not be called when calling begins; null if it may. */
  suppressionOf(accountId: string): SuppressionReason | null {
    if (this.#suppressedAccounts.size === 0 || this.#lifted.has(accountId)) return null;
    const key = accountKey(accountId);
    for (const reason of SUPPRESSION_REASONS) if (this.#suppressedAccounts.get(reason)?.has(key) === true) return reason;
    return null;
  }

  /** Why the number must not be called for as long as the campaign lasts; null if it may, at least at times. */
  suppressionOfPhone(phone: string): SuppressionReason | null {
    const value = this.#suppressedPhones.size === 0 ? 0 : this.#suppressedPhones.get(numberOf(phone));
    return value === 0 ? null : SUPPRESSION_REASONS[value - 1]!;
  }

  /** Whether what came in since the list was made ends the calls, by the campaign's `stopAtPaidShare` (0: any payment does). */
  hasPaid(contact: Pick<Contact, 'accountId' | 'debtMinor'>): boolean {
    const paidMinor = this.#paidMinor.size === 0 ? 0 : (this.#paidMinor.get(contact.accountId) ?? 0);
    return paidMinor > 0 && paidMinor >= contact.debtMinor * this.#campaign.stopAtPaidShare;
  }
}
