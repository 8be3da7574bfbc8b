import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleAttempt } from '../analytics/samples.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { canRewrite } from '../core/bus/open.ts';
import { attemptsTopic, commandsTopic, contactsTopic } from '../core/bus/topics.ts';
import { assertTakenIn } from './erase/bus.ts';
import { ensureBuilt, Workspace } from './testing/command-line.ts';
import { smallCampaign, smallConfig, smallList } from './testing/small-campaign.ts';

const space = new Workspace();
beforeAll(async () => {
  await ensureBuilt();
  space.write('campaign.yaml', smallCampaign());
  space.write('obzvon.yaml', smallConfig());
  space.write('list.csv', smallList(5));
}, 180_000);
afterAll(() => space.remove());

const openBus = () => openEmbeddedBus({ dir: space.at('.obzvon/bus'), nowMs: Date.now });
const json = async (...args: string[]): Promise<unknown> => {
  const ended = await space.run(...args, '--json');
  expect(ended, ended.stderr).toMatchObject({ code: 0 });
  return JSON.parse(ended.stdout);
};

test('who asked in a call not to be called is called on none of the phones after being erased', async () => {
  await json('load', 'list.csv', '--campaign', 'campaign.yaml');
  const bus = await openBus();
  const phones: string[] = [];
  for await (const { value } of bus.scan(contactsTopic)) {
    if (value.accountId !== 'A-0') continue;
    phones.push(...value.phones);
    await bus.publish(attemptsTopic, [{ key: value.contactId, value: sampleAttempt(value, 1, { response: { kind: 'opt_out' } }) }]);
  }
  await bus.close();
  expect(phones).toHaveLength(2);

  await json('erase', '--account', 'A-0');
  const listed = (await json('dnc', 'list')) as { phone: string; reason: string; expiresAtMs: number | null }[];
  expect(listed.map((entry) => entry.phone).sort()).toEqual(phones.sort());
  expect(listed[0]).toMatchObject({ reason: 'asked in a call', expiresAtMs: null });
  const orders = [];
  const after = await openBus();
  for await (const { value } of after.scan(commandsTopic)) if (value.kind === 'dnc_add') orders.push(value.code);
  await after.close();
  expect(orders).toEqual(['opt_out', 'opt_out']);
}, 120_000);

test('while analytics cannot be reached the bus keeps what is to be looked for there; tried again, all is erased', async () => {
  space.write('obzvon.yaml', smallConfig({}, { analytics: { url: 'http://127.0.0.1:9' } }));
  const ended = await space.run('erase', '--account', 'A-1', '--json');
  expect(ended.code).toBe(1);
  const outcomes = (told: unknown) => Object.fromEntries((told as { stores: { store: string; outcome: string }[] }).stores.map(({ store, outcome }) => [store, outcome]));
  expect(outcomes(JSON.parse(ended.stdout))).toMatchObject({ analytics: 'not reached', bus: 'remains' });
  space.write('obzvon.yaml', smallConfig());
  expect(outcomes(await json('erase', '--account', 'A-1'))).toMatchObject({ analytics: 'erased', bus: 'erased' });
}, 120_000);

test('on a bus that cannot rewrite nobody is erased while dialers have contacts to take in', async () => {
  const behind = (contacts: number) => assertTakenIn({ lag: (topic, group) => Promise.resolve(topic.name === 'contacts' && group === 'dialer' ? contacts : 0) });
  await expect(behind(3)).rejects.toMatchObject({ code: 'locked' });
  await behind(0);
  expect([canRewrite('embedded:/var/obzvon/bus'), canRewrite('kafka://127.0.0.1:9092')]).toEqual([true, false]);
});
