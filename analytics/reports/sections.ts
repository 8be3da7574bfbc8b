import { LongSheet, type Sheet } from '../sheet.ts';
import { formatCount, formatMoney, formatShare, renderTable } from '../table.ts';

/** How a figure is shown: times are in ms in the report and in seconds on the screen. */
export type Unit = 'count' | 'money' | 'ms' | 'hours' | 'time';

export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly unit: Unit;
  /** Which measure of the same row a share is shown of. */
  readonly of?: string;
}

/** One table of a report, with its figures still exact. */
export interface Section {
  readonly name: string;
  readonly title: string;
  /** What a row is. */
  readonly label: string;
  readonly measures: readonly Measure[];
  readonly rows: readonly { readonly label: string; readonly values: readonly (number | null)[]; readonly currency?: string | null }[];
}

export const counts = (...names: readonly (readonly [name: string, title: string, of?: string])[]): Measure[] =>
  names.map(([name, title, of]) => ({ name, title, unit: 'count', ...(of === undefined ? {} : { of }) }));

function shown(value: number | null, measure: Measure, currency: string): string {
  if (value === null) return '-';
  switch (measure.unit) {
    case 'count':
      return formatCount(value);
    case 'money':
      return `${formatMoney(value, currency)} ${currency}`.trim();
    case 'ms':
      return `${(value / 1000).toFixed(value < 10_000 ? 2 : 0)} s`;
    case 'hours':
      return `${(value / 3_600_000).toFixed(1)} h`;
    case 'time':
      return value > 0 ? `${new Date(value).toISOString().slice(0, 16).replace('T', ' ')} UTC` : '-';
    default:
      return measure.unit satisfies never;
  }
}

/** A section as text; none if it has no rows. */
export function sectionText(section: Section, currency: string, printable: (text: string) => string): string[] {
  if (section.rows.length === 0) return [];
  const rows = section.rows.map((row) => [
    printable(row.label),
    ...section.measures.map((measure, i) => {
      const value = row.values[i] ?? null;
      const base = measure.of === undefined ? null : (row.values[section.measures.findIndex((one) => one.name === measure.of)] ?? null);
      return `${shown(value, measure, row.currency ?? currency)}${value === null || measure.of === undefined ? '' : ` (${formatShare(value, base)})`}`;
    }),
  ]);
  const columns = [{ title: section.label, align: 'left' as const }, ...section.measures.map((measure) => ({ title: measure.title, align: 'right' as const }))];
  return ['', section.title, renderTable(columns, rows)];
}

/** @param currency of money whose row names none */
export function sectionsSheet(campaignId: string, sections: readonly Section[], currency: string): Sheet {
  const sheet = new LongSheet(campaignId);
  for (const section of sections) {
    for (const row of section.rows) {
      section.measures.forEach((measure, i) => {
        const base = measure.of === undefined ? null : (row.values[section.measures.findIndex((one) => one.name === measure.of)] ?? null);
        sheet.add(section.name, row.label, measure.name, row.values[i] ?? null, { base, ...(measure.unit === 'money' ? { currency: row.currency ?? currency } : {}) });
      });
    }
  }
  return sheet;
}
