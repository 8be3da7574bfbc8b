import Holidays from 'date-holidays';
import type { Campaign } from '../campaign.ts';
import { ObzvonError } from '../errors.ts';
import { DAY_MS, dateOfDay } from './zoned-time.ts';

/**
 * Local dates (`YYYY-MM-DD`) of a country's public holidays, days in lieu included.
 * @param country ISO 3166 code, such as UA
 * @throws ObzvonError `bad_config` if the country's holidays are not known
 */
export function holidayDates(country: string, years: readonly number[]): Set<string> {
  const calendar = new Holidays();
  if (calendar.getCountries()[country] === undefined) {
    throw new ObzvonError('bad_config', `window.holidayCountry: found "${country}", expected an ISO 3166 country whose holidays are known, or none (then list them under window.holidays)`);
  }
  calendar.init(country);
  const dates = new Set<string>();
  for (const year of years) {
    for (const holiday of calendar.getHolidays(year)) {
      if (holiday.type !== 'public') continue;
      // `date` is local text; a holiday lasts from it for as long as `start` to `end`, in whole days at least one.
      const firstDay = Date.parse(`${holiday.date.slice(0, 10)}T00:00:00Z`) / DAY_MS;
      const days = Math.max(1, Math.round((holiday.end.getTime() - holiday.start.getTime()) / DAY_MS));
      for (let day = firstDay; day < firstDay + days; day++) dates.add(dateOfDay(day));
    }
  }
  return dates;
}

/** Every holiday a campaign can meet: of its country for its years (a year more at each end, as zones differ) and its own list. */
export function campaignHolidays(campaign: Pick<Campaign, 'startsAt' | 'expiresAt' | 'window'>): Set<string> {
  const dates = new Set<string>(campaign.window.holidays);
  if (campaign.window.holidayCountry === undefined) return dates;
  const years: number[] = [];
  const last = new Date(campaign.expiresAt).getUTCFullYear() + 1;
  for (let year = new Date(campaign.startsAt).getUTCFullYear() - 1; year <= last; year++) years.push(year);
  for (const date of holidayDates(campaign.window.holidayCountry, years)) dates.add(date);
  return dates;
}
