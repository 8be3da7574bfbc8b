import * as crypto from 'node:crypto';
import { createHash, randomBytes } from 'node:crypto';

/** SHA-256, in hex or as one character a byte (Latin-1, which Node calls `binary`). The one-shot form (Node 20.12) takes 0.6 µs for a short text, the other 2.3 µs and an object to collect. */
const sha256: (text: string, encoding: 'hex' | 'binary') => string =
  'hash' in crypto ? (text, encoding) => crypto.hash('sha256', text, encoding) : (text, encoding) => createHash('sha256').update(text).digest(encoding);

let lastMs = 0;
let counter = 0;

// Asking the system for 16 bytes costs as much as for some thousands.
const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);
let used = 0;

function randomSixteen(): Buffer {
  if (used + 16 > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  used += 16;
  return pool.subarray(used - 16, used);
}

/**
 * A time-ordered unique id: UUID version 7 (RFC 9562, section 5.7). Ids made in one process sort in the order
 * they were made: within a millisecond `rand_a` counts up.
 * @param nowMs milliseconds since the epoch
 */
export function newId(nowMs: number): string {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = 0;
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
  const bytes = randomSixteen();
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of one account's contact in one campaign: the same on every load, so that nobody is added twice. */
export function contactIdOf(campaignId: string, accountId: string): string {
  return sha256(`${campaignId}\0${accountId}`, 'hex').slice(0, 32);
}

/**
 * A number in [0, 1) that depends on the parts alone; the product's only source of repeatable chance
 * (hold-out draw, caller-id choice, personas). 52 bits of SHA-256.
 */
export function hashFraction(...parts: readonly string[]): number {
  // The first 24 bits and the next 28. As numbers, not as 13 hex digits parsed: 0.27 µs in place of 0.55.
  const bytes = sha256(parts.join('\0'), 'binary');
  const high = (bytes.charCodeAt(0) << 16) | (bytes.charCodeAt(1) << 8) | bytes.charCodeAt(2);
  const low = (bytes.charCodeAt(3) << 20) | (bytes.charCodeAt(4) << 12) | (bytes.charCodeAt(5) << 4) | (bytes.charCodeAt(6) >> 4);
  return (high * 2 ** 28 + low) / 2 ** 52;
}
