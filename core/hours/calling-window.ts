import { z } from 'zod';

/** Hours of one day, local time of the callee: `09:00-20:00`; `24:00` ends a day. */
export const hoursSchema = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'expected hours such as 09:00-20:00')
  .refine((hours) => hours.slice(0, 5) < hours.slice(6), 'the hours end before they begin');

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
/** What a window has hours for. */
export const WINDOW_DAYS = [...WEEKDAYS, 'holiday'] as const;
export type WindowDay = (typeof WINDOW_DAYS)[number];

const workday = ['09:00-20:00'];
const dayHours = (hours: string[]) => z.array(hoursSchema).max(6).default(hours);

/** When calling is allowed, by weekday and on holidays, in the callee's own timezone. */
export const windowSchema = z.strictObject({
  mon: dayHours(workday),
  tue: dayHours(workday),
  wed: dayHours(workday),
  thu: dayHours(workday),
  fri: dayHours(workday),
  sat: dayHours(['10:00-18:00']),
  sun: dayHours([]),
  holiday: dayHours([]),
  /** ISO 3166 country whose public holidays count; absent: only `holidays`. */
  holidayCountry: z.string().regex(/^[A-Z]{2}$/).optional(),
  /** Further holidays, local dates. */
  holidays: z.array(z.iso.date()).default([]),
});
export type CallingWindow = z.infer<typeof windowSchema>;

/** When the window closes on the day it is open longest into, minutes since midnight; 0 if it never opens. */
export function lastMinuteOf(window: CallingWindow): number {
  const ends = WINDOW_DAYS.flatMap((day) => window[day].map((hours) => Number(hours.slice(6, 8)) * 60 + Number(hours.slice(9))));
  return Math.max(0, ...ends);
}
