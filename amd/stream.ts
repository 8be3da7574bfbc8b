import { amdControlSchema, amdStartSchema, type AmdMessage, type AmdStart } from '../core/amd-wire.ts';
import { createDetector, type Detector, type DetectorEvent } from './detector.ts';

/** mod_audio_fork of older builds appends `|mix|true|false|` and the like to the metadata; the JSON is what precedes it. */
export function parseStart(text: string): AmdStart | null {
  const end = text.lastIndexOf('}');
  if (end < 0 || !/^[\s|\w]*$/.test(text.slice(end + 1))) return null;
  const parsed = amdStartSchema.safeParse(parseJson(text.slice(0, end + 1)));
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One call's audio: bytes and control frames in, messages out. Knows no socket. */
export class AmdStream {
  readonly start: AmdStart;
  private readonly detector: Detector;

  constructor(start: AmdStart) {
    this.start = start;
    this.detector = createDetector({ sampleRate: start.sampleRate, latestDecisionMs: start.latestDecisionMs, earlyMedia: start.earlyMedia });
  }

  get done(): boolean {
    return this.detector.done;
  }

  /** Takes L16 bytes and returns what has fallen. */
  audio(bytes: Uint8Array): AmdMessage[] {
    this.detector.pushBytes(bytes);
    return this.drain();
  }

  /** Takes a control frame; null if it is none that is known. */
  control(text: string): AmdMessage[] | null {
    // `answered` is the only control there is; another would need a switch here.
    if (!amdControlSchema.safeParse(parseJson(text)).success) return null;
    this.detector.answered();
    return this.drain();
  }

  private drain(): AmdMessage[] {
    const messages: AmdMessage[] = [];
    for (let event = this.detector.next(); event !== null; event = this.detector.next()) messages.push(toMessage(event, this.start.callId));
    return messages;
  }
}

function toMessage(event: DetectorEvent, callId: string): AmdMessage {
  return { ...event, callId };
}
