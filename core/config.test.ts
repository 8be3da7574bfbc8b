import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeConfig, loadConfig } from './config.ts';
import type { Config } from './config.ts';
import { ObzvonError } from './errors.ts';

let dir: string;
beforeAll(async () => (dir = await mkdtemp(join(tmpdir(), 'obzvon-config-'))));
afterAll(() => rm(dir, { recursive: true }));

async function fileOf(text: string): Promise<string> {
  const path = join(dir, `${Math.random()}.yaml`);
  await writeFile(path, text);
  return path;
}
const load = async (text: string, env: Record<string, string> = {}) => loadConfig({ env, path: await fileOf(text) });
const config = async (text: string, env: Record<string, string> = {}): Promise<Config> => (await load(text, env)).config;

/** The lines of the refusal, without the file's folder. */
async function refusal(text: string, env: Record<string, string> = {}): Promise<string[]> {
  const error = await load(text, env).then(() => null, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(ObzvonError);
  expect((error as ObzvonError).code).toBe('bad_config');
  return (error as ObzvonError).message.split('\n').map((line) => line.replace(/^\S*\.yaml:/, 'FILE:'));
}

const REAL = 'switch:\n  url: ["drachtio://:s3cret@127.0.0.1:9022", "freeswitch://:ClueC0n@127.0.0.1"]\n';

describe('loadConfig', () => {
  test('an empty file gives the defaults: everything on this machine, under one folder', async () => {
    expect(await config('')).toMatchObject({
      data: { dir: '.obzvon' },
      bus: { url: 'embedded:.obzvon/bus' },
      ledger: { url: 'embedded:.obzvon/ledger' },
      analytics: { url: 'chdb:.obzvon/analytics' },
      switch: { url: ['simulator:'] },
      trunks: [{ name: 'main' }],
      dialer: { leaseSeconds: 30 },
      prompts: { dir: '.obzvon/prompts', switchDir: '.obzvon/prompts' },
      log: { level: 'info' },
    });
  });

  test('what is made from other keys follows them', async () => {
    expect(await config('data: { dir: /var/lib/obzvon }\nprompts: { dir: /srv/wav }')).toMatchObject({ bus: { url: 'embedded:/var/lib/obzvon/bus' }, prompts: { dir: '/srv/wav', switchDir: '/srv/wav' } });
  });

  test('a token is made anew if there is none, and kept if there is', async () => {
    const [one, two] = [await config(''), await config('')];
    expect(one.amd.token).toMatch(/^[0-9a-f]{48}$/);
    expect(one.amd.token).not.toBe(two.amd.token);
    expect((await config('amd: { token: sixteen-letters-or-more }')).amd.token).toBe('sixteen-letters-or-more');
  });

  test('the command line wins over the environment, that over the file, that over defaults', async () => {
    const path = await fileOf('dialer:\n  leaseSeconds: 11\n  drainSeconds: 12\n  maxChannels: 13\n');
    const env = { OBZVON_DIALER_DRAIN_SECONDS: '22', OBZVON_DIALER_MAX_CHANNELS: '23', OBZVON_CONFIG: path };
    const loaded = await loadConfig({ env, overrides: { 'dialer.maxChannels': '33', 'log.level': undefined } });
    expect(loaded.config.dialer).toMatchObject({ leaseSeconds: 11, drainSeconds: 22, maxChannels: 33 });
    expect(loaded.origins.get('dialer.leaseSeconds')).toEqual({ kind: 'file', file: path, line: 2 });
    expect(loaded.origins.get('dialer.drainSeconds')).toEqual({ kind: 'env', name: 'OBZVON_DIALER_DRAIN_SECONDS' });
    expect(loaded.origins.get('dialer.maxChannels')).toEqual({ kind: 'option' });
    expect(loaded.origins.get('log.level')).toEqual({ kind: 'default' });
  });

  test('lists and trunks can be given in the environment', async () => {
    const loaded = await config('', {
      OBZVON_SWITCH_URL: 'drachtio://:a@10.0.0.1 freeswitch://:b@127.0.0.1,freeswitch://:c@127.0.0.2:8022',
      OBZVON_TRUNKS: '[{ name: kyiv, uri: "sip:{phone}@10.1.1.1", maxCallsPerSecond: 5, maxChannels: 60 }]',
    });
    expect(loaded.switch.url).toHaveLength(3);
    expect(loaded.trunks).toEqual([{ name: 'kyiv', uri: 'sip:{phone}@10.1.1.1', maxCallsPerSecond: 5, maxChannels: 60 }]);
  });

  test.each<[string, string, Record<string, string>, string]>([
    ['a wrong value in the file', 'data: {}\ndialer:\n  leaseSeconds: soon\n', {}, 'FILE:3: dialer.leaseSeconds: found "soon"; expected number'],
    ['a value out of bounds', 'dialer: { maxChannels: 0 }', {}, 'FILE:1: dialer.maxChannels: found 0; expected number to be >=1'],
    ['a wrong value in the environment', '', { OBZVON_DIALER_MAX_CHANNELS: 'many' }, 'environment OBZVON_DIALER_MAX_CHANNELS: dialer.maxChannels: found "many"; expected number'],
    ['an unknown key', 'dialer:\n  leaseSecond: 3\n', {}, 'FILE:2: dialer.leaseSecond: unknown key "leaseSecond"; did you mean "leaseSeconds"?'],
    ['an unknown group', 'log: {}\ntrunk: []', {}, 'FILE:2: trunk: unknown key "trunk"; did you mean "trunks"?'],
    ['an unknown key inside a list', 'trunks:\n  - { name: a, uri: "sip:{phone}@h", maxCallsPerSecond: 1, maxChannel: 2, maxChannels: 1 }', {}, 'FILE:2: trunks[0].maxChannel: unknown key "maxChannel"; did you mean "maxChannels"?'],
    ['an unknown variable', '', { OBZVON_DAILER_ID: 'x' }, 'environment OBZVON_DAILER_ID: unknown; did you mean OBZVON_DIALER_ID?'],
    ['a word that is none of a list', 'log: { level: loud }', {}, 'FILE:1: log.level: found "loud"; expected one of "fatal"|"error"|"warn"|"info"|"debug"|"trace"|"silent"'],
    ['a group that is a text', 'dialer: yes please', {}, 'FILE:1: dialer: found "yes please"; expected object'],
    ['a trunk without a place for the phone', 'trunks: [{ name: a, uri: "sip:1@h", maxCallsPerSecond: 1, maxChannels: 1 }]', {}, 'FILE:1: trunks[0].uri: found ***; expected a SIP URI with one {phone} before the @, such as sip:{phone}@carrier.example:5060'],
    ['a trunk that stands twice', 'trunks:\n  - &a { name: a, uri: "sip:{phone}@h", maxCallsPerSecond: 1, maxChannels: 1 }\n  - *a', {}, 'FILE:3: trunks[1].name: found the name "a" twice; expected each once'],
    ['a user without a password', 'trunks: [{ name: a, uri: "sip:{phone}@h", maxCallsPerSecond: 1, maxChannels: 1, username: u }]', {}, 'FILE:1: trunks[0]: found only one of username and password; expected both or neither'],
    ['half a switch', 'switch: { url: ["drachtio://h"] }', {}, 'FILE:1: switch.url: found only drachtio://; expected at least one drachtio:// and one freeswitch://'],
    ['a simulator beside a switch', 'switch: { url: ["simulator:", "drachtio://h", "freeswitch://127.0.0.1"] }', {}, 'FILE:1: switch.url: found simulator: beside other URLs; expected it alone'],
    ['FreeSWITCH elsewhere, the detector on loopback', 'switch: { url: ["drachtio://h", "freeswitch://h"] }\neventSocket: { publicHost: 10.0.0.1 }', {}, 'FILE:1: amd.publicUrl: found nothing, with FreeSWITCH on another host and amd.listenHost on loopback; expected ws://HOST:PORT that FreeSWITCH can reach'],
    ['a file of something else', '- a\n- b', {}, 'FILE:1: found a list of 2; expected keys such as data: and bus:'],
    ['a key that stands twice', 'log: {}\nlog: {}', {}, 'FILE:2: not YAML: Map keys must be unique'],
  ])('%s is refused with place, key, found and expected', async (_name, text, env, expected) => {
    expect(await refusal(text, env)).toEqual([expected]);
  });

  test('every fault is told at once; secrets are in none', async () => {
    const lines = await refusal('switch: { url: ["drachtio//:s3cret@host"] }\namd: { token: short-t0ken }\nlog: { level: x }\n', { OBZVON_NONE: '1' });
    expect(lines).toHaveLength(4);
    expect(lines.join('\n')).not.toMatch(/s3cret|short-t0ken/);
    expect(lines.join('\n')).toContain('FILE:1: switch.url[0]: found ***; expected simulator:, drachtio://');
  });

  test('a file that was named must be there; the default one need not', async () => {
    await expect(loadConfig({ env: {}, path: join(dir, 'none.yaml') })).rejects.toMatchObject({ code: 'not_found' });
    await expect(loadConfig({ env: { OBZVON_CONFIG: join(dir, 'none.yaml') } })).rejects.toMatchObject({ code: 'not_found' });
    await expect(loadConfig({ env: {} })).resolves.toBeDefined();
    await expect(loadConfig({ env: {}, overrides: { 'data.dri': 'x' } })).rejects.toMatchObject({ code: 'usage', message: expect.stringContaining('data.dir') as string });
  });
});

describe('describeConfig', () => {
  test('shows every key with value, unit, default, meaning and origin', async () => {
    const rows = describeConfig(await load('dialer: { drainSeconds: 5 }', { OBZVON_LOG_LEVEL: 'warn' }));
    expect(rows.find((row) => row.key === 'dialer.drainSeconds')).toMatchObject({ value: '5', unit: 's', default: '60', env: 'OBZVON_DIALER_DRAIN_SECONDS', origin: expect.stringMatching(/yaml:1$/) as string });
    expect(rows.find((row) => row.key === 'log.level')).toMatchObject({ value: 'warn', default: 'info', origin: 'OBZVON_LOG_LEVEL' });
    expect(rows.find((row) => row.key === 'bus.url')).toMatchObject({ value: 'embedded:.obzvon/bus', default: 'embedded:<data.dir>/bus', origin: 'default' });
    for (const row of rows) {
      expect(row.unit, row.key).not.toBe('');
      expect(row.meaning, row.key).not.toBe('');
      expect(row.default, row.key).not.toBe('');
    }
    expect(new Set(rows.map((row) => row.env)).size).toBe(rows.length);
  });

  test('no secret is shown', async () => {
    const text = JSON.stringify(
      describeConfig(
        await load(`${REAL}amd: { token: t0ken-t0ken-t0ken }\nanalytics: { url: "https://user:pa55@host:8443" }\ntrunks: [{ name: a, uri: "sip:{phone}@h", maxCallsPerSecond: 1, maxChannels: 1, username: u, password: pa66 }]`),
      ),
    );
    expect(text).not.toMatch(/s3cret|ClueC0n|t0ken-|pa55|pa66/);
    expect(text).toContain('drachtio://***@127.0.0.1:9022 freeswitch://***@127.0.0.1');
    expect(text).toContain('https://***@host:8443');
  });
});
