import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaForTests } from '../deploy/local/engines-for-tests.ts';
import { ensureBuilt, Workspace } from './testing/command-line.ts';
import { smallCampaign, smallConfig, smallList } from './testing/small-campaign.ts';

const kafka = await kafkaForTests();

describe.skipIf(kafka === null)('erasing on Kafka', () => {
  const space = new Workspace();
  beforeAll(async () => {
    await ensureBuilt();
    space.write('campaign.yaml', smallCampaign());
    space.write('obzvon.yaml', smallConfig({}, { bus: { url: `${kafka ?? ''}/t${randomUUID().slice(0, 8)}` } }));
    space.write('list.csv', smallList(5));
  }, 240_000);
  afterAll(() => space.remove());

  interface Told { readonly stores: readonly { readonly store: string; readonly outcome: string; readonly did: string }[] }
  const erase = async (): Promise<{ code: number | null; told: Told | null; stderr: string }> => {
    const { code, stdout, stderr } = await space.run('erase', '--account', 'A-1', '--json');
    return { code, told: stdout === '' ? null : (JSON.parse(stdout) as Told), stderr };
  };
  const outcomes = (told: Told | null) => Object.fromEntries((told?.stores ?? []).map(({ store, outcome }) => [store, outcome]));

  test('waits for the dialers to take in whom they would call later; then all stores but the log forget the person, at every try', async () => {
    expect((await space.run('load', 'list.csv', '--campaign', 'campaign.yaml', '--json')).code).toBe(0);
    const early = await erase();
    expect(early.code).toBe(1);
    expect(early.stderr).toMatch(/the dialers have not taken in 5 messages of contacts.*nothing was erased/s);

    const run = await space.run('run', '--campaign', 'campaign.yaml', '--json');
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const erased = await erase();
    expect(erased, erased.stderr).toMatchObject({ code: 3 });
    expect(outcomes(erased.told)).toMatchObject({ ledger: 'erased', analytics: 'erased', bus: 'remains' });
    expect(erased.told!.stores.find(({ store }) => store === 'bus')!.did).toMatch(/contacts 1, attempts \d+/);
    // What remains in the log does not come back into the store.
    const again = await erase();
    expect(again, again.stderr).toMatchObject({ code: 3 });
    expect(outcomes(again.told)).toMatchObject({ ledger: 'nothing found', analytics: 'nothing found', bus: 'remains' });
    space.write('q.sql', "SELECT countIf(account_id = 'A-1') AS named, count() AS contacts FROM v_contacts");
    const asked = await space.run('report', 'query', 'q.sql', '--json');
    expect(JSON.parse(asked.stdout)).toEqual([{ named: 0, contacts: 5 }]);
  }, 240_000);
});
