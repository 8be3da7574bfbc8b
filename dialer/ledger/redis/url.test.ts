import { expect, test } from 'vitest';
import { parseRedisUrl } from './url.ts';

test.each([
  ['redis://localhost', { kind: 'one', hosts: [{ host: 'localhost', port: 6379 }], db: 0, password: null, tls: false, prefix: 'obzvon', replicas: 0 }],
  ['redis://:s%40cret@10.0.0.1:6380/3?prefix=gas', { hosts: [{ host: '10.0.0.1', port: 6380 }], db: 3, username: null, password: 's@cret', prefix: 'gas', shown: 'redis://10.0.0.1:6380/3' }],
  ['rediss://dialer:word@[::1]:6379', { hosts: [{ host: '::1', port: 6379 }], username: 'dialer', password: 'word', tls: true }],
  ['redis+sentinel://s1,s2:26380/mymaster?replicas=1', { kind: 'sentinel', hosts: [{ host: 's1', port: 26_379 }, { host: 's2', port: 26_380 }], master: 'mymaster', replicas: 1 }],
  ['redis+cluster://a:7000,b:7001?prefix=water', { kind: 'cluster', hosts: [{ host: 'a', port: 7000 }, { host: 'b', port: 7001 }], prefix: 'water' }],
])('%s', (url, expected) => {
  expect(parseRedisUrl(url)).toMatchObject(expected);
});

test.each([
  'redis://', 'redis://:secret@', 'redis://u:secret@a,b', 'redis://:secret@host/first', 'redis+sentinel://:secret@host', 'redis+cluster://:secret@host/0',
  'redis+cluster://:secret@host?replicas=1', 'redis://:secret@host?prefix=', 'redis://:secret@host?prefix={x}', 'redis://:secret@host?timeout=5', 'redis://:secret%zz@host', 'redis://:secret@host:port',
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
