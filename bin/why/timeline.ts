import type { Attempt } from '../../core/attempt.ts';
import type { Command } from '../../core/command.ts';
import type { Contact, ContactClosed } from '../../core/contact.ts';
import { minorDigits } from '../../core/currency.ts';
import { unreachable } from '../../core/errors.ts';
import type { Payment } from '../../core/payment.ts';
import { maskPhone } from '../../core/phone.ts';

/** Everything the bus says of one account in one campaign, repeated deliveries among it. */
export interface AccountHistory {
  readonly contacts: readonly Contact[];
  readonly attempts: readonly Attempt[];
  readonly closed: readonly ContactClosed[];
  readonly payments: readonly Payment[];
  readonly commands: readonly Command[];
}

/** One thing that happened. */
export interface HistoryEvent {
  readonly atMs: number;
  readonly kind: 'loaded' | 'order' | 'attempt' | 'paid' | 'payment_known' | 'ended';
  readonly text: string;
}

/** Of one account in one campaign, in the order in which it happened, each once. */
export function timelineOf(history: AccountHistory): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  const [contact] = history.contacts;
  for (const one of onceBy(history.contacts, (each) => each.contactId)) {
    events.push({ atMs: one.loadedAtMs, kind: 'loaded', text: `loaded (load ${one.loadId}): ${one.group === 'held_out' ? `held out${one.heldOutBefore === undefined ? '' : ` because of campaign ${one.heldOutBefore}`}: never to be called` : 'drawn to be called'}; phones ${one.phones.map(maskPhone).join(', ')}; timezone ${one.timezone}, language ${one.language}${armsText(one)}${one.closedAtLoad === undefined ? '' : `; closed at the load: ${one.closedAtLoad.disposition} (${one.closedAtLoad.reason})`}` });
  }
  const phones = new Set(contact?.phones ?? []);
  for (const command of history.commands) {
    const text = orderText(command, phones, contact);
    if (text !== null) events.push({ atMs: command.atMs, kind: 'order', text });
  }
  for (const attempt of onceBy(history.attempts, (each) => each.attemptId)) events.push({ atMs: attempt.startedAtMs, kind: 'attempt', text: attemptText(attempt) });
  events.push(...paymentEvents(history.payments));
  for (const closed of onceBy(history.closed, (each) => each.contactId)) events.push({ atMs: closed.closedAtMs, kind: 'ended', text: `ended as ${closed.disposition} after ${closed.attempts} ${closed.attempts === 1 ? 'attempt' : 'attempts'}; the rule: ${closed.reason}` });
  return events.map((event, i) => ({ event, i })).sort((a, b) => a.event.atMs - b.event.atMs || a.i - b.i).map(({ event }) => event);
}

/** What billing told last of a payment counts; what it told before is told as it was. */
function paymentEvents(payments: readonly Payment[]): HistoryEvent[] {
  const tellings = new Map<string, Map<number, Payment>>();
  for (const payment of payments) {
    const own = tellings.get(payment.paymentId) ?? new Map<number, Payment>();
    tellings.set(payment.paymentId, own.set(payment.receivedAtMs, payment));
  }
  return [...tellings.values()].flatMap((own) => {
    const told = [...own.values()].sort((a, b) => a.receivedAtMs - b.receivedAtMs);
    const [first, last] = [told[0]!, told.at(-1)!];
    const sum = ({ amountMinor, currency }: Payment): string => `${(amountMinor / 10 ** minorDigits(currency)).toFixed(minorDigits(currency))} ${currency}`;
    return [
      { atMs: last.paidAtMs, kind: 'paid', text: `${last.amountMinor < 0 ? 'a payment was taken back' : 'paid'}: ${sum(last)} (${last.paymentId})${last.paidAtMs < first.receivedAtMs ? '; not yet known here' : ''}` },
      ...told.map((one): HistoryEvent => ({
        atMs: one.receivedAtMs, kind: 'payment_known',
        text: `payment ${one.paymentId} ${one === first ? `of ${sum(one)} became known` : `was told anew, of ${sum(one)}`}${one.postedAtMs === undefined ? '' : `; booked ${new Date(one.postedAtMs).toISOString()}`}`,
      })),
    ];
  });
}

/** What the campaign tries, as it was drawn for the contact. */
function armsText({ arms }: Contact): string {
  if (arms === undefined) return '';
  const drawn = [
    ...(arms.attempts === undefined ? [] : [`at most ${arms.attempts} attempts`]),
    ...(arms.firstHour === undefined ? [] : [`first call at ${arms.firstHour}:00 or later`]),
    ...(arms.message === undefined ? [] : [`message version ${arms.message}`]),
  ];
  return `; drawn for ${drawn.join(', ')}`;
}

/** What a dialer reported of an attempt beats what was presumed lost; else the first word counts. */
function onceBy<T>(values: readonly T[], idOf: (value: T) => string): T[] {
  const known = new Map<string, T>();
  for (const value of values) {
    const before = known.get(idOf(value));
    if (before === undefined || isLost(before)) known.set(idOf(value), value);
  }
  return [...known.values()];
}

const isLost = (value: unknown): boolean => typeof value === 'object' && value !== null && 'outcome' in value && value.outcome === 'lost';

/** An order as it touches this account; null if it does not. */
function orderText(command: Command, phones: ReadonlySet<string>, contact: Contact | undefined): string | null {
  switch (command.kind) {
    case 'define':
      return `campaign defined: from ${command.campaign.startsAt} to ${command.campaign.expiresAt}, at most ${command.campaign.retry.maxAttempts} attempts`;
    case 'pause':
      return 'campaign paused';
    case 'resume':
      return 'campaign resumed';
    case 'stop':
      return 'campaign stopped';
    case 'set':
      return `caps changed:${command.maxCallsPerSecond === undefined ? '' : ` ${command.maxCallsPerSecond} calls/s`}${command.maxChannels === undefined ? '' : ` ${command.maxChannels} channels`}`;
    case 'dnc_add':
      return phones.has(command.phone) ? `${maskPhone(command.phone)} put on the do-not-call list${command.expiresAtMs === null ? '' : ` until ${new Date(command.expiresAtMs).toISOString().slice(0, 10)}`}: ${command.reason}` : null;
    case 'dnc_remove':
      return phones.has(command.phone) ? `${maskPhone(command.phone)} taken off the do-not-call list` : null;
    case 'suppress_add':
      return command.accountId === contact?.accountId ? `account suppressed: ${command.reason}` : null;
    case 'suppress_remove':
      return command.accountId === contact?.accountId ? 'account no longer suppressed' : null;
    case 'commit_load':
      return command.loadId === contact?.loadId ? 'its load was committed: it may be called' : null;
    case 'revoke_load':
      return command.loadId === contact?.loadId ? 'its load was taken back' : null;
    default:
      return unreachable(command);
  }
}

function attemptText(attempt: Attempt): string {
  const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
  const parts = [`attempt ${attempt.attemptNumber} to ${maskPhone(attempt.phone)} over ${attempt.trunk} from ${maskPhone(attempt.callerId)}: ${attempt.outcome}`];
  if (attempt.sipStatus > 0) parts.push(`SIP ${attempt.sipStatus}`);
  if (attempt.answeredAtMs !== null) parts.push(`talk ${seconds(attempt.talkMs)}, heard ${seconds(attempt.heardMs)} of ${seconds(attempt.messageMs)}${attempt.heardWhole ? ' (all that matters)' : ''}`);
  if (attempt.verdict !== null) parts.push(`verdict ${attempt.verdict}${attempt.verdictReason === null ? '' : ` (${attempt.verdictReason})`}`);
  if (attempt.response.kind !== 'none') parts.push(attempt.response.kind === 'promise_to_pay' ? `promised to pay by ${attempt.response.promisedDate}` : attempt.response.kind.replaceAll('_', ' '));
  return parts.join('; ');
}
