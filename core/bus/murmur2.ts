const SEED = 0x9747b28c;
const M = 0x5bd1e995;

/**
 * MurmurHash2, 32 bits (A. Appleby), with the seed of Kafka's own clients (org.apache.kafka.common.utils.Utils.murmur2): which partition a
 * key belongs to. kafkajs's own takes 5 µs for a contact's id, as it reckons in BigInt; this one 0.1.
 * @returns a signed 32-bit number
 */
export function murmur2(bytes: Uint8Array, from: number, length: number): number {
  let hash = SEED ^ length;
  const whole = from + (length & ~3);
  let at = from;
  for (; at < whole; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    word = Math.imul(word, M);
    word = Math.imul(word ^ (word >>> 24), M);
    hash = Math.imul(hash, M) ^ word;
  }
  const rest = length & 3;
  if (rest === 3) hash ^= bytes[at + 2]! << 16;
  if (rest >= 2) hash ^= bytes[at + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[at]!, M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}
