import { createHash, randomBytes } from 'node:crypto';

let lastMs = 0;
let counter = 0;

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
  const bytes = randomBytes(16);
  bytes.writeUIntBE(lastMs, 0, 6);
  bytes.writeUInt16BE(0x7000 | counter, 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of one account's contact in one campaign: the same on every load, so that nobody is added twice. */
export function contactIdOf(campaignId: string, accountId: string): string {
  return createHash('sha256').update(campaignId).update('\0').update(accountId).digest('hex').slice(0, 32);
}

/**
 * A number in [0, 1) that depends on the parts alone; the product's only source of repeatable chance
 * (hold-out draw, caller-id choice, personas). 52 bits of SHA-256.
 */
export function hashFraction(...parts: readonly string[]): number {
  const digest = createHash('sha256').update(parts.join('\0')).digest();
  return (digest.readUIntBE(0, 6) * 16 + (digest[6]! >> 4)) / 2 ** 52;
}
