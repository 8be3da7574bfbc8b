import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseKafkaUrl } from './kafka-url.ts';

const plain = { brokers: ['broker:9092'], prefix: null, tls: null, sasl: null, replication: null, partitions: null };

test.each([
  ['kafka://broker', plain],
  ['kafka://broker:19092/', { ...plain, brokers: ['broker:19092'] }],
  ['kafka://one:9092,two,[::1]:9094/prod.calls', { ...plain, brokers: ['one:9092', 'two:9092', '[::1]:9094'], prefix: 'prod.calls' }],
  ['kafka://obzvon:p%40ss%3A@broker?tls=1', { ...plain, tls: {}, sasl: { mechanism: 'plain', username: 'obzvon', password: 'p@ss:' } }],
  ['kafka://u:p@broker/x?sasl=scram-sha-512&replication=3&partitions=24', { ...plain, prefix: 'x', sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' }, replication: 3, partitions: 24 }],
])('%s', (url, settings) => {
  expect(parseKafkaUrl(url)).toEqual(settings);
});

test.each([
  ['kafka://', 'found "" as a broker'],
  ['kafka://one:9092,,two', 'found "" as a broker'],
  ['kafka://broker:99999', 'found "broker:99999" as a broker'],
  ['kafka://broker/with space', 'found "with space" as the prefix'],
  ['kafka://user@broker', 'a user without a password'],
  ['kafka://broker?sasl=plain', 'no user and password'],
  ['kafka://broker?sasl=gssapi', 'sasl: Invalid option'],
  ['kafka://broker?replication=0', 'replication: expected a whole number from 1'],
  ['kafka://broker?tsl=1', 'Unrecognized key: "tsl"'],
  ['kafka://broker?tls=1&tls=0', 'tls is there twice'],
  ['kafka://broker?tls=0&ca=/x', 'tls=0, but ca is there'],
  ['kafka://broker?cert=/x', 'cert: expected cert and key together'],
  ['kafka://broker?ca=/no/such.pem', 'ca: the file /no/such.pem cannot be read (ENOENT)'],
  ['kafka://u:se%cret@broker', 'user or password has a "%" that is no escape'],
])('%s is refused: %s', (url, found) => {
  expect(() => parseKafkaUrl(url)).toThrow(expect.objectContaining({ code: 'bad_config', message: expect.stringContaining(found) as string }) as Error);
});

test('no refusal shows the password', () => {
  for (const rest of ['@broker:x', '@broker?sasl=x', '@?tls=2', '@broker/ ']) {
    let said = '';
    try {
      parseKafkaUrl(`kafka://user:hunter2${rest}`);
    } catch (error) {
      said = String(error);
    }
    expect(said).toContain('bus.url kafka://***@');
    expect(said).not.toContain('hunter2');
  }
});

test('a file that is no certificate is refused by name: it would be taken without a word, and then nobody trusted', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-tls-'));
  try {
    await writeFile(join(dir, 'ca'), 'the ca');
    expect(() => parseKafkaUrl(`kafka://broker?ca=${dir}/ca`)).toThrow(expect.objectContaining({ code: 'bad_config', message: expect.stringContaining('holds no certificate in PEM') as string }) as Error);
  } finally {
    await rm(dir, { recursive: true });
  }
});
