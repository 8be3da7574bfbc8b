import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { loadConfig } from '../core/config.ts';
import type { Config } from '../core/config.ts';
import { parseSwitchUrl } from '../core/switch-url.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

const serviceSchema = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  healthcheck: z.union([z.strictObject({ disable: z.literal(true) }), z.strictObject({ test: z.array(z.string()).min(2), interval: z.string(), timeout: z.string(), start_period: z.string(), retries: z.number() })]),
  profiles: z.array(z.string()).optional(),
  ports: z.array(z.string()).default([]),
  networks: z.array(z.string()),
  volumes: z.array(z.union([z.string(), z.looseObject({ type: z.literal('volume'), source: z.string(), target: z.string(), read_only: z.boolean() })])).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  restart: z.string(),
  init: z.boolean(),
  stop_grace_period: z.string().optional(),
  privileged: z.never().optional(),
  network_mode: z.never().optional(),
  env_file: z.never().optional(),
});
type Service = z.infer<typeof serviceSchema>;

const file = z
  .looseObject({ services: z.record(z.string(), serviceSchema), networks: z.record(z.string(), z.looseObject({})), volumes: z.record(z.string(), z.unknown()) })
  .parse(parseYaml(read('./compose.yaml'), { merge: true }));
const services = Object.entries(file.services);
const ours = services.filter(([, service]) => service.image.startsWith('obzvon:'));
/** What `docker compose up` starts; the others are run by hand, and end. */
const standing = services.filter(([, service]) => service.profiles === undefined);
const dialers = ours.filter(([, service]) => service.command?.[0] === 'dial');

/** `${NAME:?text}` and `$$`, the two that compose.yaml uses; anything else is a fault. */
const INTERPOLATION = /\$(?:\$|\{([A-Z_]+):\?[^}]+\}|)/g;
const variablesOf = (text: string): string[] => [...text.matchAll(INTERPOLATION)].flatMap((match) => match[1] ?? []);
/** .env as compose reads it, as far as ours goes: NAME=text, or 'text' with nothing of it changed. */
const example = new Map([...read('./.env.example').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, name, text]) => [name!, text!.replace(/^'(.*)'$/, '$1')]));
const filledIn = new Map([...example].map(([name, text]) => [name, text === '' ? `0123456789abcdef${name.replaceAll('_', '')}` : text]));
const interpolated = (text: string): string => text.replace(INTERPOLATION, (whole, name: string | undefined) => (name === undefined ? whole.slice(1) : filledIn.get(name)!));

function environmentOf(service: Service): Record<string, string> {
  return Object.fromEntries(Object.entries(service.environment).map(([name, value]) => [name, interpolated(String(value))]));
}

async function configOf(service: Service): Promise<Config> {
  const image = Object.fromEntries([...read('./Dockerfile').matchAll(/(OBZVON_[A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name!, value!]));
  return (await loadConfig({ env: { ...image, ...environmentOf(service) } })).config;
}

const seconds = (text: string | undefined): number => Number(/^(\d+)s$/.exec(text ?? '')?.[1] ?? Number.NaN);
const shareNetwork = (one: Service, other: Service | undefined): boolean => one.networks.some((name) => other?.networks.includes(name));

describe('compose.yaml', () => {
  test('is valid by the schema of the Compose specification', () => {
    // The linter carries the specification's own schema, among the files of its package.
    const path = join(dirname(createRequire(import.meta.url).resolve('dclint/package.json')), 'schemas/compose.schema.json');
    const ajv = new Ajv({ strict: false, allErrors: true });
    for (const format of ['ports', 'expose', 'subnet_ip_address']) ajv.addFormat(format, true);
    // The specification's durations are Go's, not those of JSON schema.
    ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/);
    // Draft 7, by an address that is not quite its own.
    const { $schema: _draft, ...schema } = z.looseObject({ $schema: z.string(), definitions: z.looseObject({}) }).parse(JSON.parse(readFileSync(path, 'utf8')));
    const validate = ajv.compile(schema);
    const plain = parseYaml(read('./compose.yaml'), { merge: true }) as { services: Record<string, object> };
    expect(validate(plain) ? [] : validate.errors).toEqual([]);
    expect(validate({ ...plain, services: { ...plain.services, redis: { ...plain.services.redis, helthcheck: {} } } }), 'a key that does not exist').toBe(false);
  });

  test('has everything that a campaign runs on', () => {
    expect(standing.map(([name]) => name).sort()).toEqual(['clickhouse', 'dialer-1', 'dialer-2', 'drachtio', 'freeswitch', 'grafana', 'kafka', 'prometheus', 'redis', 'sink']);
    expect(dialers.map(([name]) => name)).toEqual(['dialer-1', 'dialer-2']);
  });

  test.each(services)('%s: image pinned, watched, restarted, in declared networks and volumes', (_name, service) => {
    expect(service.image).toMatch(/^[a-z0-9./-]+:v?\d+\.\d+\.\d+[a-z0-9.-]*(@sha256:[0-9a-f]{64})?$/);
    expect([service.restart, 'test' in service.healthcheck]).toEqual(service.profiles === undefined ? ['unless-stopped', true] : ['no', false]);
    expect(service.init).toBe(true);
    for (const network of service.networks) expect(Object.keys(file.networks)).toContain(network);
    for (const volume of service.volumes) {
      const source = typeof volume === 'string' ? volume.split(':')[0]! : volume.source;
      if (source.startsWith('.')) expect(() => readFileSync(new URL(source, import.meta.url))).not.toThrow(/ENOENT/);
      else expect(Object.keys(file.volumes)).toContain(source);
    }
    for (const needed of Object.keys(service.depends_on)) expect(shareNetwork(service, file.services[needed]), needed).toBe(true);
  });

  test('publishes ports on loopback only', () => {
    const ports = services.flatMap(([, service]) => service.ports);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  test('keeps the engines out of every network that leads out of the host', () => {
    expect(file.networks.engines).toMatchObject({ internal: true });
    for (const name of ['kafka', 'redis', 'clickhouse']) expect(file.services[name]?.networks).toEqual(['engines']);
  });

  test('Redis forgets nothing: each write is on the disk before its answer, and none makes room for another', () => {
    expect(file.services.redis?.command?.join(' ')).toMatch(/--appendonly yes --appendfsync always --maxmemory-policy noeviction/);
  });
});

describe('.env.example', () => {
  test('holds every variable of compose.yaml and no other', () => {
    const used = services.flatMap(([, service]) => variablesOf(JSON.stringify(service)));
    expect([...new Set(used)].sort()).toEqual([...example.keys()].sort());
    expect(read('./.env.example').match(/^[A-Za-z_]+=/gm)).toHaveLength(example.size);
  });

  test('is filled in where git does not look', () => {
    expect(read('./.gitignore').split('\n')).toContain('.env');
    expect(read('./campaigns/.gitignore').split('\n')).toEqual(expect.arrayContaining(['*', '!.gitignore']));
  });

  test('holds no secret, and compose refuses to start without them', () => {
    const secrets = [...example.keys()].filter((name) => /PASSWORD|SECRET|KEY/.test(name));
    expect(secrets).toHaveLength(6);
    for (const name of secrets) expect(example.get(name), name).toBe('');
    // Every $ belongs to ${NAME:?text} or $$: none has a default to fall back to.
    const rest = JSON.stringify(file).replace(/\$\$|\$\{[A-Z_]+:\?[^}]+\}/g, '');
    expect(rest).not.toContain('$');
  });
});

describe('the configuration of each process', () => {
  test.each(ours)('%s: only known keys, and obzvon accepts it', async (name, service) => {
    const config = await configOf(service);
    expect(config.metrics.listen).toBe('0.0.0.0:9464');
    if ('test' in service.healthcheck) expect(service.healthcheck.test.join(' ')).toContain('127.0.0.1:9464/healthz');
    expect([config.bus.url, new URL(config.ledger.url).host, new URL(config.analytics.url).host]).toEqual(['kafka://kafka:9092', 'redis:6379', 'clickhouse:8123']);
    expect(new URL(config.ledger.url).password, name).toBe(filledIn.get('REDIS_PASSWORD'));
  });

  test('a key that obzvon does not know would be refused', async () => {
    const [, service] = dialers[0]!;
    await expect(configOf({ ...service, environment: { ...service.environment, OBZVON_AMD_PUBLICURL: 'ws://x:1' } })).rejects.toThrow(/OBZVON_AMD_PUBLIC_URL/);
  });

  test.each(dialers)('%s reaches the switch, and the switch reaches it', async (name, service) => {
    const config = await configOf(service);
    const parts = config.switch.url.flatMap((url) => parseSwitchUrl(url) ?? []);
    expect(parts).toMatchObject([
      { kind: 'drachtio', host: 'drachtio', port: 9022, secret: environmentOf(file.services.drachtio!).DRACHTIO_SECRET },
      { kind: 'freeswitch', host: 'freeswitch', port: 8021, secret: environmentOf(file.services.freeswitch!).FREESWITCH_PASSWORD },
    ]);
    for (const { kind } of parts) if (kind !== 'simulator') expect(shareNetwork(service, file.services[kind]), kind).toBe(true);
    expect(config.dialer.id).toBe(name);
    expect(config.eventSocket).toMatchObject({ listenHost: '0.0.0.0', publicHost: name });
    expect(config.eventSocket.listenPort).not.toBe(0);
    expect(config.amd.publicUrl).toBe(`ws://${name}:${config.amd.listenPort}/amd`);
    expect(config.trunks[0]?.uri).toContain('{phone}');
  });

  test.each(dialers)('%s writes its prompts where FreeSWITCH reads them, and only reads', async (_name, service) => {
    const { prompts } = await configOf(service);
    expect(service.volumes).toContain(`prompts:${prompts.dir}`);
    const freeswitch = file.services.freeswitch!;
    expect(freeswitch.volumes).toContainEqual(expect.objectContaining({ source: 'prompts', target: prompts.switchDir, read_only: true, volume: { nocopy: true } }));
    // Files of 0600 that another user owns.
    expect(freeswitch).toMatchObject({ cap_drop: ['ALL'], cap_add: ['DAC_OVERRIDE'] });
    expect(freeswitch.user).toBeUndefined();
  });

  test.each(dialers)('%s may finish its calls before it is killed', async (_name, service) => {
    const { dialer } = await configOf(service);
    expect(seconds(service.stop_grace_period)).toBeGreaterThan(dialer.drainSeconds + 10);
  });
});

describe('the switch', () => {
  test('FreeSWITCH is given the password and ports that dialers use, by options of its image', () => {
    const command = file.services.freeswitch!.command!.map(interpolated);
    const option = (name: string): string | undefined => command[command.indexOf(name) + 1];
    expect(option('--password')).toBe(filledIn.get('FREESWITCH_PASSWORD'));
    expect(option('--event-socket-port')).toBe('8021');
    // Two ports a call.
    expect(Number(option('--rtp-range-end')) - Number(option('--rtp-range-start'))).toBeGreaterThanOrEqual(2 * 1200);
  });
});
