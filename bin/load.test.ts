import { existsSync, readdirSync, readFileSync, renameSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, Workspace, type Ended } from './testing/command-line.ts';
import { smallCampaign, smallConfig, smallList } from './testing/small-campaign.ts';

beforeAll(() => ensureBuilt(), 180_000);

/** A folder with the campaign and the configuration, and how commands are run in it. */
function workspace(): { space: Workspace; json: (...args: string[]) => Promise<Record<string, unknown>>; run: (...args: string[]) => Promise<Ended> } {
  const space = new Workspace();
  space.write('campaign.yaml', smallCampaign({ holdOutShare: 0 }));
  space.write('obzvon.yaml', smallConfig());
  const run = (...args: string[]): Promise<Ended> => space.run(...args);
  return { space, run, json: async (...args) => JSON.parse((await run(...args, '--json')).stdout) as Record<string, unknown> };
}
const BAD = 'A-9,Nobody,12345,10.00,UAH,en\n';
/** Touched so long ago that a watched file counts as whole. */
const settle = (path: string): void => utimesSync(path, 1_700_000_000, 1_700_000_000);

describe('loads that were made', () => {
  const { space, run, json } = workspace();
  afterAll(() => space.remove());
  let loadId = '';

  test('are listed and shown with source, hash, who and what was refused', async () => {
    space.write('mixed.csv', `${smallList(3)}${BAD}`);
    const ended = await run('load', 'mixed.csv', '--campaign', 'campaign.yaml', '--by', 'olena', '--json');
    expect(ended.code).toBe(3);
    loadId = (JSON.parse(ended.stdout) as { loadId: string }).loadId;
    expect(await json('load', 'list')).toMatchObject([{ loadId, state: 'done', source: 'mixed.csv', by: 'olena', rows: 4, accepted: 3 }]);
    expect(await json('load', 'list', 'another')).toEqual([]);
    expect((await run('load', 'list')).stdout).toMatch(/^load +campaign +began.*\n\S+ +small .* done +4 +3 +0 +1 +olena +mixed\.csv\n$/);
    const shown = (await run('load', 'show', loadId)).stdout;
    expect(shown).toMatch(/sha256 +[0-9a-f]{64}/);
    expect(shown).toMatch(/phones\.\w+: 1/);
    expect((await run('load', 'show', 'nobody')).code).toBe(2);
  });

  test('are taken back: who was not called will not be, and may be loaded again once the dialer has done it', async () => {
    expect(await json('load', 'revoke', loadId)).toMatchObject({ contacts: 3, takenBack: 3, called: 0, left: 0 });
    expect(await json('load', 'revoke', loadId)).toMatchObject({ takenBack: 3 });
    expect(await json('load', 'show', loadId)).toMatchObject({ state: 'revoked', accepted: 3 });
    // The dialer takes the contacts in, closes them and tells the bus; nobody is called.
    const first = await json('run', '--campaign', 'campaign.yaml');
    expect(first).toMatchObject({ end: { kind: 'finished' } });
    expect(JSON.stringify(first['reach'])).toContain('"invalid"');
    const again = await run('load', 'mixed.csv', '--campaign', 'campaign.yaml', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ accepted: 3, duplicates: 0 });
    expect(JSON.parse((await run('load', 'mixed.csv', '--campaign', 'campaign.yaml', '--json')).stdout)).toMatchObject({ accepted: 0, duplicates: 3 });
    expect(await json('run', '--campaign', 'campaign.yaml')).toMatchObject({ end: { kind: 'finished' } });
    expect(await json('campaign', 'status', 'small')).toMatchObject({ contacts: 6, closed: { invalid: 3 } });
  }, 120_000);
});

describe('all or nothing', () => {
  const { space, run, json } = workspace();
  afterAll(() => space.remove());

  test('above the share nobody is loaded; below it all are, and they are called', async () => {
    space.write('mixed.csv', `${smallList(9)}${BAD}`);
    const refused = await run('load', 'mixed.csv', '--campaign', 'campaign.yaml', '--all-or-nothing');
    expect(refused.code).toBe(2);
    expect(refused.stdout).toContain('NOBODY LOADED: 10.0 % of the rows are refused, and at most 2.0 % may be');
    expect(await json('load', 'list')).toMatchObject([{ state: 'failed', accepted: 0 }]);
    expect((await run('load', 'mixed.csv', '--campaign', 'campaign.yaml', '--all-or-nothing', '--max-refused-share', '0.1')).code).toBe(3);
    expect(readdirSync(space.at('.obzvon/loads'))).toEqual([]);
    expect(await json('run', '--campaign', 'campaign.yaml')).toMatchObject({ end: { kind: 'finished' } });
    const { attempts, contacts } = await json('campaign', 'status', 'small');
    expect(contacts).toBe(9);
    expect(attempts).toBeGreaterThanOrEqual(9);
  }, 120_000);

  test('says what a wrong limit should be', async () => {
    expect((await run('load', 'mixed.csv', '--campaign', 'campaign.yaml', '--all-or-nothing', '--max-refused-share', 'few')).stderr).toContain('expected a share from 0 to 1');
    expect((await run('load', 'mixed.csv', '--campaign', 'campaign.yaml', '--max-refused-share', '0.5')).code).toBe(2);
  });
});

describe('a watched directory', () => {
  const { space, run, json } = workspace();
  afterAll(() => space.remove());
  const watch = (): Promise<Ended> => run('load', '--watch', 'in', '--once', '--campaign', 'campaign.yaml', '--json');
  const filesOf = (ended: Ended): unknown => (JSON.parse(ended.stdout) as { files: unknown }).files;

  test('each file is loaded once and moved, with its refused rows or the reason beside it; unfinished ones stay', async () => {
    space.makeDir('in');
    for (const [name, text] of [['a.csv', `${smallList(3)}${BAD}`], ['b.csv', 'what,ever\n1,2\n'], ['c.csv.part', smallList(2)]] as const) settle(space.at(space.write(`in/${name}`, text)));
    const ended = await watch();
    expect(ended.code).toBe(3);
    expect(filesOf(ended)).toMatchObject([{ file: 'a.csv', end: 'loaded', report: { accepted: 3, refusedRows: 1 } }, { file: 'b.csv', end: 'failed' }]);
    expect(readdirSync(space.at('in')).sort()).toEqual(['c.csv.part', 'done', 'failed']);
    expect(readdirSync(space.at('in/done')).sort()).toEqual(['a.csv', 'a.refused.csv']);
    expect(readFileSync(space.at('in/failed/b.csv.reason.txt'), 'utf8')).toContain('account_id');
  });

  test('killed between a load and the move, it only moves the file', async () => {
    renameSync(space.at('in/done/a.csv'), space.at('in/a.csv'));
    settle(space.at('in/a.csv'));
    const ended = await watch();
    expect(filesOf(ended)).toMatchObject([{ file: 'a.csv', end: 'loaded_before', report: null }]);
    expect(existsSync(space.at('in/done/a.csv'))).toBe(true);
    expect(((await json('load', 'list')) as unknown as { state: string }[]).filter(({ state }) => state === 'done').length).toBe(1);
  });

  test('another file of the same name is loaded, and kept beside the first', async () => {
    settle(space.at(space.write('in/a.csv', smallList(5))));
    expect(filesOf(await watch())).toMatchObject([{ end: 'loaded', report: { accepted: 2, duplicates: 3 } }]);
    expect(readdirSync(space.at('in/done')).filter((name) => /^a\.[0-9a-f]{8}\.csv$/.test(name)).length).toBe(1);
  });

  test('runs until it is stopped', async () => {
    const running = space.start('load', '--watch', 'in', '--campaign', 'campaign.yaml', '--json');
    settle(space.at(space.write('in/late.csv', smallList(6))));
    while (!existsSync(join(space.at('in/done'), 'late.csv'))) await new Promise((resolve) => setTimeout(resolve, 100));
    running.child.kill('SIGTERM');
    const ended = await running.ended;
    expect(ended.code).toBe(0);
    expect(filesOf(ended)).toMatchObject([{ file: 'late.csv', end: 'loaded' }]);
  }, 60_000);
});

describe('only what changed', () => {
  const { space, run, json } = workspace();
  afterAll(() => space.remove());

  test('a file is loaded again only if it was changed since its last load', async () => {
    space.write('list.csv', smallList(3));
    settle(space.at('list.csv'));
    const since = ['load', 'list.csv', '--since', '--campaign', 'campaign.yaml'];
    expect(await json(...since)).toMatchObject({ accepted: 3 });
    expect(await json(...since)).toEqual({ campaignId: 'small', unchangedSinceMs: expect.any(Number) as number });
    space.write('list.csv', smallList(4));
    expect(await json(...since)).toMatchObject({ accepted: 1, duplicates: 3 });
    expect(await json('load', 'list.csv', '--since', '2100-01-01', '--campaign', 'campaign.yaml')).toMatchObject({ unchangedSinceMs: Date.parse('2100-01-01') });
  });

  test('what knows no changes is refused, and so is a query that does not ask for them', async () => {
    expect((await run('load', '-', '--since', '--campaign', 'campaign.yaml')).code).toBe(2);
    expect((await run('load', 'postgres://127.0.0.1:1/x', '--query', 'select 1', '--since', '--campaign', 'campaign.yaml')).stderr).toContain('{since}');
    expect((await run('load', 'postgres://127.0.0.1:1/x', '--query', 'select {since}', '--campaign', 'campaign.yaml')).stderr).toContain('--since');
    expect((await run('load', '--campaign', 'campaign.yaml')).code).toBe(2);
    expect((await run('load', 'list.csv')).stderr).toContain('--campaign is missing');
  });
});
