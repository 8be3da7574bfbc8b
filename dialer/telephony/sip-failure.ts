import type { CallFailure } from './port.ts';
import { q850CauseOf } from './reason-header.ts';

/** What drachtio-srf rejects with on a final response; its types do not tell. */
interface SipError extends Error {
  readonly status: number;
  readonly reason?: string;
  readonly res?: { get(header: string): string | null | undefined };
}

const isSipError = (error: unknown): error is SipError => error instanceof Error && 'status' in error && typeof error.status === 'number';

/** Words of a server for a log: short, one line, without anything that could be a phone. */
export function plainWords(text: string): string {
  return text.replace(/[^\x21-\x7e]+/g, ' ').replace(/\+?\d{5,}/g, '***').trim().slice(0, 200);
}

export function plainReason(error: unknown): string {
  return plainWords(error instanceof Error ? error.message : String(error)) || 'unknown';
}

/** Why an INVITE was not answered: a final response, or a SIP server that would not or could not send it. */
export function sipFailureOf(error: unknown): CallFailure {
  if (!isSipError(error)) return { kind: 'signalling', reason: plainReason(error) };
  return { kind: 'sip', status: error.status, q850Cause: q850CauseOf(error.res?.get('Reason')), reason: plainWords(error.reason ?? '') };
}
