import { z } from 'zod';
import { idSchema } from './contact.ts';
import { isLoopback, parseSwitchUrl } from './switch-url.ts';

/** What is known of a key beside its shape; shown by `obzvon config`. */
export interface KeyNotes {
  /** Of the value: `s`, `calls`, `calls/s`, `path`, `URL`, ... */
  readonly unit: string;
  readonly meaning: string;
  /** The default in words, where it is made from other keys or by chance. */
  readonly defaultText?: string;
  readonly secret?: boolean;
}

const notes = new Map<string, KeyNotes>();

/** Notes stand in the schema itself, as its description; this reads them back. */
export function notesOf(schema: z.ZodType): KeyNotes | undefined {
  return schema.description === undefined ? undefined : notes.get(schema.description);
}

function key<T extends z.ZodType>(schema: T, about: KeyNotes): T {
  const text = `${about.meaning} (${about.unit})`;
  notes.set(text, about);
  return schema.describe(text);
}

const pathSchema = z.string().min(1, 'expected a path').max(4000);
const hostSchema = z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, 'expected a host name or address');
const portSchema = z.number().int().min(0).max(65535);

/** A SIP URI with a place for the phone; nothing in it can break out of a request line. */
const uriTemplateSchema = z
  .string()
  .max(300)
  .regex(/^sips?:[^\s<>"@{}]*\{phone\}[^\s<>"@{}]*@[^\s<>"@{}/]+$/, 'expected a SIP URI with one {phone} before the @, such as sip:{phone}@carrier.example:5060');

export const trunkSchema = z.strictObject({
  name: idSchema.regex(/^[a-z0-9][a-z0-9_-]*$/i, 'expected a trunk name of letters, digits, - and _'),
  uri: uriTemplateSchema,
  maxCallsPerSecond: z.number().positive().max(10_000),
  maxChannels: z.number().int().positive().max(100_000),
  username: z.string().min(1).max(200).optional(),
  password: z.string().min(1).max(200).optional(),
});
export type Trunk = z.infer<typeof trunkSchema>;

const DEFAULT_TRUNK: Trunk = { name: 'main', uri: 'sip:{phone}@127.0.0.1:5060', maxCallsPerSecond: 100, maxChannels: 2000 };

/** Where ClickHouse's documentation puts a replicated table; the server fills in what stands in braces. */
export const DEFAULT_REPLICA_PATH = '/clickhouse/tables/{shard}/{database}/{table}';
/** As it may stand in a statement between backquotes. */
export const clusterNameSchema = z.string().regex(/^[A-Za-z0-9_.{}-]{1,100}$/, 'expected the name of a cluster');
/** As it may stand in a statement between quotes; each table needs a path of its own. */
export const replicaPathSchema = z.string().regex(/^\/(?=[^']*\{table\})[\w./{}-]{1,300}$/, `expected a path with {table} in it, such as ${DEFAULT_REPLICA_PATH}`);

const switchUrlSchema = z.string().refine((url) => parseSwitchUrl(url) !== null, 'expected simulator:, drachtio://:SECRET@HOST:PORT or freeswitch://:SECRET@HOST:PORT');

const group = <T extends z.ZodRawShape>(shape: T) => z.strictObject(shape).prefault({} as never);

/** Every key of the configuration: shape, unit, default and meaning. Keys without a default here get one in {@link settle}. */
export const configSchema = z
  .strictObject({
    data: group({
      dir: key(pathSchema.default('.obzvon'), { unit: 'path', meaning: 'Where everything kept on this machine lies' }),
    }),
    clock: group({
      url: key(z.string().regex(/^(system|simulated):/, 'expected system: or simulated:?wallMs=N&simulatedMs=N&speed=N').default('system:'), {
        unit: 'URL', meaning: 'The time: system: (kept in step with the ledger), or simulated: for trials, the same for all processes of one',
      }),
    }),
    bus: group({
      url: key(z.string().min(1).optional(), { unit: 'URL', meaning: 'The bus: embedded:DIR, or kafka://HOST:9092,HOST2:9092', defaultText: 'embedded:<data.dir>/bus', secret: true }),
    }),
    ledger: group({
      url: key(z.string().min(1).optional(), { unit: 'URL', meaning: 'The ledger: embedded:DIR, redis://HOST:6379, redis+sentinel://HOST:26379,HOST2:26379/NAME or redis+cluster://HOST:6379,HOST2:6379', defaultText: 'embedded:<data.dir>/ledger', secret: true }),
    }),
    analytics: group({
      url: key(z.string().min(1).optional(), { unit: 'URL', meaning: 'The analytics store: chdb:DIR, or http(s)://host:8123 of a ClickHouse server', defaultText: 'chdb:<data.dir>/analytics', secret: true }),
      phoneKey: key(z.string().min(16).max(200).optional(), { unit: 'text', meaning: 'What phones are hashed with in the analytics store; one store, one key', defaultText: 'made once, kept in <data.dir>/phone-key', secret: true }),
      keepDays: key(z.number().int().min(1).max(3650).optional(), { unit: 'days', meaning: 'How long the analytics store keeps contacts, attempts, dispositions and payments, from when they happened', defaultText: 'for ever' }),
      cluster: key(clusterNameSchema.optional(), { unit: 'text', meaning: 'Name of the ClickHouse cluster (one shard, any number of replicas) that the tables are made on', defaultText: 'none: one server' }),
      replicaPath: key(replicaPathSchema.optional(), { unit: 'path', meaning: 'With a cluster: where Keeper keeps each table, {table} in it', defaultText: DEFAULT_REPLICA_PATH }),
      insertQuorum: key(z.union([z.literal('auto'), z.number().int().min(1).max(100)]).optional(), { unit: 'replicas', meaning: 'With a cluster: replicas that must have a row before the bus lets go of it; auto is more than half', defaultText: 'auto' }),
    }),
    switch: group({
      url: key(z.array(switchUrlSchema).min(1).default(['simulator:']), { unit: 'list of URLs', meaning: 'The switch: simulator:, or one or several each of drachtio://:SECRET@HOST:9022 and freeswitch://:SECRET@HOST:8021', secret: true }),
    }),
    trunks: key(z.array(trunkSchema).min(1).default([DEFAULT_TRUNK]), { unit: 'list', meaning: 'SIP routes to carriers: name, uri with {phone}, maxCallsPerSecond, maxChannels, and username with password if the carrier asks for them', secret: true }),
    dialer: group({
      id: key(idSchema.regex(/^[\w.:-]+$/, 'expected letters, digits, . : _ -').optional(), { unit: 'text', meaning: 'Name of this dialer among all; two that run at once must differ', defaultText: '<host>-<process id>' }),
      leaseSeconds: key(z.number().min(2).max(3600).default(30), { unit: 's', meaning: 'How long a contact stays claimed by a dialer that is heard of no more' }),
      maxChannels: key(z.number().int().min(1).max(100_000).default(2000), { unit: 'calls', meaning: 'Calls at once of this dialer, over all campaigns' }),
      drainSeconds: key(z.number().min(0).max(3600).default(60), { unit: 's', meaning: 'How long calls under way may go on after the first stop signal' }),
    }),
    amd: group({
      listenHost: key(hostSchema.default('127.0.0.1'), { unit: 'host', meaning: 'Where the detector listens for audio' }),
      listenPort: key(portSchema.default(0), { unit: 'port', meaning: 'Its port; 0: any free one' }),
      publicUrl: key(z.string().regex(/^wss?:\/\/[^\s|']+$/, 'expected ws://HOST:PORT or wss://HOST:PORT').optional(), { unit: 'URL', meaning: 'The detector as FreeSWITCH reaches it', defaultText: 'ws://<amd.listenHost>:<port>' }),
      serviceUrl: key(z.string().regex(/^wss?:\/\/[^\s|']+$/, 'expected ws://HOST:PORT/amd').optional(), { unit: 'URL', meaning: 'A detector of its own (`obzvon amd serve`), as FreeSWITCH reaches it; dialers then start none', defaultText: 'each dialer has its own' }),
      recordShare: key(z.number().min(0).max(1).default(0), { unit: 'share', meaning: 'Of calls, drawn by chance, whose callee is recorded for labelling and audit; what law and consent allow is yours to know' }),
      recordDir: key(pathSchema.optional(), { unit: 'path', meaning: 'Where those recordings are kept, readable by their owner only', defaultText: '<data.dir>/amd-recordings' }),
      recordSeconds: key(z.number().int().min(1).max(120).default(20), { unit: 's', meaning: 'How much of a call is recorded, from the answer (or its early media) on' }),
      recordDays: key(z.number().int().min(1).max(3650).default(30), { unit: 'days', meaning: 'How long a recording is kept; then it is deleted' }),
      token: key(z.string().regex(/^[\w.~-]{16,200}$/, 'expected 16 to 200 of letters, digits, . _ ~ -').optional(), { unit: 'text', meaning: 'What an audio stream must show to be heard', defaultText: 'made anew at each start', secret: true }),
    }),
    prompts: group({
      dir: key(pathSchema.optional(), { unit: 'path', meaning: 'Where spoken prompts are kept as WAV files', defaultText: '<data.dir>/prompts' }),
      switchDir: key(pathSchema.optional(), { unit: 'path', meaning: 'The same folder as FreeSWITCH sees it', defaultText: '<prompts.dir>' }),
    }),
    eventSocket: group({
      listenHost: key(hostSchema.default('127.0.0.1'), { unit: 'host', meaning: 'Where FreeSWITCH connects to for each call (event socket outbound)' }),
      listenPort: key(portSchema.default(0), { unit: 'port', meaning: 'Its port; 0: any free one' }),
      publicHost: key(hostSchema.optional(), { unit: 'host', meaning: 'The same as FreeSWITCH reaches it', defaultText: '<eventSocket.listenHost>' }),
    }),
    metrics: group({
      listen: key(z.string().regex(/^(\S+:)?\d{1,5}$/, 'expected HOST:PORT or PORT').optional(), { unit: 'host:port', meaning: 'Where /metrics, /healthz and /readyz are served; a port alone means 127.0.0.1', defaultText: 'not served' }),
    }),
    log: group({
      level: key(z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'), { unit: 'level', meaning: 'What is logged to stderr' }),
    }),
  })
  .superRefine((config, context) => {
    const fault = (path: (string | number)[], message: string): void => context.addIssue({ code: 'custom', path, message });
    if (config.analytics.cluster !== undefined && !/^https?:/.test(config.analytics.url ?? '')) {
      fault(['analytics', 'cluster'], 'found a cluster with an embedded store; expected http(s)://host:8123 in analytics.url');
    }
    const parts = config.switch.url.flatMap((url) => parseSwitchUrl(url) ?? []);
    const kinds = new Set(parts.map((part) => part.kind));
    if (kinds.has('simulator') && parts.length > 1) fault(['switch', 'url'], 'found simulator: beside other URLs; expected it alone');
    if (!kinds.has('simulator') && kinds.size === 1) fault(['switch', 'url'], `found only ${[...kinds].join('')}://; expected at least one drachtio:// and one freeswitch://`);
    const far = parts.some((part) => part.kind === 'freeswitch' && !isLoopback(part.host));
    if (config.amd.serviceUrl !== undefined && config.amd.token === undefined) fault(['amd', 'token'], 'found nothing, with a detector of its own (amd.serviceUrl); expected the token that both know');
    if (far && config.amd.serviceUrl === undefined && config.amd.publicUrl === undefined && isLoopback(config.amd.listenHost)) {
      fault(['amd', 'publicUrl'], 'found nothing, with FreeSWITCH on another host and amd.listenHost on loopback; expected ws://HOST:PORT that FreeSWITCH can reach');
    }
    if (far && isLoopback(config.eventSocket.publicHost ?? config.eventSocket.listenHost)) {
      fault(['eventSocket', 'publicHost'], 'found loopback, with FreeSWITCH on another host; expected an address of this host that FreeSWITCH can reach (and eventSocket.listenHost to match)');
    }
    config.trunks.forEach((trunk, i) => {
      if (config.trunks.findIndex((other) => other.name === trunk.name) !== i) fault(['trunks', i, 'name'], `found the name "${trunk.name}" twice; expected each once`);
      if ((trunk.username === undefined) !== (trunk.password === undefined)) fault(['trunks', i], 'found only one of username and password; expected both or neither');
    });
  });
export type WrittenConfig = z.infer<typeof configSchema>;
