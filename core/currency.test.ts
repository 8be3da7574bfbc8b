import { expect, test } from 'vitest';
import { minorDigits } from './currency.ts';

test('minor digits are those of ISO 4217; of what is no code, two', () => {
  expect(['UAH', 'JPY', 'KWD', 'x'].map(minorDigits)).toEqual([2, 0, 3, 2]);
});
