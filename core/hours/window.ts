import { WEEKDAYS, type CallingWindow } from './calling-window.ts';
import { DAY_MS, dateOfDay, localTimeAt, offsetChangeWithin, offsetMsAt } from './zoned-time.ts';

export type WindowState =
  | { readonly open: true; readonly closesAtMs: number }
  /** `opensAtMs` is null if it does not open within {@link HORIZON_DAYS}. */
  | { readonly open: false; readonly opensAtMs: number | null };

/** No call is decided so shortly before the window closes or the campaign ends: its INVITE leaves a moment later. */
export const CLOSING_GUARD_MS = 30_000;
/** How far ahead an opening is looked for. */
export const HORIZON_DAYS = 400;
/** A window open for so long is said to close then: whoever asks again gets a later answer. */
const LONGEST_OPEN_DAYS = 8;

/** Open from (inclusive) and to (exclusive), ms since the local midnight by the wall's clock. */
interface Range {
  readonly fromMs: number;
  readonly toMs: number;
}

interface ParsedWindow {
  readonly weekdays: readonly (readonly Range[])[];
  readonly holiday: readonly Range[];
  readonly holidays: ReadonlySet<string>;
}

const parsed = new WeakMap<CallingWindow, ParsedWindow>();

function parseHours(hours: readonly string[]): Range[] {
  const clock = (text: string) => (Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5))) * 60_000;
  return hours.map((text) => ({ fromMs: clock(text.slice(0, 5)), toMs: clock(text.slice(6)) }));
}

function parseWindow(window: CallingWindow): ParsedWindow {
  let result = parsed.get(window);
  if (result === undefined) {
    result = { weekdays: WEEKDAYS.map((weekday) => parseHours(window[weekday])), holiday: parseHours(window.holiday), holidays: new Set(window.holidays) };
    parsed.set(window, result);
  }
  return result;
}

/**
 * Whether calling is allowed at an instant and until when, or from when. It is allowed while the wall's clock at the
 * callee's shows a time within the hours of the local date, whatever is done to that clock: hours that a change of the
 * clock skips do not exist, hours that come twice are open twice.
 * @param holidays local dates (`YYYY-MM-DD`) on which `window.holiday` holds; `window.holidays` are added to them
 * @throws ObzvonError `bad_input` if the zone is not known
 */
export function windowAt(window: CallingWindow, holidays: ReadonlySet<string>, zone: string, nowMs: number): WindowState {
  const hours = parseWindow(window);
  const rangesOf = (day: number, weekday: number): readonly Range[] => {
    const date = dateOfDay(day);
    return holidays.has(date) || hours.holidays.has(date) ? hours.holiday : hours.weekdays[weekday]!;
  };
  const isOpen = (atMs: number): boolean => {
    const local = localTimeAt(zone, atMs);
    return rangesOf(local.day, local.weekday).some((range) => local.msOfDay >= range.fromMs && local.msOfDay < range.toMs);
  };

  const open = isOpen(nowMs);
  const horizonMs = nowMs + (open ? LONGEST_OPEN_DAYS : HORIZON_DAYS) * DAY_MS;
  // From boundary to boundary (an hour's begin or end, midnight, a change of the clock) until the answer is another.
  for (let atMs = nowMs; atMs < horizonMs; ) {
    const local = localTimeAt(zone, atMs);
    let nextMs = DAY_MS;
    for (const { fromMs, toMs } of rangesOf(local.day, local.weekday)) {
      if (fromMs > local.msOfDay && fromMs < nextMs) nextMs = fromMs;
      if (toMs > local.msOfDay && toMs < nextMs) nextMs = toMs;
    }
    const boundaryMs = local.day * DAY_MS + nextMs - offsetMsAt(zone, atMs);
    atMs = offsetChangeWithin(zone, atMs, boundaryMs) ?? boundaryMs;
    if (isOpen(atMs) !== open) return open ? { open, closesAtMs: atMs } : { open, opensAtMs: atMs };
  }
  return open ? { open, closesAtMs: horizonMs } : { open, opensAtMs: null };
}

/**
 * The first instant from `fromMs` on at which a call may start and the window stays open for `guardMs` more (a call is
 * decided a moment before its INVITE leaves); null if there is none within {@link HORIZON_DAYS}.
 */
export function firstOpenFrom(window: CallingWindow, holidays: ReadonlySet<string>, zone: string, fromMs: number, guardMs: number): number | null {
  let atMs = fromMs;
  while (atMs < fromMs + HORIZON_DAYS * DAY_MS) {
    const state = windowAt(window, holidays, zone, atMs);
    if (!state.open) {
      if (state.opensAtMs === null) return null;
      atMs = state.opensAtMs;
    } else if (state.closesAtMs - atMs > guardMs) {
      return atMs;
    } else {
      atMs = state.closesAtMs;
    }
  }
  return null;
}
