import { createHash } from 'node:crypto';
import type { Bus } from '../core/bus/port.ts';
import { paymentsTopic } from '../core/bus/topics.ts';
import type { Payment } from '../core/payment.ts';

/** What a payment says besides when we heard of it, as it would have been read at `heardMs`: a date alone is no later than that (see `readPayments`). */
function sayingOf({ accountId, amountMinor, currency, paidAtMs, postedAtMs, reverses }: Payment, heardMs: number): string {
  const parts = [accountId, amountMinor, currency, Math.min(paidAtMs, heardMs), postedAtMs === undefined ? '' : Math.min(postedAtMs, heardMs), reverses ?? ''];
  return createHash('sha256').update(parts.join('\0')).digest('base64').slice(0, 12);
}

/**
 * Reads the payments topic once and tells of a payment whether the last word about it on the bus says the same: then it need not be told again, which
 * would make it known later than it was. Some 150 bytes a payment.
 */
export async function toldPayments(bus: Bus): Promise<(payment: Payment) => boolean> {
  const told = new Map<string, { readonly heardMs: number; readonly saying: string }>();
  for await (const { value } of bus.scan(paymentsTopic)) told.set(value.paymentId, { heardMs: value.receivedAtMs, saying: sayingOf(value, value.receivedAtMs) });
  return (payment) => {
    const last = told.get(payment.paymentId);
    return last !== undefined && last.saying === sayingOf(payment, last.heardMs);
  };
}
