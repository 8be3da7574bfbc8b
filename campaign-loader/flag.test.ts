import { expect, test } from 'vitest';
import { flagOf } from './flag.ts';

test.each([['Так', 'yes'], ['ДА', 'yes'], ['1', 'yes'], ['+', 'yes'], ['оплачено', 'yes'], ['', 'no'], [' ', 'no'], ['ні', 'no'], ['Нет', 'no'], ['0', 'no'], ['—', 'no'], ['можливо', null], ['1234,56', null]])('%j is %s', (text, flag) => {
  expect(flagOf(text)).toBe(flag);
});
