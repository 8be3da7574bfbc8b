import type { Frame } from '../audio/frame.ts';

/**
 * Why the call failed, by the North American patterns (AT&T Notes on the Network; Telcordia GR-674 and SR-2275): which of the first two
 * segments is low or high (913.8 or 985.2, 1370.6 or 1428.5 Hz) and short or long (274 or 380 ms). The third is 1776.7 Hz and long.
 * `unspecified`: the international tone (ITU-T E.180/Q.35), which gives no cause.
 */
export type SitCause = 'intercept' | 'vacant_code' | 'no_circuit' | 'reorder' | 'reserved' | 'unspecified';

export interface SpecialInformationTone {
  cause: SitCause;
  /** Mean frequency of each segment, Hz. */
  hz: readonly [number, number, number];
}

const PATTERNS: Readonly<Record<string, SitCause>> = {
  'low short, low short': 'intercept',
  'high long, low short': 'vacant_code',
  'high long, high long': 'no_circuit',
  'low long, low long': 'no_circuit',
  'low short, high long': 'reorder',
  'high short, low long': 'reorder',
  'low long, high short': 'reserved',
  'high short, high short': 'reserved',
};

/** E.180: 950, 1400, 1800 Hz, 50 Hz up or down, and 9 Hz of measurement. The North American frequencies lie within. */
const ZONES: readonly (readonly [number, number])[] = [[891, 1009], [1341, 1459], [1741, 1859]];
const PAIRS: readonly (readonly [number, number])[] = [[913.8, 985.2], [1370.6, 1428.5]];
/** A North American segment is within 0.2 %; what more there is, is ours. */
const PAIR_TOLERANCE_HZ = 14;
const SHORT_MS = 274;
const LONG_MS = 380;
const LENGTH_TOLERANCE_MS = 36;

const HOP_MS = 10;
const MIN_PURITY = 0.55;
const MIN_LEVEL_DB = -56;
/** E.180 has 330 ms +-70 and gaps up to 30 ms; a window and a concealed packet eat from one and add to the other. */
const MIN_FRAMES = 11;
const MAX_SEGMENT_MS = 490;
const MAX_GAP_MS = 110;
/** The third segment is believed once it has sounded in this many frames. */
const THIRD_FRAMES = 8;
/** E.180 allows 3 dB between segments; channels are not flat. */
const MAX_LEVEL_SPREAD_DB = 9;
const MAX_DEVIATION_HZ = 20;

/**
 * Special information tone: three rising segments in a row, counted frame by frame so that one spoilt frame costs nothing.
 * States: `segment` is which of them sounds (-1 none). Lost when a segment is too short, too long, unsteady, or a gap too long.
 */
export class SitDetector {
  found: SpecialInformationTone | null = null;
  private segment = -1;
  private readonly startMs = new Float64Array(3);
  private readonly lastMs = new Float64Array(3);
  private readonly count = new Float64Array(3);
  private readonly hzSum = new Float64Array(3);
  private readonly hzSquares = new Float64Array(3);
  private readonly dbSum = new Float64Array(3);

  push(frame: Frame, timeMs: number): void {
    if (this.found !== null) return;
    const zone = zoneOf(frame);
    const { segment } = this;
    if (segment >= 0 && timeMs - this.lastMs[segment]! > MAX_GAP_MS) this.segment = -1;
    if (zone < 0) return;
    if (zone === this.segment) {
      this.take(zone, frame, timeMs);
      if (timeMs - this.startMs[zone]! > MAX_SEGMENT_MS) this.segment = -1;
      else if (zone === 2 && this.count[2]! >= THIRD_FRAMES && this.isSteady()) this.found = this.told();
    } else if (this.segment >= 0 && zone === this.segment + 1 && this.count[this.segment]! >= MIN_FRAMES) {
      this.begin(zone, frame, timeMs);
    } else if (zone === 0 && this.segment < 1) this.begin(0, frame, timeMs);
  }

  private begin(zone: number, frame: Frame, timeMs: number): void {
    this.segment = zone;
    this.startMs[zone] = timeMs;
    this.count[zone] = 0;
    this.hzSum[zone] = 0;
    this.hzSquares[zone] = 0;
    this.dbSum[zone] = 0;
    this.take(zone, frame, timeMs);
  }

  private take(zone: number, frame: Frame, timeMs: number): void {
    this.lastMs[zone] = timeMs;
    this.count[zone]! += 1;
    this.hzSum[zone]! += frame.peakHz;
    this.hzSquares[zone]! += frame.peakHz * frame.peakHz;
    this.dbSum[zone]! += frame.peakDb;
  }

  private isSteady(): boolean {
    let lowDb = Infinity;
    let highDb = -Infinity;
    for (let zone = 0; zone < 3; zone++) {
      const count = this.count[zone]!;
      const mean = this.hzSum[zone]! / count;
      if (this.hzSquares[zone]! / count - mean * mean > MAX_DEVIATION_HZ * MAX_DEVIATION_HZ) return false;
      if (count * HOP_MS < 0.5 * (this.lastMs[zone]! - this.startMs[zone]!)) return false;
      lowDb = Math.min(lowDb, this.dbSum[zone]! / count);
      highDb = Math.max(highDb, this.dbSum[zone]! / count);
    }
    return highDb - lowDb <= MAX_LEVEL_SPREAD_DB;
  }

  private told(): SpecialInformationTone {
    const hz = [0, 1, 2].map((zone) => this.hzSum[zone]! / this.count[zone]!) as [number, number, number];
    const first = this.kindOf(0, hz[0], this.startMs[1]! - this.startMs[0]!);
    const second = this.kindOf(1, hz[1], this.startMs[2]! - this.startMs[1]!);
    return { hz, cause: (first !== null && second !== null ? PATTERNS[`${first}, ${second}`] : undefined) ?? 'unspecified' };
  }

  private kindOf(zone: 0 | 1, hz: number, lengthMs: number): string | null {
    const [low, high] = PAIRS[zone]!;
    const pitch = Math.abs(hz - low) <= PAIR_TOLERANCE_HZ ? 'low' : Math.abs(hz - high) <= PAIR_TOLERANCE_HZ ? 'high' : null;
    const length = Math.abs(lengthMs - SHORT_MS) <= LENGTH_TOLERANCE_MS ? 'short' : Math.abs(lengthMs - LONG_MS) <= LENGTH_TOLERANCE_MS ? 'long' : null;
    return pitch === null || length === null ? null : `${pitch} ${length}`;
  }
}

function zoneOf(frame: Frame): number {
  if (frame.purity < MIN_PURITY || frame.peakDb < MIN_LEVEL_DB) return -1;
  const hz = frame.peakHz;
  for (let zone = 0; zone < 3; zone++) if (hz >= ZONES[zone]![0] && hz <= ZONES[zone]![1]) return zone;
  return -1;
}

/** What an operator reads. */
export const SIT_MEANING: Readonly<Record<SitCause, string>> = {
  intercept: 'number changed or out of service (intercept)',
  vacant_code: 'no such number (vacant code)',
  no_circuit: 'no circuit free',
  reorder: 'the network could not complete the call (reorder)',
  reserved: 'a pattern without a meaning yet',
  unspecified: 'the number cannot be reached',
};
