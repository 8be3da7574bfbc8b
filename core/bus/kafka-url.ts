import { z } from 'zod';
import { ObzvonError } from '../errors.ts';
import { maskUrl } from '../switch-url.ts';
import { readTlsFiles, type TlsFiles } from '../tls.ts';

/** What a kafka:// URL says. */
export interface KafkaSettings {
  /** host:port, one or more to begin with; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Goes before every topic and group, with a dot: `prod` makes `prod.contacts`. */
  readonly prefix: string | null;
  /** What the PEM files hold; null: without TLS. */
  readonly tls: TlsFiles | null;
  readonly sasl: { readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'; readonly username: string; readonly password: string } | null;
  /** Copies of each message of a topic that is made; null: three, or as many as there are brokers. */
  readonly replication: number | null;
  /** Partitions of a topic that is made, where more than one is allowed at all; null: as the topic says. */
  readonly partitions: number | null;
}

const FORM = 'kafka://[user:password@]host[:port][,host:port…][/prefix][?tls=1&ca=FILE&cert=FILE&key=FILE&sasl=plain|scram-sha-256|scram-sha-512&replication=N&partitions=N]';
const DEFAULT_PORT = 9092;

const count = (most: number) => z.string().regex(/^[1-9]\d*$/, 'expected a whole number from 1').transform(Number).pipe(z.number().max(most));
const paramsSchema = z
  .strictObject({
    tls: z.enum(['0', '1']).optional(),
    ca: z.string().min(1).optional(),
    cert: z.string().min(1).optional(),
    key: z.string().min(1).optional(),
    sasl: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).optional(),
    replication: count(32).optional(),
    partitions: count(10_000).optional(),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), { message: 'expected cert and key together', path: ['cert'] });
const brokerPattern = /^(\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/i;
/** The characters of a topic's name, Kafka's `Topic.LEGAL_CHARS`; ours leave room for the topic after it. */
const prefixPattern = /^[a-zA-Z0-9._-]{1,150}$/;

/**
 * Reads a kafka:// URL and the PEM files of its TLS: `ca` (whom to trust instead of the system's authorities), `cert` and `key` (mutual TLS); each
 * of them implies `tls=1`. User and password are percent-encoded; with them `sasl` says how they are given, `plain` unless it is there. Brokers must
 * have certificates for the names they advertise.
 * @throws ObzvonError bad_config, naming the part; never with a password in it
 */
export function parseKafkaUrl(url: string): KafkaSettings {
  const wrong = (what: string): ObzvonError => new ObzvonError('bad_config', `bus.url ${maskUrl(url)}: ${what}; expected ${FORM}`);
  const parts = /^kafka:\/\/(?:([^@/?]*)@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/.exec(url);
  if (parts === null) throw wrong('it is not of that form');
  const [, credentials, hosts = '', path = '', query = ''] = parts;
  const brokers = hosts.split(',').map((broker) => {
    const read = brokerPattern.exec(broker);
    const port = Number(read?.[2] ?? DEFAULT_PORT);
    if (read === null || port < 1 || port > 65_535) throw wrong(`found "${broker}" as a broker`);
    return `${read[1] ?? ''}:${port}`;
  });
  if (path !== '' && !prefixPattern.test(path)) throw wrong(`found "${path}" as the prefix, which is of letters, digits, ".", "_" and "-"`);

  const given: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    if (name in given) throw wrong(`${name} is there twice`);
    given[name] = value;
  }
  const read = paramsSchema.safeParse(given);
  if (!read.success) throw wrong(read.error.issues.map((issue) => `${issue.path.join('.') || 'parameters'}: ${issue.message}`).join('; '));
  const params = read.data;
  return {
    brokers,
    prefix: path === '' ? null : path,
    tls: tlsOf(params, wrong),
    sasl: saslOf(credentials, params.sasl, wrong),
    replication: params.replication ?? null,
    partitions: params.partitions ?? null,
  };
}

function saslOf(credentials: string | undefined, mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512' | undefined, wrong: (what: string) => ObzvonError): KafkaSettings['sasl'] {
  if (credentials === undefined) {
    if (mechanism !== undefined) throw wrong('sasl is there, but no user and password');
    return null;
  }
  const at = credentials.indexOf(':');
  if (at < 1) throw wrong('a user without a password');
  try {
    return { mechanism: mechanism ?? 'plain', username: decodeURIComponent(credentials.slice(0, at)), password: decodeURIComponent(credentials.slice(at + 1)) };
  } catch {
    throw wrong('user or password has a "%" that is no escape; write %25');
  }
}

function tlsOf(params: z.infer<typeof paramsSchema>, wrong: (what: string) => ObzvonError): KafkaSettings['tls'] {
  const files = { ca: params.ca, cert: params.cert, key: params.key };
  const named = Object.entries(files).filter((entry): entry is [string, string] => entry[1] !== undefined);
  if (params.tls === '0' && named.length > 0) throw wrong(`tls=0, but ${named[0]![0]} is there`);
  if (params.tls !== '1' && named.length === 0) return null;
  return readTlsFiles(files, wrong);
}
