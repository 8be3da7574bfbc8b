import { capsSchema, type Caps } from '../caps.ts';
import { WEEKDAYS, WINDOW_DAYS, windowSchema, type CallingWindow, type WindowDay } from '../hours/calling-window.ts';
import { isRuleSetId, ruleSetOf, type RuleSet } from './rule-set.ts';

/* A campaign under a rule set: stricter than the law as it likes, never laxer. */

/** One setting of a campaign that its rule set does not allow. */
export interface LaxSetting {
  readonly path: readonly string[];
  readonly message: string;
}

const CAPS = ['perDay', 'perWeek', 'perMonth', 'restAfterConversationDays', 'minGapMinutes'] as const;
type Cap = (typeof CAPS)[number];
/** Of rests the longer is the stricter. */
const isRest = (cap: Cap): boolean => cap === 'restAfterConversationDays' || cap === 'minGapMinutes';

const group = (value: unknown): Record<string, unknown> | null => (value === undefined || value === null ? {} : typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : null);

/**
 * Fills what a campaign's definition leaves open with the stricter of obzvon's default and the rule set that it names; anything else is
 * left as it is, to be judged by the schema and {@link laxSettings}. A definition without `lawful` is handed back.
 */
export function withRuleSet(definition: unknown): unknown {
  const raw = group(definition);
  if (raw === null || !isRuleSetId(raw['lawful'])) return definition;
  const ruleSet = ruleSetOf(raw['lawful']);
  const window = group(raw['window']);
  const caps = group(raw['caps']);
  return {
    ...raw,
    ...(window === null ? {} : { window: { ...hoursWithin(ruleSet), ...(ruleSet.holidayCountry === null ? {} : { holidayCountry: ruleSet.holidayCountry }), ...window } }),
    ...(caps === null ? {} : { caps: { ...capsWithin(ruleSet), ...caps } }),
  };
}

function hoursWithin(ruleSet: RuleSet): Record<WindowDay, string[]> {
  const usual = windowSchema.parse({});
  return Object.fromEntries(WINDOW_DAYS.map((day) => [day, commonHours(usual[day], ruleSet.hours[day])])) as Record<WindowDay, string[]>;
}

function capsWithin(ruleSet: RuleSet): Partial<Caps> {
  const usual = capsSchema.parse({});
  const within: Partial<Caps> = {};
  for (const cap of CAPS) {
    const law = ruleSet.caps[cap];
    if (law !== undefined) within[cap] = isRest(cap) ? Math.max(usual[cap], law) : Math.min(usual[cap], law);
  }
  return { ...within, ...(ruleSet.caps.dayIs === undefined ? {} : { dayIs: ruleSet.caps.dayIs }) };
}

/** Everything in which a campaign is laxer than its rule set; each names both. Empty: nothing. */
export function laxSettings(campaign: { readonly window: CallingWindow; readonly caps: Caps }, ruleSet: RuleSet): LaxSetting[] {
  const found: LaxSetting[] = [];
  const { window, caps } = campaign;
  const against = (path: string[], own: string, law: string): void => {
    found.push({ path, message: `the campaign asks for ${own}, but ${ruleSet.id} (${ruleSet.law ?? ruleSet.title}) allows ${law}; expected the same or stricter` });
  };
  const hoursText = (hours: readonly string[]): string => (hours.length === 0 ? 'no calls' : hours.join(' and '));
  for (const day of WINDOW_DAYS) {
    if (!isWithin(window[day], ruleSet.hours[day])) against(['window', day], hoursText(window[day]), hoursText(ruleSet.hours[day]));
  }
  // A holiday of the campaign's own is a common weekday to the law.
  for (const date of window.holidays) {
    const weekday = WEEKDAYS[(new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7]!;
    if (!isWithin(window.holiday, ruleSet.hours[weekday])) {
      against(['window', 'holiday'], `${hoursText(window.holiday)} on ${date}`, `${hoursText(ruleSet.hours[weekday])} on that weekday`);
      break;
    }
  }
  if (ruleSet.holidayCountry !== null && window.holidayCountry !== ruleSet.holidayCountry) against(['window', 'holidayCountry'], window.holidayCountry ?? 'no country', `for the holidays of ${ruleSet.holidayCountry}`);
  for (const cap of CAPS) {
    const law = ruleSet.caps[cap];
    if (law !== undefined && (isRest(cap) ? caps[cap] < law : caps[cap] > law)) against(['caps', cap], `${cap} ${caps[cap]}`, `${isRest(cap) ? 'at least' : 'at most'} ${law}`);
  }
  if (ruleSet.caps.dayIs === 'any_24_hours' && caps.dayIs !== 'any_24_hours') against(['caps', 'dayIs'], caps.dayIs, 'a day of any 24 hours');
  return found;
}

type Minutes = readonly [from: number, to: number];
const minutesOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));
const rangesOf = (hours: readonly string[]): Minutes[] => hours.map((text): Minutes => [minutesOf(text.slice(0, 5)), minutesOf(text.slice(6))]).sort((a, b) => a[0] - b[0]);
const clock = (minutes: number): string => `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;

/** Ranges that touch or overlap as one. */
function joined(ranges: readonly Minutes[]): Minutes[] {
  const result: [number, number][] = [];
  for (const [from, to] of ranges) {
    const last = result.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}

/** Hours that both allow, in order. */
export function commonHours(a: readonly string[], b: readonly string[]): string[] {
  const common: string[] = [];
  for (const [fromA, toA] of joined(rangesOf(a))) {
    for (const [fromB, toB] of joined(rangesOf(b))) if (Math.max(fromA, fromB) < Math.min(toA, toB)) common.push(`${clock(Math.max(fromA, fromB))}-${clock(Math.min(toA, toB))}`);
  }
  return common;
}

/** True if every minute of `hours` is in `allowed`. */
export function isWithin(hours: readonly string[], allowed: readonly string[]): boolean {
  const outer = joined(rangesOf(allowed));
  return rangesOf(hours).every(([from, to]) => outer.some(([outerFrom, outerTo]) => from >= outerFrom && to <= outerTo));
}
