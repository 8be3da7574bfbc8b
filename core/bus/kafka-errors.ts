import { ObzvonError } from '../errors.ts';

/**
 * Error codes of Kafka's protocol that come again however often one tries (kafka.apache.org/protocol, "Error codes").
 * Everything else, known or not, is tried again: a cluster in trouble answers many things.
 */
const HOPELESS: Readonly<Record<string, 'bad_config' | 'bad_input' | 'unreachable'>> = {
  MESSAGE_TOO_LARGE: 'bad_input',
  RECORD_LIST_TOO_LARGE: 'bad_input',
  INVALID_RECORD: 'bad_input',
  INVALID_TOPIC_EXCEPTION: 'bad_config',
  INVALID_PARTITIONS: 'bad_config',
  INVALID_REPLICATION_FACTOR: 'bad_config',
  INVALID_CONFIG: 'bad_config',
  INVALID_SESSION_TIMEOUT: 'bad_config',
  POLICY_VIOLATION: 'bad_config',
  TOPIC_AUTHORIZATION_FAILED: 'bad_config',
  GROUP_AUTHORIZATION_FAILED: 'bad_config',
  CLUSTER_AUTHORIZATION_FAILED: 'bad_config',
  UNSUPPORTED_SASL_MECHANISM: 'bad_config',
  SASL_AUTHENTICATION_FAILED: 'bad_config',
  UNSUPPORTED_VERSION: 'unreachable',
};

function* chain(error: unknown, depth = 0): Generator<Error> {
  if (!(error instanceof Error) || depth > 8) return;
  yield error;
  if ('errors' in error && Array.isArray(error.errors)) for (const inner of error.errors) yield* chain(inner, depth + 1);
  yield* chain(error.cause, depth + 1);
}

/** The error to give up with, if trying again cannot mend it; otherwise null. */
export function hopeless(error: unknown, doing: string): ObzvonError | null {
  for (const link of chain(error)) {
    if (link instanceof ObzvonError) return link;
    const type = link.name === 'KafkaJSSASLAuthenticationError' ? 'SASL_AUTHENTICATION_FAILED' : 'type' in link ? String(link.type) : '';
    const code = HOPELESS[type];
    if (code !== undefined) return new ObzvonError(code, `Kafka refused ${doing}: ${type}: ${link.message}`, { cause: error });
  }
  return null;
}

/** In one short line, for logs and health. */
export function reasonOf(error: unknown): string {
  const links = [...chain(error)];
  const deepest = links.at(-1);
  return deepest === undefined ? String(error) : deepest.message.slice(0, 300);
}
