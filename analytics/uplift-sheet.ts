import { LongSheet, type Sheet } from './sheet.ts';
import type { UpliftReport } from './uplift.ts';

/** A part of the report: numbers, answers (1 yes, 0 no), what is not known, and parts of its own; texts name it. */
type Part = Readonly<Record<string, unknown>>;

const isPart = (value: unknown): value is Part => typeof value === 'object' && value !== null && !Array.isArray(value);
const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** Differences of money keep its name before them; what is relative to money is none. */
const isMoney = (measure: string): boolean => /(?:^|_)(?:money|minor)(?:_|$)/.test(measure) && !/relative|theta|variance_explained/.test(measure);

/**
 * Every figure of the uplift report in long form: each table of it is a section, its rows named by what tells them apart, each number a measure named as in the
 * JSON report. Warnings and assumptions are rows of their own sections, with the text as the row's name.
 */
export function upliftSheet(report: UpliftReport): Sheet {
  const sheet = new LongSheet(report.campaignId);
  const add = (section: string, row: string | number, part: Part, prefix = ''): void => {
    for (const [name, value] of Object.entries(part)) {
      const measure = `${prefix}${snake(name)}`;
      if (isPart(value)) add(section, row, value, `${measure}_`);
      else if (Array.isArray(value)) value.filter(isPart).forEach((one, i) => add(section, row, one, `${measure}_${i + 1}_`));
      else if (typeof value === 'number' || typeof value === 'boolean' || value === null) sheet.add(section, row, measure, value === null ? null : Number(value), isMoney(measure) ? { currency: report.currency } : {});
    }
  };
  const { called, heldOut, horizonDays, confidence, firstCallMs, dataUntilMs, causedMinor, daysToPay, validity, beforeAfter } = report;
  add('report', 'all', { called, heldOut, horizonDays, confidence, firstCallMs, dataUntilMs, causedMinor });
  for (const { day, ...rest } of report.days) add('day', day, rest);
  for (const { day, ...rest } of report.horizons) add('horizon', day, rest);
  if (daysToPay) add('days_to_pay', horizonDays, { ...daysToPay });
  for (const { dimension, value, ...rest } of report.segments) add('segment', `${dimension}: ${value}`, rest);
  for (const { tried, arm, ...rest } of report.arms) add('arm', `${tried}: ${arm}`, rest);
  const { sampleRatio, balance, contamination, postingLag, maturity, otherChannels } = validity;
  add('validity', 'all', { sampleRatio, contamination, postingLag, maturity });
  for (const { covariate, ...rest } of balance) add('balance', covariate, rest);
  for (const { channel, ...rest } of otherChannels) add('other_channel', channel, { ...rest });
  if (beforeAfter) add('before_after', beforeAfter.stamp, { money: beforeAfter });
  report.assumptions.forEach((text) => sheet.add('assumption', text, 'stated', 1));
  report.warnings.forEach((text) => sheet.add('warning', text, 'given', 1));
  return sheet;
}
