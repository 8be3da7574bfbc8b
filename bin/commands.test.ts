import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, Workspace, type Ended } from './testing/command-line.ts';
import { smallCampaign, smallConfig, smallList } from './testing/small-campaign.ts';
import { createProgram } from './program.ts';

const space = new Workspace();
beforeAll(async () => {
  await ensureBuilt();
  space.write('campaign.yaml', smallCampaign());
  space.write('obzvon.yaml', smallConfig());
  space.write('good.csv', smallList(5));
  space.write('mixed.csv', `${smallList(3)}A-9,Nobody,12345,10.00,UAH,en\n`);
  space.write('bad.csv', 'account_id,name,phones,debt\nA-1,Nobody,12345,10.00\n');
}, 180_000);
afterAll(() => space.remove());

/** The one JSON document on stdout. */
const documentOf = (ended: Ended): unknown => {
  expect(ended.stdout.endsWith('\n')).toBe(true);
  expect(ended.stdout.trimEnd()).not.toContain('\n');
  return JSON.parse(ended.stdout);
};

describe('help and usage', () => {
  const LEAVES = [
    'validate', 'load', 'load list', 'load show', 'load revoke', 'dial', 'run', 'report reach', 'report uplift', 'report power', 'report attempts', 'report quality', 'report cost', 'report data', 'report page', 'report query', 'why', 'erase', 'campaign list', 'campaign status', 'campaign pause', 'campaign resume', 'campaign stop', 'campaign set',
    'payments load', 'touches load', 'dnc add', 'dnc remove', 'dnc add-account', 'dnc remove-account', 'dnc import', 'dnc list', 'amd classify', 'amd evaluate', 'amd serve', 'amd prints list', 'amd prints confirm', 'amd prints name', 'amd prints reject', 'amd label', 'amd audit', 'amd signals', 'analytics migrate', 'analytics sync', 'analytics dictionary', 'analytics role', 'analytics tariff', 'audit', 'config', 'sink', 'simulate', 'demo',
  ];
  const helpOf = async (args: readonly string[]): Promise<{ code: number; text: string }> => {
    let text = '';
    const write = process.stdout.write.bind(process.stdout);
    process.stdout.write = (chunk: string | Uint8Array) => {
      text += String(chunk);
      return true;
    };
    try {
      return { code: await createProgram().run([...args, '--help']), text };
    } finally {
      process.stdout.write = write;
    }
  };

  test.each(LEAVES)('%s --help has an example and ends well', async (leaf) => {
    const { code, text } = await helpOf(leaf.split(' '));
    expect(code).toBe(0);
    expect(text).toMatch(new RegExp(`Usage: obzvon ${leaf}`));
    expect(text).toMatch(new RegExp(`Example:\\n(.*\\n)*.*obzvon ${leaf}`));
  });

  test('every command there is stands in the list above', async () => {
    const groups = new Set(LEAVES.map((leaf) => leaf.split(' ')[0]!));
    const named = [...(await helpOf([])).text.matchAll(/^ {2}([a-z]+)(?= )/gm)].map((match) => match[1]!).filter((name) => name !== 'help');
    expect(named.sort()).toEqual([...groups].sort());
  });

  test.each([[['lode', 'x']], [['load', 'good.csv', '--campain', 'x']], [['load']], [['campaign', 'set', 'small', '--cps', 'many']], [['report', 'reach', '--campaign', 'small', '--json', '--csv']]])('%j is wrong usage', async (args) => {
    const ended = await space.run(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).not.toBe('');
  });
});

describe('a campaign from its list to its audit', () => {
  const json = async (...args: string[]): Promise<unknown> => {
    const ended = await space.run(...args, '--json');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    return documentOf(ended);
  };

  test('validate says how good a list is by its exit code and keeps nothing', async () => {
    const [good, mixed, bad] = await Promise.all(['good.csv', 'mixed.csv', 'bad.csv'].map((list) => space.run('validate', list, '--campaign', 'campaign.yaml', '--json')));
    expect([good!.code, mixed!.code, bad!.code]).toEqual([0, 3, 2]);
    expect(documentOf(good!)).toMatchObject({ dryRun: true, rows: 5, accepted: 5, refusedRows: 0, refusedPath: null });
    expect(documentOf(mixed!)).toMatchObject({ accepted: 3, refusedRows: 1 });
    expect(readFileSync(space.at('mixed.refused.csv'), 'utf8')).toContain('Nobody');
    expect(documentOf(await space.run('campaign', 'list', '--json'))).toEqual([]);
  });

  test('load twice adds nobody twice', async () => {
    expect(await json('load', 'good.csv', '--campaign', 'campaign.yaml')).toMatchObject({ accepted: 5, duplicates: 0 });
    expect(await json('load', 'good.csv', '--campaign', 'campaign.yaml')).toMatchObject({ accepted: 0, duplicates: 5 });
  });

  test('a campaign that was loaded can be seen and steered before any dialer runs', async () => {
    expect(await json('campaign', 'list')).toMatchObject([{ id: 'small', mode: 'running' }]);
    expect((await space.run('campaign', 'pause', 'small')).code).toBe(0);
    expect(await json('campaign', 'set', 'small', '--cps', '7', '--channels', '9')).toEqual({ campaign: 'small', maxCallsPerSecond: 7, maxChannels: 9 });
    expect(await json('campaign', 'status', 'small')).toMatchObject({ mode: 'paused', maxCallsPerSecond: 7, maxChannels: 9, loading: 5 });
    expect((await space.run('campaign', 'resume', 'small')).stdout).toContain('resume ordered');
    expect(await json('campaign', 'status', 'small')).toMatchObject({ mode: 'running' });
  });

  test('an unknown campaign is named, and those that are known', async () => {
    for (const args of [['campaign', 'pause', 'smal'], ['campaign', 'status', 'smal'], ['audit', '--campaign', 'smal']]) {
      const ended = await space.run(...args);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toContain('"smal"');
    }
  });

  test('payments: good rows go on, bad ones are kept to be mended', async () => {
    space.write('payments.csv', 'payment_id,account_id,amount,paid_at\nP-1,A-1,101.00,2026-11-03T10:00:00+02:00\nP-2,A-2,lots,2026-11-03T10:00:00+02:00\n');
    const ended = await space.run('payments', 'load', 'payments.csv', '--json');
    expect(ended.code).toBe(3);
    expect(documentOf(ended)).toMatchObject({ rows: 2, accepted: 1, refused: 1, examples: [{ line: 3, field: 'amount' }] });
    expect(readFileSync(space.at('payments.refused.csv'), 'utf8')).toContain('lots');
    const again = await space.run('payments', 'load', 'payments.csv', '--json');
    expect(again.code).toBe(3);
    expect(documentOf(again)).toMatchObject({ rows: 2, accepted: 1, alreadyTold: 1, refused: 1 });
  });

  test('the do-not-call list: add, import, list, remove', async () => {
    const added = await space.run('dnc', 'add', '067 000 00 01', '--reason', 'asked by letter');
    expect(added.stdout).toBe('+38067***0001: will not be called\n');
    space.write('dnc.csv', 'phone,reason\n+380670000002,by mail\n123,short\n');
    expect((await space.run('dnc', 'import', 'dnc.csv')).code).toBe(3);
    expect(await json('dnc', 'list')).toMatchObject([{ phone: '+380670000001', reason: 'asked by letter', expiresAtMs: null }, { phone: '+380670000002' }]);
    expect((await space.run('dnc', 'remove', '+380670000002')).code).toBe(0);
    expect(await json('dnc', 'list')).toMatchObject([{ phone: '+380670000001' }]);
    expect((await space.run('dnc', 'add', '12')).code).toBe(2);
    expect((await space.run('dnc', 'add-account', 'A-9', '--reason', 'dispute', '--expires', '2027-01-31')).code).toBe(0);
    expect((await space.run('dnc', 'add-account', 'A-9', '--expires', 'soon')).code).toBe(2);
    expect((await space.run('dnc', 'remove-account', 'A-9')).code).toBe(0);
  });

  test('reports come as table, JSON and CSV', async () => {
    const reach = await json('report', 'reach', '--campaign', 'small');
    expect(JSON.stringify(reach)).toContain('"small"');
    const csv = await space.run('report', 'uplift', '--campaign', 'small', '--csv');
    expect(csv.code).toBe(0);
    expect(csv.stdout.split('\n')[0]).toMatch(/^[\w ,"%-]+$/);
    const table = await space.run('report', 'reach', '--campaign', 'small');
    const uplift = (await json('report', 'uplift', '--campaign', 'small')) as { horizons: { day: number }[] };
    expect(uplift.horizons.map(({ day }) => day)).toEqual([1, 3, 7, 14, 30, 60]);
    expect(table.stdout).toMatch(/contacts +5 /);
  });

  test('the other reports, their files, and a query of one\'s own that can change nothing', async () => {
    expect((await space.run('analytics', 'tariff', 'main', '--per-minute', '0.45', '--first', '30', '--step', '6')).code).toBe(0);
    expect((await space.run('analytics', 'tariff', 'main', '--per-minute', 'cheap')).code).toBe(2);
    for (const kind of ['cost', 'data']) expect(await json('report', kind, '--campaign', 'small')).toMatchObject({ kind, campaignId: 'small' });
    for (const file of ['reach.xlsx', 'reach.parquet']) {
      expect(await json('report', 'reach', '--campaign', 'small', '-o', file)).toMatchObject({ written: file });
      expect(readFileSync(space.at(file)).length).toBeGreaterThan(100);
    }
    expect((await space.run('report', 'reach', '--campaign', 'small', '-o', 'reach.doc')).code).toBe(2);
    const page = await json('report', 'page', '--campaign', 'small', '-o', 'report.html', '--language', 'en');
    expect(page).toMatchObject({ kind: 'page', reach: { campaignId: 'small' } });
    expect(readFileSync(space.at('report.html'), 'utf8')).toContain('What the calls were worth');
    space.write('mine.sql', 'SELECT count() AS contacts FROM v_contacts WHERE campaign_id = {campaign:String};');
    expect(await json('report', 'query', 'mine.sql', '--param', 'campaign=small')).toEqual([{ contacts: 5 }]);
    space.write('bad.sql', 'DROP TABLE contacts');
    expect((await space.run('report', 'query', 'bad.sql')).code).toBe(2);
    expect((await space.run('report', 'query', 'mine.sql', '--param', 'campaign=small', '-o', 'mine.csv')).code).toBe(0);
    expect(readFileSync(space.at('mine.csv'), 'utf8')).toBe('"contacts"\n5\n');
  }, 180_000);

  test('why a contact is called or not, from its first row on', async () => {
    const found = (await json('why', '--campaign', 'small', '--account', 'A-1')) as { events: { kind: string }[]; decision: string };
    expect(found.events.map((event) => event.kind)).toEqual(expect.arrayContaining(['order', 'loaded', 'paid', 'payment_known']));
    expect(found.decision).toContain('no dialer has run');
    const text = await space.run('why', '--campaign', 'small', '--account', 'A-1');
    expect(text.stdout).toMatch(/payment P-1 of 101\.00 UAH became known/);
    expect(text.stdout).not.toMatch(/\+38067\d{7}/);
    expect(await space.run('why', '--campaign', 'small', '--account', 'A-77')).toMatchObject({ code: 2, stdout: '' });
  });

  test('the smallest effect that will be found, of a list that is loaded or of a number of contacts', async () => {
    expect(await json('report', 'power', '--campaign', 'campaign.yaml', '--contacts', '200000', '--paid-share', '0.2', '--hold-out', '0.1')).toMatchObject({ kind: 'power', contacts: 200_000, contactsFrom: 'given', paidShareFrom: 'given', planned: { heldOut: 20_000 } });
    expect((await space.run('report', 'power', '--campaign', 'small', '--hold-out', '0.4')).stdout).toContain('5 contacts loaded');
    for (const args of [['--contacts', 'many'], ['--hold-out', '2'], ['--days', '0']]) expect(await space.run('report', 'power', '--campaign', 'small', ...args)).toMatchObject({ code: 2, stdout: '' });
  });

  test('a person is erased from every store, and every count stays', async () => {
    const before = (await json('report', 'reach', '--campaign', 'small')) as { funnel: unknown };
    const erased = (await json('erase', '--account', 'A-2')) as { mark: string; stores: { store: string; outcome: string }[] };
    expect(Object.fromEntries(erased.stores.map(({ store, outcome }) => [store, outcome]))).toEqual({ ledger: 'nothing found', analytics: 'erased', bus: 'erased', recordings: 'nothing found' });
    expect((await space.run('why', '--campaign', 'small', '--account', 'A-2')).code).toBe(2);
    expect((await json('report', 'reach', '--campaign', 'small')) as object).toMatchObject({ funnel: before.funnel });
    space.write('who.sql', "SELECT countIf(account_id = 'A-2') AS named, countIf(account_id LIKE 'erased-%') AS marked FROM v_contacts");
    expect(await json('report', 'query', 'who.sql')).toEqual([{ named: 0, marked: 1 }]);
    const again = (await json('erase', '--account', 'A-2')) as { stores: { outcome: string }[] };
    expect(again.stores.map((each) => each.outcome)).toEqual(Array(4).fill('nothing found'));
  }, 120_000);

  test('the audit of a campaign that nobody dialled says who has no disposition', async () => {
    const ended = await space.run('audit', '--campaign', 'small', '--json');
    expect(ended.code).toBe(1);
    const report = documentOf(ended) as { ok: boolean; checks: { name: string; ok: boolean }[] };
    expect(report.ok).toBe(false);
    expect(report.checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(['every contact has a disposition']);
  });
});

describe('configuration and files', () => {
  test('config tells where values come from and shows no secret', async () => {
    const other = new Workspace();
    other.write('obzvon.yaml', { switch: { url: ['drachtio://:hidden-one@127.0.0.1', 'freeswitch://:hidden-two@127.0.0.1'] }, trunks: [{ name: 'main', uri: 'sip:{phone}@carrier.example', maxCallsPerSecond: 1, maxChannels: 1, username: 'u', password: 'hidden-three' }], amd: { token: 'hidden-token-of-amd' } });
    const [text, ended] = await Promise.all([other.run('config'), other.run('config', '--json')]);
    expect(text.code).toBe(0);
    expect(text.stdout + text.stderr + ended.stdout).not.toContain('hidden');
    expect(documentOf(ended)).toEqual(expect.arrayContaining([expect.objectContaining({ key: 'dialer.leaseSeconds', env: 'OBZVON_DIALER_LEASE_SECONDS', unit: 's' })]));
    other.remove();
  });

  test('a bad obzvon.yaml and a bad campaign name file, line, key, found and expected', async () => {
    const other = new Workspace();
    other.write('obzvon.yaml', 'dialer:\n  leaseSeconds: long\n  maxChanels: 5\n');
    const config = await other.run('config');
    expect(config.code).toBe(2);
    expect(config.stderr).toMatch(/obzvon\.yaml:2: dialer\.leaseSeconds: found "long"; expected (a )?number/);
    expect(config.stderr).toMatch(/obzvon\.yaml:3: dialer\.maxChanels: .*did you mean "maxChannels"/);
    other.write('obzvon.yaml', '');
    other.write('campaign.yaml', 'id: small\nname: Small\nmaxCallsPerSecond: fast\n');
    const campaign = await other.run('validate', space.at('good.csv'), '--campaign', 'campaign.yaml');
    expect(campaign.code).toBe(2);
    expect(campaign.stderr).toMatch(/campaign\.yaml:3: maxCallsPerSecond: found "fast"; expected (a )?number/);
    other.remove();
  });

  test('amd evaluate says how well detection does beside Asterisk\'s algorithm, and keeps the figures', async () => {
    const ended = await space.run('amd', 'evaluate', 'corpus', '--calls', '25', '--part', 'all', '--save', 'figures.json', '--json');
    expect(ended).toMatchObject({ code: 0 });
    const figures = documentOf(ended) as { of: string; systems: { name: string }[]; reliability: unknown[] };
    expect(figures).toMatchObject({ of: 'simulated channel, proxy languages', systems: [{ name: 'obzvon' }, { name: 'Asterisk app_amd, defaults' }] });
    expect(figures.reliability).toHaveLength(10);
    expect(JSON.parse(readFileSync(space.at('figures.json'), 'utf8'))).toEqual(figures);
    expect(await space.run('amd', 'evaluate', 'corpus', '--calls', 'many')).toMatchObject({ code: 2 });
  });

  test('amd classify says what answered', async () => {
    const wav = fileURLToPath(new URL('../dialer/simulator/public/voices/human-short-01.wav', import.meta.url));
    const ended = await space.run('amd', 'classify', wav, '--json');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(documentOf(ended)).toMatchObject({ verdict: expect.any(String) as string, reason: expect.any(String) as string });
    expect((await space.run('amd', 'classify', 'gone.wav')).code).toBe(2);
  });
});
