import { ObzvonError } from '../core/errors.ts';

/** ClickHouse's error numbers (src/Common/ErrorCodes.cpp) that pass by themselves. */
const PASSING_CODES = new Map([
  ['75', 'CANNOT_WRITE_TO_FILE_DESCRIPTOR'],
  ['159', 'TIMEOUT_EXCEEDED'],
  ['160', 'TOO_SLOW'],
  ['198', 'DNS_ERROR'],
  ['202', 'TOO_MANY_SIMULTANEOUS_QUERIES'],
  ['203', 'NO_FREE_CONNECTION'],
  ['209', 'SOCKET_TIMEOUT'],
  ['210', 'NETWORK_ERROR'],
  ['225', 'NO_ZOOKEEPER'],
  ['236', 'ABORTED'],
  ['241', 'MEMORY_LIMIT_EXCEEDED'],
  ['242', 'TABLE_IS_READ_ONLY'],
  ['243', 'NOT_ENOUGH_SPACE'],
  ['252', 'TOO_MANY_PARTS'],
  ['279', 'ALL_CONNECTION_TRIES_FAILED'],
  ['285', 'TOO_FEW_LIVE_REPLICAS'],
  ['286', 'UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE'],
  ['289', 'REPLICA_IS_NOT_IN_QUORUM'],
  ['319', 'UNKNOWN_STATUS_OF_INSERT'],
  ['394', 'QUERY_WAS_CANCELLED'],
  ['425', 'SYSTEM_ERROR'],
  ['439', 'CANNOT_SCHEDULE_TASK'],
  ['473', 'DEADLOCK_AVOIDED'],
  ['499', 'S3_ERROR'],
  ['733', 'TABLE_IS_BEING_RESTARTED'],
  ['745', 'SERVER_OVERLOADED'],
  ['999', 'KEEPER_EXCEPTION'],
]);
/** READONLY (a user who may only read), UNKNOWN_USER, WRONG_PASSWORD, REQUIRED_PASSWORD, ACCESS_DENIED, AUTHENTICATION_FAILED */
const ACCESS_CODES = new Set(['164', '192', '193', '194', '497', '516']);
const UNKNOWN_TABLE = '60';
const UNKNOWN_DATABASE = '81';
const CLUSTER_DOESNT_EXIST = '701';

/**
 * Says what a failed statement means: `unreachable` if trying again can help, else `bad_config` or `storage`. ClickHouse
 * quotes rows in its messages: of a failed insert only the error's number and name are told, and its cause is left out,
 * for causes are logged too.
 */
export function clientError(place: string, what: string, error: unknown): ObzvonError {
  if (error instanceof ObzvonError) return error;
  const options = what.startsWith('insert') ? undefined : { cause: error };
  const at = `analytics at ${place}`;
  if (isClickHouseError(error)) {
    const name = `${error.code} ${error.type}`.trim();
    if (PASSING_CODES.has(error.code)) return new ObzvonError('unreachable', `${at}: ${what}: ClickHouse cannot now (${name})`, options);
    if (ACCESS_CODES.has(error.code)) return new ObzvonError('bad_config', `${at}: ${what}: access refused (${name}); check user, password and rights`, options);
    if (error.code === UNKNOWN_DATABASE) return new ObzvonError('bad_config', `${at}: there is no such database; make it with CREATE DATABASE`, options);
    if (error.code === CLUSTER_DOESNT_EXIST) return new ObzvonError('bad_config', `${at}: ${what}: the server knows no such cluster; check analytics.cluster`, options);
    if (error.code === UNKNOWN_TABLE) return new ObzvonError('storage', `${at}: ${what}: a table is missing (${name}); run obzvon analytics migrate`, options);
    const detail = what.startsWith('insert') ? '' : `: ${error.message.split('\n')[0]?.slice(0, 300) ?? ''}`;
    return new ObzvonError('storage', `${at}: ${what} failed (${name})${detail}`, options);
  }
  if (isNetworkError(error)) return new ObzvonError('unreachable', `${at}: ${what}: no answer (${messageOf(error)})`, options);
  if (isCertificateError(error)) return new ObzvonError('bad_config', `${at}: ${what}: the server's certificate is not trusted (${messageOf(error)})`, options);
  if (isForeignAnswer(error)) return new ObzvonError('unreachable', `${at}: ${what}: the answer is an error, and not ClickHouse's (a proxy's?)`, options);
  return new ObzvonError('storage', `${at}: ${what} failed: ${messageOf(error)}`, options);
}

interface NumberedError extends Error {
  readonly code: string;
  readonly type: string;
}

/** By shape: the embedded connection and the client each have a class of this name. */
function isClickHouseError(error: unknown): error is NumberedError {
  return error instanceof Error && error.constructor.name === 'ClickHouseError' && 'code' in error && typeof error.code === 'string' && 'type' in error && typeof error.type === 'string';
}

const NETWORK_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNABORTED', 'HPE_INVALID_CONSTANT', 'HPE_INVALID_EOF_STATE']);

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '');

function isNetworkError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isNetworkError);
  if (!(error instanceof Error)) return false;
  return NETWORK_CODES.has(codeOf(error)) || (error.constructor === Error && /^(?:timeout error|socket hang up|the user aborted a request)/i.test(error.message));
}

const isCertificateError = (error: unknown): boolean => /^(?:CERT_|ERR_TLS_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_|UNABLE_TO_)/.test(codeOf(error));

/**
 * The client throws the text of an HTTP error as a plain Error where ClickHouse's own it makes a ClickHouseError: a proxy
 * answers for a server that is away. (It keeps no status. At the first connection the error ends the start all the same.)
 */
const isForeignAnswer = (error: unknown): boolean => error instanceof Error && error.constructor === Error && codeOf(error) === '' && (error.message === '' || /^\s*<|^\s*\{|gateway|unavailable|upstream|too many requests/i.test(error.message));

export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message.slice(0, 300) : 'unknown failure';
}
