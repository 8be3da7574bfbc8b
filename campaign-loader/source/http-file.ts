import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ObzvonError } from '../../core/errors.ts';
import type { ByteFile } from './byte-file.ts';
import { shownUrl } from './shown-url.ts';

export interface HttpOptions {
  /** Told of each break and what is done about it. */
  readonly onTrouble?: ((text: string) => void) | undefined;
  /** Waits between tries, in milliseconds; a try that got further starts over with the first. Default: 0.5, 1, 2, 4, 8, 16 s. */
  readonly waitsMs?: readonly number[] | undefined;
  /** Longest silence of the server. Default: 60 s. */
  readonly silenceMs?: number | undefined;
}

const WAITS_MS = [500, 1000, 2000, 4000, 8000, 16_000];
const SILENCE_MS = 60_000;
const RETRYABLE = new Set([408, 425, 429, 500, 502, 503, 504]);

/** What may change a try into another: it broke and may be tried again, or there is no use in it. */
type Fault = { readonly kind: 'again'; readonly why: string; readonly waitMs: number } | { readonly kind: 'final'; readonly error: ObzvonError };

/**
 * Opens a list at `http(s)://`. Where the connection breaks, reading goes on from there: by `Range` with `If-Range` (RFC 9110, 13.1.5 and 14.2)
 * if the server gave a strong validator; else the list is fetched again, and the bytes already read are compared by their hash and passed over.
 * Either way no row comes twice; a list that changed meanwhile is an error.
 * @throws ObzvonError not_found (no such list), unreachable (server away or breaking off too often), bad_input (changed while it was read)
 */
export async function fileOfUrl(url: string, options: HttpOptions = {}): Promise<ByteFile> {
  const fetching = new Fetching(url, options);
  const body = await fetching.begin();
  return { name: fetching.name, path: null, totalBytes: fetching.totalBytes, again: false, compression: 'none', open: (meter) => fetching.read(body, (bytes) => meter?.take(bytes)) };
}

class Fetching {
  readonly name: string;
  totalBytes: number | null = null;
  readonly #url: string;
  readonly #headers: Record<string, string>;
  readonly #options: HttpOptions;
  readonly #waitsMs: readonly number[];
  #failures = 0;
  #abort = new AbortController();
  #silence: NodeJS.Timeout | null = null;
  /** Of the first answer. */
  #etag: string | null = null;
  #modified: string | null = null;
  #modifiedIsStrong = false;
  #ranges = false;
  /** Bytes given on, and their hash. */
  #given = 0;
  readonly #hash: Hash = createHash('sha256');

  constructor(url: string, options: HttpOptions) {
    const parsed = new URL(url);
    this.name = shownUrl(url);
    this.#options = options;
    this.#waitsMs = options.waitsMs ?? WAITS_MS;
    // Packed on the way, offsets would count other bytes at each try.
    this.#headers = { 'accept-encoding': 'identity', accept: '*/*' };
    if (parsed.username !== '' || parsed.password !== '') {
      this.#headers['authorization'] = `Basic ${Buffer.from(`${decodeURIComponent(parsed.username)}:${decodeURIComponent(parsed.password)}`).toString('base64')}`;
      parsed.username = '';
      parsed.password = '';
    }
    this.#url = parsed.href;
  }

  /** The first answer, however many tries it takes. */
  async begin(): Promise<Response> {
    for (;;) {
      const answer = await this.#ask({});
      if (answer instanceof Response) {
        if (answer.ok && answer.body !== null) {
          this.#note(answer);
          return answer;
        }
        await this.#fail(await this.#refusal(answer));
      } else await this.#fail(answer);
    }
  }

  async *read(first: Response, take: (bytes: Buffer) => void): AsyncGenerator<Buffer> {
    let response: Response | null = first;
    let skip: { left: number; readonly hash: Hash } | null = null;
    try {
      for (;;) {
        let fault: Fault | null = null;
        if (response !== null) {
          try {
            for await (const piece of response.body! as AsyncIterable<Uint8Array>) {
              this.#stillThere();
              let bytes: Buffer = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
              if (skip !== null) {
                const passed = bytes.subarray(0, skip.left);
                skip.hash.update(passed);
                skip.left -= passed.length;
                bytes = bytes.subarray(passed.length);
                if (skip.left > 0) continue;
                if (skip.hash.digest('hex') !== this.#hash.copy().digest('hex')) throw this.#changed();
                skip = null;
              }
              if (bytes.length === 0) continue;
              this.#given += bytes.length;
              this.#hash.update(bytes);
              this.#failures = 0;
              take(bytes);
              // Whoever takes the bytes may take long.
              this.#quiet();
              yield bytes;
              this.#stillThere();
            }
            if (skip !== null) throw this.#changed();
            if (this.totalBytes === null || this.#given === this.totalBytes) return;
            fault = this.#again(`the connection ended after ${this.#given} of ${this.totalBytes} bytes`);
          } catch (error) {
            if (error instanceof ObzvonError) throw error;
            fault = this.#again(reasonOf(error));
          }
        }
        if (fault !== null) await this.#fail(fault);
        ({ response, skip } = await this.#resume());
      }
    } finally {
      this.#quiet();
      this.#abort.abort();
    }
  }

  /** Asks for the rest; a null response: failed and waited, ask again. */
  async #resume(): Promise<{ response: Response | null; skip: { left: number; readonly hash: Hash } | null }> {
    const validator = this.#etag ?? (this.#modifiedIsStrong ? this.#modified : null);
    const asksRange = this.#ranges && validator !== null && this.#given > 0;
    const answer = await this.#ask(asksRange ? { range: `bytes=${this.#given}-`, 'if-range': validator } : {});
    if (!(answer instanceof Response)) {
      await this.#fail(answer);
      return { response: null, skip: null };
    }
    if (answer.status === 206) {
      const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.headers.get('content-range') ?? '');
      if (!asksRange || range === null || Number(range[1]) !== this.#given || this.#validatorsDiffer(answer)) throw this.#changed();
      return { response: answer, skip: null };
    }
    if (answer.status === 200) {
      // Sent from the beginning: the server knows no ranges, or the list changed. What was read already tells.
      if (this.#validatorsDiffer(answer)) throw this.#changed();
      const length = lengthOf(answer);
      if (this.totalBytes !== null && length !== null && length !== this.totalBytes) throw this.#changed();
      return { response: answer, skip: this.#given === 0 ? null : { left: this.#given, hash: createHash('sha256') } };
    }
    if (answer.status === 416) throw this.#changed();
    await this.#fail(await this.#refusal(answer));
    return { response: null, skip: null };
  }

  async #ask(more: Record<string, string>): Promise<Response | Fault> {
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#stillThere();
    try {
      return await fetch(this.#url, { headers: { ...this.#headers, ...more }, signal: this.#abort.signal, redirect: 'follow' });
    } catch (error) {
      return this.#again(reasonOf(error));
    }
  }

  #note(response: Response): void {
    const etag = response.headers.get('etag');
    this.#etag = etag !== null && !etag.startsWith('W/') ? etag : null;
    this.#modified = response.headers.get('last-modified');
    // A date is a strong validator only if it is a minute older than the answer (RFC 9110, 8.8.2.2).
    const age = Date.parse(response.headers.get('date') ?? '') - Date.parse(this.#modified ?? '');
    this.#modifiedIsStrong = age >= 60_000;
    this.#ranges = response.headers.get('accept-ranges')?.toLowerCase() !== 'none' && isPlain(response);
    this.totalBytes = lengthOf(response);
  }

  #validatorsDiffer(response: Response): boolean {
    const etag = response.headers.get('etag');
    if (this.#etag !== null && etag !== null) return etag !== this.#etag;
    const modified = response.headers.get('last-modified');
    return this.#modified !== null && modified !== null && modified !== this.#modified;
  }

  async #refusal(response: Response): Promise<Fault> {
    const { status } = response;
    await response.body?.cancel().catch(() => undefined);
    if (RETRYABLE.has(status)) {
      const after = Number(response.headers.get('retry-after'));
      const fault = this.#again(`the server answered ${status}`);
      return fault.kind === 'again' && after > 0 ? { ...fault, waitMs: Math.max(fault.waitMs, Math.min(after, 60) * 1000) } : fault;
    }
    const text = status === 401 || status === 403 ? 'the server wants other credentials: give them in the URL (https://user:password@host/...)' : status === 404 || status === 410 ? 'there is no such list' : 'expected a list';
    return { kind: 'final', error: new ObzvonError(status === 404 || status === 410 ? 'not_found' : 'unreachable', `${this.name}: the server answered ${status}; ${text}`) };
  }

  #again(why: string): Fault {
    const waitMs = this.#waitsMs[this.#failures];
    this.#failures += 1;
    if (waitMs !== undefined) return { kind: 'again', why, waitMs };
    return { kind: 'final', error: new ObzvonError('unreachable', `${this.name}: ${why}; tried ${this.#failures} times without getting further than byte ${this.#given}; expected the list: try again later, what is loaded already is passed over then`) };
  }

  async #fail(fault: Fault): Promise<void> {
    this.#quiet();
    if (fault.kind === 'final') throw fault.error;
    this.#options.onTrouble?.(`${this.name}: ${fault.why}; trying again from byte ${this.#given} in ${fault.waitMs / 1000} s`);
    await sleep(fault.waitMs);
  }

  #changed(): ObzvonError {
    return new ObzvonError('bad_input', `${this.name}: the list changed on the server while it was read (after ${this.#given} bytes); the rows so far are of the old one: read it again from the beginning, what is loaded already is passed over then`);
  }

  /** The server has so long again to say something. */
  #stillThere(): void {
    this.#quiet();
    const silenceMs = this.#options.silenceMs ?? SILENCE_MS;
    this.#silence = setTimeout(() => this.#abort.abort(new Error(`nothing came for ${silenceMs / 1000} s`)), silenceMs);
    this.#silence.unref();
  }

  #quiet(): void {
    if (this.#silence !== null) clearTimeout(this.#silence);
    this.#silence = null;
  }
}

function lengthOf(response: Response): number | null {
  const length = response.headers.get('content-length');
  // If it was packed on the way all the same, the length counts other bytes than come out.
  return length === null || !isPlain(response) ? null : Number(length);
}

const isPlain = (response: Response): boolean => (response.headers.get('content-encoding') ?? 'identity') === 'identity';

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed';
  const cause = error.cause instanceof Error ? error.cause : error;
  const code = 'code' in cause ? String(cause.code) : '';
  return code === 'ECONNREFUSED' ? 'the server cannot be reached (ECONNREFUSED)' : code.startsWith('E') || code.startsWith('UND_') ? `the connection broke (${code})` : cause.message === 'terminated' ? 'the connection broke' : cause.message;
}
