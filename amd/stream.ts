import { amdControlSchema, amdStartSchema, type AmdMessage, type AmdStart } from '../core/amd-wire.ts';
import { createDetector, type Detector, type DetectorEvent } from './detector.ts';
import type { PrintReader } from './fingerprint/print-listener.ts';

export interface FaultyStart {
  /** What was found and expected; never the token. */
  readonly fault: string;
  /** Whose it is, if that can be read. */
  readonly callId?: string;
}

const FAULT_CHARACTERS = 60;

/** mod_audio_fork of older builds appends `|mix|true|false|` and the like to the metadata; the JSON is what precedes it. */
export function parseStart(text: string): AmdStart | FaultyStart {
  const end = text.lastIndexOf('}');
  const json = end < 0 || !/^[\s|\w]*$/.test(text.slice(end + 1)) ? undefined : parseJson(text.slice(0, end + 1));
  if (typeof json !== 'object' || json === null) return { fault: 'found something else than a JSON object' };
  const parsed = amdStartSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const { path, message } = parsed.error.issues[0]!;
  const callId = amdStartSchema.shape.callId.safeParse('callId' in json ? json.callId : undefined);
  const value: unknown = path.reduce<unknown>((within, key) => (typeof within === 'object' && within !== null ? (within as Record<PropertyKey, unknown>)[key] : undefined), json);
  const found = path[0] === 'token' ? 'another' : value === undefined ? 'nothing' : JSON.stringify(value).slice(0, FAULT_CHARACTERS);
  return { fault: `${path.join('.')}: found ${found}; ${message}`, ...(callId.success ? { callId: callId.data } : {}) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const NOTHING: readonly AmdMessage[] = [];

/** Prints to match and to learn. */
export interface PrintBook extends PrintReader {
  /** What one call came upon: a known print, or its own if it had one. `callee` is a keyed hash of the number. */
  heard(callee: string, matchId: string | null, words: Uint32Array | null): void;
}

/** One call's audio: bytes and control frames in, messages out. Knows no socket. */
export class AmdStream {
  readonly start: AmdStart;
  private readonly detector: Detector;

  private readonly prints: PrintBook | null;
  private printTold = false;
  private bytes = 0;

  constructor(start: AmdStart, prints: PrintBook | null = null) {
    this.start = start;
    this.prints = prints;
    const { sampleRate, latestDecisionMs, earlyMedia, country, lostHumanCost, unsureMeans, ringMs, ringOdds } = start;
    this.detector = createDetector({
      sampleRate, latestDecisionMs, earlyMedia, prints, country: country ?? null, ringMs: ringMs ?? null,
      ...(lostHumanCost === undefined ? {} : { lostHumanCost }), ...(ringOdds === undefined ? {} : { ringOdds }), ...(unsureMeans === undefined ? {} : { unsureMeans }),
    });
  }

  /** Audio taken so far, ms. */
  get heardMs(): number {
    return Math.floor((this.bytes * 500) / this.start.sampleRate);
  }

  get done(): boolean {
    return this.detector.done;
  }

  /** Takes L16 bytes and returns what has fallen. */
  audio(bytes: Uint8Array): readonly AmdMessage[] {
    this.bytes += bytes.length;
    this.detector.pushBytes(bytes);
    if (this.done) this.tellPrint();
    return this.drain();
  }

  /** Takes a control frame; null if it is none that is known. */
  control(text: string): readonly AmdMessage[] | null {
    // `answered` is the only control there is; another would need a switch here.
    const control = amdControlSchema.safeParse(parseJson(text));
    if (!control.success) return null;
    this.detector.answered(control.data.ringMs);
    return this.drain();
  }

  /** No more audio will come. */
  ended(): void {
    this.tellPrint();
  }

  private tellPrint(): void {
    const { callee } = this.start;
    if (this.printTold || this.prints === null || callee === undefined) return;
    this.printTold = true;
    const { matchId, words } = this.detector.heardPrint;
    if (matchId !== null || words !== null) this.prints.heard(callee, matchId, words);
  }

  private drain(): readonly AmdMessage[] {
    let event = this.detector.next();
    // As nearly always: no list is made.
    if (event === null) return NOTHING;
    const messages: AmdMessage[] = [];
    for (; event !== null; event = this.detector.next()) messages.push(toMessage(event, this.start.callId));
    return messages;
  }
}

function toMessage(event: DetectorEvent, callId: string): AmdMessage {
  return { ...event, callId };
}
