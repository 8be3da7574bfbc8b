import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeCertificates, type LocalCertificates } from '../../deploy/local/certificates.ts';
import { startKafka, type LocalKafka } from '../../deploy/local/kafka.ts';
import { ObzvonError } from '../errors.ts';
import { textTopic } from './bus.contract.ts';
import { openKafkaBus } from './kafka.ts';
import { openBus } from './open.ts';

const SCRAM = { username: 'dialer', password: 'hunter2scram' };
const PLAIN = { username: 'sink', password: 'hunter2plain' };

/** Kafka of its own, and its certificates; null where a part cannot be had. @throws Error under CI instead of null */
async function start(): Promise<{ readonly kafka: LocalKafka; readonly certificates: LocalCertificates } | null> {
  let certificates: LocalCertificates | null = null;
  try {
    certificates = await makeCertificates();
    return { certificates, kafka: await startKafka({ secure: { certificates, scram: SCRAM, plain: PLAIN } }) };
  } catch (error) {
    await certificates?.remove();
    const missing = error instanceof ObzvonError && (error.code === 'not_found' || error.code === 'unreachable');
    if (!missing || (process.env.CI !== undefined && process.env.CI !== '')) throw error;
    process.stderr.write(`Kafka with TLS cannot be had here, its suite is skipped: ${error.message}\n`);
    return null;
  }
}
const running = await start();

describe.skipIf(running === null)('the bus on a Kafka that asks for TLS', () => {
  let kafka: LocalKafka;
  let certificates: LocalCertificates;
  beforeAll(() => {
    if (running !== null) ({ kafka, certificates } = running);
  });
  afterAll(async () => {
    await running?.kafka.stop();
    await running?.certificates.remove();
  });

  const sasl = (user: { username: string; password: string }, query: string): string => `kafka://${user.username}:${user.password}@127.0.0.1:${kafka.securePorts?.sasl ?? 0}/gas?${query}`;
  const mutual = (query: string): string => `kafka://127.0.0.1:${kafka.securePorts?.mutual ?? 0}/gas?${query}`;
  const ca = (): string => `tls=1&ca=${certificates.ca}`;

  /** Publishes a few and reads them back by a group. */
  const carries = async (url: string, name: string): Promise<void> => {
    const bus = await openBus(url, { nowMs: () => 0 });
    try {
      const topic = textTopic(name, 2);
      const sent = ['one', 'two', 'three'];
      await bus.publish(topic, sent.map((value) => ({ key: value, value })));
      const got: string[] = [];
      let all: () => void;
      const arrived = new Promise<void>((resolve) => (all = resolve));
      const consumer = await bus.consume(topic, { group: 'g', maxBatch: 10 }, (batch) => {
        got.push(...batch.messages.map(({ value }) => value));
        if (got.length >= sent.length) all();
        return Promise.resolve();
      });
      await arrived;
      await consumer.stop();
      expect(got.sort()).toEqual([...sent].sort());
      expect(bus.health()).toEqual({ kind: 'up' });
    } finally {
      await bus.close();
    }
  };

  /** Why a bus does not open. It has an hour for it: only what is refused at once lets a test end. */
  const refusal = async (url: string): Promise<unknown> => {
    const error: unknown = await openKafkaBus({ url, nowMs: () => 0, waits: { openMs: 3_600_000 } }).then((bus) => bus.close(), (thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(JSON.stringify([String(error), (error as Error).stack, String((error as Error).cause)])).not.toContain('hunter');
    return error;
  };
  const badConfig = (found: string): object => ({ code: 'bad_config', message: expect.stringContaining(found) as string });

  test.each(['scram-sha-512', 'scram-sha-256'])('sasl=%s', (mechanism) => carries(sasl(SCRAM, `${ca()}&sasl=${mechanism}`), mechanism));

  test('sasl=plain, which is what a user and password alone mean', async () => {
    await carries(sasl(PLAIN, `${ca()}&sasl=plain`), 'plain');
    await (await openBus(sasl(PLAIN, ca()), { nowMs: () => 0 })).close();
  });

  test('a certificate of ours instead of a password', () => carries(mutual(`ca=${certificates.ca}&cert=${certificates.clientCert}&key=${certificates.clientKey}`), 'mutual'));

  test.each(['scram-sha-512', 'scram-sha-256', 'plain'])('a wrong password by %s is bad_config at once', async (mechanism) => {
    const user = { ...(mechanism === 'plain' ? PLAIN : SCRAM), password: 'hunter3' };
    expect(await refusal(sasl(user, `${ca()}&sasl=${mechanism}`))).toMatchObject(badConfig('SASL_AUTHENTICATION_FAILED'));
  });

  test('an authority that did not sign the certificate is not trusted, nor is the system\'s list', async () => {
    for (const query of [`tls=1&ca=${certificates.strangerCa}`, 'tls=1']) expect(await refusal(sasl(SCRAM, `${query}&sasl=scram-sha-512`))).toMatchObject(badConfig('certificate is not trusted'));
  });

  test('without a certificate of ours, where one is asked for, it turns us away', async () => {
    expect(await refusal(mutual(ca()))).toMatchObject(badConfig('does not accept our certificate'));
  });

  test('a key that does not belong to the certificate is refused before anybody is asked', async () => {
    expect(await refusal(mutual(`${ca()}&cert=${certificates.clientCert}&key=${certificates.key}`))).toMatchObject(badConfig('fits the certificate'));
  });
});
