import { randomBytes, randomUUID } from 'node:crypto';

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTUVXYZabcdefghjkmnpqrstvyz';
const POOL_BYTES = 8192;
let pool: Buffer = Buffer.alloc(0);
let used = 0;

/** A tag or branch as sofia-sip makes them: 13 letters and digits. */
export function sipTag(): string {
  if (used + 13 > pool.length) {
    pool = randomBytes(POOL_BYTES);
    used = 0;
  }
  let tag = '';
  for (let i = 0; i < 13; i++) tag += ALPHABET[pool[used++]! % ALPHABET.length]!;
  return tag;
}

export function sipBranch(): string {
  return `z9hG4bK${sipTag()}`;
}

export const uuid: () => string = randomUUID;

let lastMs = 0;
let lastText = '';
let micros = 0;

/** The time of day as drachtio-server stamps its messages, `19:33:53.518350`. */
export function stampOfDay(): string {
  const now = Date.now();
  if (now !== lastMs) {
    lastMs = now;
    lastText = new Date(now).toISOString().slice(11, 23);
    micros = 0;
  }
  micros = (micros + 1) % 1000;
  return lastText + String(micros).padStart(3, '0');
}
