/** drachtio-server's framing: `<length in bytes>#<payload>`, both ways. */
export function frame(payload: string): string {
  return `${Buffer.byteLength(payload)}#${payload}`;
}

/** A peer that does not keep to the framing. */
export class FramingError extends Error {}

const HASH = 0x23;
/** More digits than any message needs; a longer prefix is not this protocol. */
const MAX_LENGTH_DIGITS = 8;

/** Cuts a byte stream into payloads; reads may split and join them anywhere, also within a character. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** @throws FramingError when the bytes are no frame; the connection is then of no more use. */
  push(chunk: Buffer): string[] {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const payloads: string[] = [];
    let at = 0;
    for (;;) {
      const hash = bytes.indexOf(HASH, at);
      if (hash < 0) {
        if (bytes.length - at > MAX_LENGTH_DIGITS) throw new FramingError('expected "<length>#", found no #');
        break;
      }
      const digits = bytes.toString('latin1', at, hash);
      if (!/^\d{1,8}$/.test(digits)) throw new FramingError('expected "<length>#", found something else');
      const end = hash + 1 + Number(digits);
      if (end > bytes.length) break;
      payloads.push(bytes.toString('utf8', hash + 1, end));
      at = end;
    }
    this.#rest = bytes.subarray(at);
    return payloads;
  }
}
