import type { Attempt } from '../../core/attempt.ts';
import type { ContactClosed } from '../../core/contact.ts';

/** What the dialer tells of its work, as it happens; metrics and progress lines are made from these alone. */
export type DialerEvent =
  | { readonly kind: 'call_started'; readonly campaignId: string; readonly trunk: string }
  | { readonly kind: 'call_ringing'; readonly campaignId: string }
  | { readonly kind: 'call_answered'; readonly campaignId: string }
  /** `waitedMs`: how long the callee was quiet before they were spoken to; null: they were not, or it is not known. */
  | { readonly kind: 'attempt_ended'; readonly attempt: Attempt; readonly waitedMs: number | null }
  /** A call that never reached the switch: no attempt was placed. */
  | { readonly kind: 'call_not_placed'; readonly campaignId: string; readonly reason: string }
  | { readonly kind: 'contact_closed'; readonly closed: ContactClosed }
  | { readonly kind: 'lease_lost'; readonly campaignId: string }
  | { readonly kind: 'trunk_rate'; readonly trunk: string; readonly callsPerSecond: number; readonly maxCallsPerSecond: number };

export type DialerListener = (event: DialerEvent) => void;
