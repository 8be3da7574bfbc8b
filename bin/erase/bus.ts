import type { Bus } from '../../core/bus/port.ts';
import type { Clock } from '../../core/clock.ts';
import { attemptsTopic, commandsTopic, contactsTopic, deadLettersTopic, dispositionsTopic, paymentsTopic } from '../../core/bus/topics.ts';
import { ObzvonError } from '../../core/errors.ts';
import { DIALER_GROUP } from '../../dialer/engine/intake.ts';
import type { Ledger } from '../../dialer/ledger/port.ts';
import type { Renamed } from '../../analytics/erase.ts';
import { settleOrders } from '../orders.ts';

/** A number of no country (ITU-T E.164 assigns no code 999): in place of a phone where a contact must have one. It has ended and is never called. */
const NO_PHONE = '+99900000000';
const NAME = '';
/** A dialer that has not taken the contact in yet closes it. */
const NEVER_CALLED = { disposition: 'suppressed', reason: 'other' } as const;

/** What the bus knows of a person: under which ids, on which phones. */
export interface Person {
  readonly contactIds: readonly string[];
  readonly paymentIds: readonly string[];
  readonly phones: readonly string[];
  /** When the person first asked in a call not to be called; null if never. */
  readonly optedOutAtMs: number | null;
}

export async function personOnBus(bus: Bus, accountId: string): Promise<Person> {
  const contactIds = new Set<string>();
  const paymentIds = new Set<string>();
  const phones = new Set<string>();
  let optedOutAtMs: number | null = null;
  for await (const { value } of bus.scan(contactsTopic)) {
    if (value.accountId !== accountId) continue;
    contactIds.add(value.contactId);
    for (const phone of value.phones) phones.add(phone);
  }
  for await (const { value } of bus.scan(attemptsTopic)) {
    if (value.accountId !== accountId) continue;
    contactIds.add(value.contactId);
    phones.add(value.phone);
    if (value.response.kind === 'opt_out') optedOutAtMs = Math.min(optedOutAtMs ?? Infinity, value.endedAtMs);
  }
  for await (const { value } of bus.scan(paymentsTopic)) if (value.accountId === accountId) paymentIds.add(value.paymentId);
  return { contactIds: [...contactIds], paymentIds: [...paymentIds], phones: [...phones], optedOutAtMs };
}

/**
 * A contact that stays in the log and that no dialer has taken in yet would be called later.
 * @throws ObzvonError locked while there may be such a one
 */
export async function assertTakenIn(bus: Pick<Bus, 'lag'>): Promise<void> {
  const lag = await bus.lag(contactsTopic, DIALER_GROUP);
  if (lag > 0) throw new ObzvonError('locked', `the dialers have not taken in ${lag} messages of contacts, and this bus cannot take a person out of them; nothing was erased: try again when they have`);
}

/**
 * What was asked in a call is known of the account only, which is about to be forgotten: it becomes an order for each phone, on the bus and in the ledger.
 * Can be repeated: the order is as old as the call.
 */
export async function keepOptOut(bus: Bus, ledger: Ledger, clock: Clock, { phones, optedOutAtMs }: Person): Promise<void> {
  if (optedOutAtMs === null) return;
  await bus.publish(commandsTopic, phones.map((phone) => ({ key: phone, value: { kind: 'dnc_add', phone, reason: 'asked in a call', code: 'opt_out', expiresAtMs: null, atMs: optedOutAtMs } })));
  await settleOrders(bus, ledger, clock);
}

export interface BusErasure {
  readonly topic: string;
  readonly changed: number;
  readonly kept: number;
}

/** Gives every message of the person the mark in place of what names it; a second run finds none. */
export async function eraseOnBus(bus: Bus, person: Renamed): Promise<BusErasure[]> {
  const { accountId, mark } = person;
  const contactMark = (id: string): string => person.contactMarks[person.contactIds.indexOf(id)] ?? `${mark}-x`;
  const paymentMark = (id: string): string => person.paymentMarks[person.paymentIds.indexOf(id)] ?? `${mark}-payment-x`;
  const erasures: BusErasure[] = [];
  const note = (topic: string, found: { readonly changed: number; readonly kept: number }): void => {
    erasures.push({ topic, ...found });
  };
  note('contacts', await bus.rewrite(contactsTopic, ({ value }) => {
    if (value.accountId !== accountId) return null;
    const { nameParts: _name, dueDate: _due, debtSince: _since, region: _region, lineTypes: _types, cluster, ...rest } = value;
    const contactId = contactMark(value.contactId);
    return { key: contactId, value: { ...rest, contactId, accountId: mark, name: NAME, phones: [NO_PHONE], fields: {}, closedAtLoad: rest.closedAtLoad ?? NEVER_CALLED, ...(cluster === undefined ? {} : { cluster: mark }) } };
  }));
  note('attempts', await bus.rewrite(attemptsTopic, ({ value }) => {
    if (value.accountId !== accountId) return null;
    const contactId = contactMark(value.contactId);
    return { key: contactId, value: { ...value, contactId, accountId: mark, phone: NO_PHONE, digits: '' } };
  }));
  note('dispositions', await bus.rewrite(dispositionsTopic, ({ value }) => {
    if (value.accountId !== accountId) return null;
    const contactId = contactMark(value.contactId);
    return { key: contactId, value: { ...value, contactId, accountId: mark } };
  }));
  note('payments', await bus.rewrite(paymentsTopic, ({ value }) => {
    if (value.accountId !== accountId) return null;
    return { key: mark, value: { ...value, paymentId: paymentMark(value.paymentId), accountId: mark, ...(value.reverses === undefined ? {} : { reverses: `${mark}-reversed` }) } };
  }));
  const quoted = [JSON.stringify(accountId), ...person.contactIds.map((id) => JSON.stringify(id))];
  note('dead-letters', await bus.rewrite(deadLettersTopic, ({ key, value }) => (quoted.some((text) => value.text.includes(text)) ? { key: mark, value: { ...value, key: mark, text: '', reason: 'erased' } } : key === accountId || person.contactIds.includes(key) ? { key: mark, value: { ...value, key: mark, text: '' } } : null)));
  return erasures;
}
