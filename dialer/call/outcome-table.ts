import { unreachable } from '../../core/errors.ts';
import type { Outcome } from '../../core/outcome.ts';
import type { CallFailure } from '../telephony/port.ts';

/** Whose doing it was that a call was not answered. */
export type FaultParty = 'callee' | 'network' | 'trunk' | 'dialer';

export interface FailureMeaning {
  readonly outcome: Outcome;
  readonly fault: FaultParty;
  /** True if the trunk says it is overloaded: the pacer eases it off. */
  readonly easesTrunk: boolean;
}

const meaning = (outcome: Outcome, fault: FaultParty, easesTrunk = false): FailureMeaning => ({ outcome, fault, easesTrunk });

const BUSY = meaning('busy', 'callee');
const REJECTED = meaning('rejected', 'callee');
const NO_ANSWER = meaning('no_answer', 'callee');
const INVALID = meaning('invalid_number', 'callee');
const ABSENT = meaning('unreachable', 'callee');
const NO_ROUTE = meaning('unreachable', 'network');
const CONGESTION = meaning('congestion', 'trunk', true);
const FAILED_TRUNK = meaning('failed', 'trunk');
const FAILED_DIALER = meaning('failed', 'dialer');

/**
 * Causes of ITU-T Q.850 (table 1) that say more than the SIP status they come with: the telephone network's own word on
 * the callee, which the gateway had to squeeze into a status (RFC 3398, 7.2.4.1). Causes that say little (16 and 31
 * normal clearing, 102 timer, 127 interworking) are left out: then the status speaks.
 */
const BY_CAUSE = new Map<number, FailureMeaning>([
  [1, INVALID], // unallocated number
  [2, NO_ROUTE], // no route to the transit network
  [3, NO_ROUTE], // no route to the destination
  [17, BUSY], // user busy
  [18, NO_ANSWER], // no user responding
  [19, NO_ANSWER], // user alerted, no answer
  [20, ABSENT], // subscriber absent: switched off or out of coverage
  [21, REJECTED], // call rejected
  [22, INVALID], // number changed
  [27, ABSENT], // destination out of order
  [28, INVALID], // invalid number format, address incomplete
  [34, CONGESTION], // no circuit available
  [38, CONGESTION], // network out of order
  [41, CONGESTION], // temporary failure
  [42, CONGESTION], // switching equipment congestion
  [44, CONGESTION], // requested circuit not available
  [47, CONGESTION], // resource unavailable
]);

/** Final SIP responses (RFC 3261, section 21), read the way RFC 3398, 8.2.6.1 maps them onto causes. */
const BY_STATUS = new Map<number, FailureMeaning>([
  [403, REJECTED],
  [404, INVALID],
  // Nothing answered the INVITE in time, not even with ringing: nobody was alerted.
  [408, NO_ROUTE],
  [410, INVALID],
  [429, CONGESTION],
  [433, REJECTED], // RFC 5079: anonymity disallowed
  // RFC 3398 maps 480 to cause 18; a gateway that knows better sends its cause.
  [480, NO_ANSWER],
  [484, INVALID],
  [485, INVALID],
  [486, BUSY],
  // Somebody between us and the callee cancelled it after its own ring time.
  [487, NO_ANSWER],
  [502, NO_ROUTE],
  [503, CONGESTION],
  [504, NO_ROUTE],
  [600, BUSY],
  [603, REJECTED],
  [604, INVALID],
  [607, REJECTED], // RFC 8197: unwanted
  [608, REJECTED], // RFC 8688: rejected by an analytics engine
]);

/**
 * What a call that was never answered means: the outcome for the retry rules, whose fault it was, and whether its trunk
 * should be eased off. The table test beside it is the specification.
 *
 * A Q.850 cause of {@link BY_CAUSE} wins over the SIP status. A 503 always eases the trunk, whatever its cause (RFC 3261,
 * 21.5.4: the server asks for fewer requests). A status in no table is the trunk's failure.
 */
export function outcomeOfFailure(failure: CallFailure): FailureMeaning {
  switch (failure.kind) {
    case 'sip': {
      const found = BY_CAUSE.get(failure.q850Cause) ?? BY_STATUS.get(failure.status) ?? FAILED_TRUNK;
      return failure.status === 503 ? { ...found, easesTrunk: true } : found;
    }
    case 'cancelled':
      // Asked for (a payment, a stop, a drain): the callee was not left to answer, so it is not `no_answer`.
      return failure.why === 'ring_timeout' ? NO_ANSWER : FAILED_DIALER;
    case 'media':
    case 'signalling':
      return FAILED_DIALER;
    default:
      return unreachable(failure);
  }
}
