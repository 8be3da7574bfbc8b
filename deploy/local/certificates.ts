import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ObzvonError } from '../../core/errors.ts';

const run = promisify(execFile);

/** A throwaway authority and what it signed, as PEM files in a directory of their own. Keys are made anew each time and kept nowhere. */
export interface LocalCertificates {
  readonly dir: string;
  /** The authority that clients and servers trust. */
  readonly ca: string;
  /** The server's certificate and key (PKCS#8). */
  readonly cert: string;
  readonly key: string;
  /** Key and certificate chain in one file, as Kafka's PEM keystore wants them. */
  readonly keystore: string;
  /** A client's certificate and key, for mutual TLS. */
  readonly clientCert: string;
  readonly clientKey: string;
  /** An authority that signed none of these. */
  readonly strangerCa: string;
  /** Removes the directory. */
  remove(): Promise<void>;
}

/**
 * Makes them with the openssl command, valid for a day.
 * @param names whom the server's certificate is for, as subjectAltName says it; loopback by every name unless given
 * @throws ObzvonError not_found without openssl (3.0 or later), storage if it fails
 */
export async function makeCertificates(names: readonly string[] = ['DNS:localhost', 'IP:127.0.0.1', 'IP:::1']): Promise<LocalCertificates> {
  const dir = await mkdtemp(join(tmpdir(), 'obzvon-certificates-'));
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  const file = (name: string): string => join(dir, name);
  const authority = async (name: string): Promise<string> => {
    await openssl(['req', '-x509', ...NEW_KEY, '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-days', '1', '-subj', `/CN=obzvon local ${name}`,
      '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign,cRLSign']);
    return file(`${name}.pem`);
  };
  const signed = async (name: string, extensions: readonly string[]): Promise<{ cert: string; key: string }> => {
    await openssl(['req', '-x509', ...NEW_KEY, '-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-keyout', file(`${name}.key`), '-out', file(`${name}.pem`), '-days', '1',
      '-subj', `/CN=obzvon local ${name}`, ...['basicConstraints=critical,CA:FALSE', 'keyUsage=critical,digitalSignature', ...extensions].flatMap((extension) => ['-addext', extension])]);
    return { cert: file(`${name}.pem`), key: file(`${name}.key`) };
  };
  try {
    const [ca, strangerCa] = await Promise.all([authority('ca'), authority('stranger')]);
    // A server also speaks to its like (replicas, nodes of a cluster): there it is the client.
    const server = await signed('server', [`subjectAltName=${names.join(',')}`, 'extendedKeyUsage=serverAuth,clientAuth']);
    const client = await signed('client', ['extendedKeyUsage=clientAuth']);
    const keystore = file('keystore.pem');
    await writeFile(keystore, (await readFile(server.key, 'utf8')) + (await readFile(server.cert, 'utf8')) + (await readFile(ca, 'utf8')), { mode: 0o600 });
    return { dir, ca, ...server, keystore, clientCert: client.cert, clientKey: client.key, strangerCa, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** On a curve: made in milliseconds, where RSA takes a second. */
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];

async function openssl(args: readonly string[]): Promise<void> {
  try {
    await run('openssl', args);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') throw new ObzvonError('not_found', 'openssl is not on PATH; expected the openssl command, 3.0 or later', { cause });
    throw new ObzvonError('storage', `openssl makes no certificates: ${String(cause).slice(0, 400)}`, { cause });
  }
}
