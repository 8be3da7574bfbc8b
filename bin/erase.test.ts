import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleAttempt } from '../analytics/samples.ts';
import { openEmbeddedBus } from '../core/bus/embedded.ts';
import { attemptsTopic, commandsTopic, contactsTopic } from '../core/bus/topics.ts';
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
