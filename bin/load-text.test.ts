import { expect, test } from 'vitest';
import type { LoadReport } from '../campaign-loader/index.ts';
import { forecastText, loadText } from './load-text.ts';

const report = (called: number, heldOut: number): LoadReport => {
  const group = (n: number) => ({ n, sum: 1000 * n, sumOfSquares: 3_000_000 * n });
  const all = { stratum: 'all', called: group(called), heldOut: group(heldOut), share: heldOut / (called + heldOut), deviations: 0, debtDifference: 0 };
  const told = {
    source: 'debtors.csv', rows: called + heldOut, accepted: called + heldOut, heldOut, duplicates: 0, refusedRows: 0, refused: {}, remarks: {}, suppressed: {}, sharedPhones: 0, mostAccountsOnOnePhone: 1, passedOver: [],
    refusedPath: null, remarksPath: null, end: { kind: 'loaded' }, balance: { share: 0.1, all, strata: [all], heldOutBefore: 0 },
  };
  return told as unknown as LoadReport;
};

test('before the first call a load tells the smallest effect that its hold-out will show, in people and in money', () => {
  // z = 1.96 + 0.84; 2.80 √(0.2·0.8/10,000 + 0.212·0.788/90,000) = 0.0119 (Fleiss, Levin and Paik 2003, 4.2).
  expect(loadText(report(90_000, 10_000))).toMatch(/smallest effect that will be told from chance: 1\.1[89] percentage points who pay, or \d+ of money in all \(if 20\.0 % pay without calls/);
  expect(loadText(report(3, 1))).toContain('with 1 held out no effect would be told from chance');
  expect(loadText(report(100, 0))).not.toContain('smallest effect');
});

test.each([[1, 'one call each'], [2, '2 calls each']])('the forecast says how many calls it reckons with (%i)', (callsPerContact, said) => {
  const forecast = { startsAtMs: 0, calledOnceAtMs: 0, callsPerContact, callsLeft: 5, calls: 10, callsPerSecond: 1, limit: 'window', zones: [], uncallable: { contacts: 0, zones: [] } } as const;
  expect(forecastText({ ...forecast, doneAtMs: 1000 }, 'Europe/Kyiv')).toContain(`at ${said} (an assumption)`);
  expect(forecastText({ ...forecast, doneAtMs: null }, 'Europe/Kyiv')).toContain(`5 of 10 calls (${said}, an assumption)`);
});
