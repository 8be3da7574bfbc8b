import { expect, test } from 'vitest';
import { q850CauseOf } from './reason-header.ts';

test.each([
  ['Q.850;cause=16;text="Normal call clearing"', 16],
  ['Q.850 ; cause=17', 17],
  ['q.850;text="User busy";cause=17', 17],
  ['SIP;cause=200;text="Call completed elsewhere", Q.850;cause=26', 26],
  ['SIP;cause=480;text="a, Q.850;cause=1", Q.850;cause=20', 20],
  ['SIP;text="quoted \\" and, comma";cause=1,Q.850;cause=34', 34],
  ['Q.850;cause="31"', 31],
  ['SIP;cause=487', 0],
  ['Q.850;cause=999', 0],
  ['Q.850;cause=-1', 0],
  ['Q.850', 0],
  ['', 0],
  [undefined, 0],
  [null, 0],
])('%s -> %d', (header, cause) => {
  expect(q850CauseOf(header)).toBe(cause);
});
