import type { Attempt } from '../core/attempt.ts';
import type { Command } from '../core/command.ts';
import type { Contact, ContactClosed } from '../core/contact.ts';
import { unreachable } from '../core/errors.ts';
import type { Load } from '../core/load.ts';
import type { Payment } from '../core/payment.ts';
import { maskPhone } from '../core/phone.ts';
import type { Cell } from './client.ts';
import { LocalTimes } from './local-time.ts';
import type { PhoneMark } from './phone-mark.ts';

/** How messages become rows of one table; `cells` answers in the order of `columns`, or null for a message that is no row of it. */
export interface RowMaker<T> {
  readonly table: string;
  readonly columns: readonly string[];
  cells(value: T): readonly Cell[] | null;
}

const UINT8 = 0xff;
const UINT16 = 0xffff;
const UINT32 = 0xffff_ffff;
/** Latest time DateTime64(3) shows, 2299-12-31T23:59:59.999Z. */
const LATEST_MS = 10_413_791_999_999;

// A number beyond its column is held at the column's end: one absurd message must not stop the rows behind it.
const atMost = (most: number, value: number): number => (value > most ? most : value);
const maybe = (most: number, value: number | null): number | null => (value === null ? null : atMost(most, value));
const time = (ms: number): number => atMost(LATEST_MS, ms);
/** Date32 knows the years 1900 to 2299. */
const date = (text: string): string => (text < '1900-01-01' ? '1900-01-01' : text > '2299-12-31' ? '2299-12-31' : text);

export function attemptRows(mark: PhoneMark): RowMaker<Attempt> {
  const local = new LocalTimes();
  return {
    table: 'attempts',
    columns: [
      'campaign_id', 'attempt_id', 'contact_id', 'account_id', 'contact_group', 'language', 'timezone', 'attempt_number',
      'phone_masked', 'phone_hash', 'phone_index', 'trunk', 'caller_id', 'dialer_id', 'outcome', 'ended_by', 'sip_status', 'q850_cause',
      'started_at', 'ended_at', 'answered_at', 'local_hour', 'local_weekday', 'post_dial_delay_ms', 'ring_ms',
      'verdict', 'verdict_confidence', 'verdict_reason', 'verdict_audio_ms', 'verdict_latency_ms',
      'talk_ms', 'message_ms', 'heard_ms', 'heard_whole', 'digits', 'response', 'promised_date', 'transfer_result',
    ],
    cells(a) {
      const { hour, weekday } = local.at(a.timezone, time(a.startedAtMs));
      return [
        a.campaignId, a.attemptId, a.contactId, a.accountId, a.group, a.language, a.timezone, atMost(UINT16, a.attemptNumber),
        maskPhone(a.phone), mark(a.phone), atMost(UINT8, a.phoneIndex), a.trunk, a.callerId, a.dialerId, a.outcome, a.endedBy, a.sipStatus, a.q850Cause,
        time(a.startedAtMs), time(a.endedAtMs), a.answeredAtMs === null ? null : time(a.answeredAtMs), hour, weekday, maybe(UINT32, a.postDialDelayMs), atMost(UINT32, a.ringMs),
        a.verdict ?? '', a.verdictConfidence, a.verdictReason ?? '', maybe(UINT32, a.verdictAudioMs), maybe(UINT32, a.verdictLatencyMs),
        atMost(UINT32, a.talkMs), atMost(UINT32, a.messageMs), atMost(UINT32, a.heardMs), a.heardWhole, a.digits, a.response.kind,
        a.response.kind === 'promise_to_pay' ? date(a.response.promisedDate) : null, a.response.kind === 'transfer' ? a.response.result : '',
      ];
    },
  };
}

export function contactRows(mark: PhoneMark): RowMaker<Contact> {
  return {
    table: 'contacts',
    columns: [
      'campaign_id', 'contact_id', 'account_id', 'contact_group', 'held_out_before', 'stratum', 'cluster', 'attempts_allowed', 'first_hour', 'message_version', 'debt_minor', 'currency', 'due_date', 'language', 'timezone',
      'phones', 'phone_masked', 'phone_hash', 'priority', 'load_id', 'loaded_at',
    ],
    cells(c) {
      const first = c.phones[0] ?? '';
      return [
        c.campaignId, c.contactId, c.accountId, c.group, c.heldOutBefore ?? '', c.stratum ?? '', c.cluster === undefined ? '' : mark(c.cluster), c.arms?.attempts ?? 0, c.arms?.firstHour ?? -1, c.arms?.message ?? '', c.debtMinor, c.currency, c.dueDate === undefined ? null : date(c.dueDate), c.language, c.timezone,
        c.phones.length, maskPhone(first), mark(first), c.priority, c.loadId, time(c.loadedAtMs),
      ];
    },
  };
}

export const dispositionRows: RowMaker<ContactClosed> = {
  table: 'dispositions',
  columns: ['campaign_id', 'contact_id', 'account_id', 'contact_group', 'disposition', 'reason', 'attempts', 'closed_at'],
  cells: (d) => [d.campaignId, d.contactId, d.accountId, d.group, d.disposition, d.reason, atMost(UINT16, d.attempts), time(d.closedAtMs)],
};

export const paymentRows: RowMaker<Payment> = {
  table: 'payments',
  columns: ['payment_id', 'account_id', 'amount_minor', 'currency', 'paid_at', 'posted_at', 'reverses', 'received_at'],
  cells: (p) => [p.paymentId, p.accountId, p.amountMinor, p.currency, time(p.paidAtMs), p.postedAtMs === undefined ? null : time(p.postedAtMs), p.reverses ?? '', time(p.receivedAtMs)],
};

/** Only loads that brought something: one that runs or failed has no rows to account for. */
export const loadRows: RowMaker<Load> = {
  table: 'loads',
  columns: ['campaign_id', 'load_id', 'source', 'rows', 'accepted', 'held_out', 'duplicates', 'refused', 'started_at', 'ended_at'],
  cells: (l) => (l.state === 'running' || l.state === 'failed' ? null : [l.campaignId, l.loadId, l.source, l.rows, l.accepted, l.heldOut, l.duplicates, l.refused, time(l.startedAtMs), time(l.endedAtMs)]),
};

/** Of the commands, those that define a campaign: each is a version of it. */
export const campaignRows: RowMaker<Command> = {
  table: 'campaigns',
  columns: ['campaign_id', 'defined_at', 'name', 'starts_at', 'expires_at', 'currency', 'hold_out_share', 'stop_at_paid_share', 'max_calls_per_second', 'max_channels', 'max_attempts', 'machine_policy'],
  cells(command) {
    if (command.kind !== 'define') return null;
    const c = command.campaign;
    return [
      command.campaignId, time(command.atMs), c.name, time(Math.max(0, Date.parse(c.startsAt))), time(Math.max(0, Date.parse(c.expiresAt))), c.currency, c.holdOutShare, c.stopAtPaidShare,
      c.maxCallsPerSecond, c.maxChannels, c.retry.maxAttempts, c.machine.policy,
    ];
  },
};

/** Of the commands, those that change the do-not-call list. What was said in calls comes into the table from the attempts. */
export function optOutRows(mark: PhoneMark): RowMaker<Command> {
  return {
    table: 'opt_outs',
    columns: ['opt_out_id', 'kind', 'at', 'campaign_id', 'account_id', 'phone_masked', 'phone_hash', 'reason', 'expires_at'],
    cells(command) {
      switch (command.kind) {
        case 'dnc_add':
        case 'dnc_remove': {
          const hash = mark(command.phone);
          const added = command.kind === 'dnc_add';
          return [
            `${hash}.${command.atMs}.${command.kind}`, added ? 'listed' : 'allowed', time(command.atMs), '', '', maskPhone(command.phone), hash,
            added ? command.reason : '', added && command.expiresAtMs !== null ? time(command.expiresAtMs) : null,
          ];
        }
        case 'suppress_add':
        case 'suppress_remove': {
          const added = command.kind === 'suppress_add';
          return [
            `${command.accountId}.${command.atMs}.${command.kind}`, added ? 'listed' : 'allowed', time(command.atMs), '', command.accountId, '', '',
            added ? command.reason : '', added && command.expiresAtMs !== null ? time(command.expiresAtMs) : null,
          ];
        }
        case 'define':
        case 'pause':
        case 'resume':
        case 'stop':
        case 'set':
        case 'commit_load':
        case 'revoke_load':
          return null;
        default:
          return unreachable(command);
      }
    },
  };
}
