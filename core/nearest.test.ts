import { expect, test } from 'vitest';
import { nearest } from './nearest.ts';

const keys = ['leaseSeconds', 'maxChannels', 'drainSeconds', 'id'];

test.each([
  ['leaseSecond', 'leaseSeconds'],
  ['maxchannels', 'maxChannels'],
  ['maxChannles', 'maxChannels'],
  ['drain_seconds', 'drainSeconds'],
  ['di', 'id'],
  ['colour', null],
  ['', null],
])('"%s" is near %s', (word, meant) => {
  expect(nearest(word, keys)).toBe(meant);
});
