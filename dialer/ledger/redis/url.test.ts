import { expect, test } from 'vitest';
import { maskUrl } from '../../../core/switch-url.ts';
import { parseRedisUrl } from './url.ts';

test.each([
  ['redis://localhost', { kind: 'one', hosts: [{ host: 'localhost', port: 6379 }], db: 0, password: null, tls: null, prefix: 'obzvon', replicas: 0 }],
  ['redis://:s%40cret@10.0.0.1:6380/3?prefix=gas', { hosts: [{ host: '10.0.0.1', port: 6380 }], db: 3, username: null, password: 's@cret', prefix: 'gas', shown: 'redis://10.0.0.1:6380/3' }],
  ['rediss://dialer:word@[::1]:6379', { hosts: [{ host: '::1', port: 6379 }], username: 'dialer', password: 'word', tls: {} }],
  ['redis+sentinel://s1,s2:26380/mymaster?replicas=1', { kind: 'sentinel', hosts: [{ host: 's1', port: 26_379 }, { host: 's2', port: 26_380 }], master: 'mymaster', replicas: 1 }],
  ['redis+sentinel://s1/m?sentinelUser=watch&sentinelPassword=s%2Bcret', { password: null, sentinelUsername: 'watch', sentinelPassword: 's+cret', shown: 'redis+sentinel://s1/m' }],
  ['redis+cluster://a:7000,b:7001?prefix=water', { kind: 'cluster', hosts: [{ host: 'a', port: 7000 }, { host: 'b', port: 7001 }], prefix: 'water' }],
])('%s', (url, expected) => {
  expect(parseRedisUrl(url)).toMatchObject(expected);
});

test.each([
  'redis://', 'redis://:secret@', 'redis://u:secret@a,b', 'redis://:secret@host/first', 'redis+sentinel://:secret@host', 'redis+cluster://:secret@host/0',
  'redis+cluster://:secret@host?replicas=1', 'redis://:secret@host?prefix=', 'redis://:secret@host?prefix={x}', 'redis://:secret@host?timeout=5', 'redis://:secret%zz@host', 'redis://:secret@host:port',
  'redis://:secret@host?ca=/x', 'rediss://:secret@host?ca=/no/such.pem', 'rediss://:secret@host?cert=/no/such.pem', 'redis://host?sentinelPassword=secret', 'redis+sentinel://host/m?sentinelUser=secret',
  'redis+sentinel://host/m?sentinelPassword=secret&x=1',
])('%s is refused without its secret', (url) => {
  let error: unknown;
  try {
    parseRedisUrl(url);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toMatchObject({ code: 'bad_config' });
  expect(String(error)).not.toContain('secret');
  expect(String(error)).toContain('expected redis://');
});

test('a URL that is shown hides the password of the sentinels, too', () => {
  expect(maskUrl('redis+sentinel://u:hunter2@s1/m?sentinelUser=w&sentinelPassword=watch%2Fword&replicas=1')).toBe('redis+sentinel://***@s1/m?sentinelUser=w&sentinelPassword=***&replicas=1');
});
