import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

/** What a client needs for TLS beyond the authorities the system trusts, as PEM texts. */
export interface TlsFiles {
  /** Whose certificates are trusted, instead of the system's. */
  readonly ca?: string;
  /** What we show of ourselves (mutual TLS), with its key. */
  readonly cert?: string;
  readonly key?: string;
}

/**
 * Reads the PEM files that an engine's URL names and sees that they fit: Node takes a CA file of anything without a word,
 * and then trusts nobody.
 * @param wrong makes the error to throw; what it is told holds no secret
 */
export function readTlsFiles(paths: { readonly [name in keyof TlsFiles]: string | undefined }, wrong: (what: string) => Error): TlsFiles {
  const files: { -readonly [name in keyof TlsFiles]: string } = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const path = paths[name];
    if (path === undefined) continue;
    try {
      files[name] = readFileSync(path, 'utf8');
    } catch (cause) {
      throw wrong(`${name}: the file ${path} cannot be read (${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'})`);
    }
    if (name === 'key') continue;
    try {
      new X509Certificate(files[name]);
    } catch {
      throw wrong(`${name}: the file ${path} holds no certificate in PEM`);
    }
  }
  if ((files.cert === undefined) !== (files.key === undefined)) throw wrong(`${files.cert === undefined ? 'key' : 'cert'} stands alone; cert and key go together`);
  try {
    createSecureContext(files);
  } catch {
    throw wrong(`key: the file ${paths.key ?? ''} holds no PEM key without a passphrase that fits the certificate ${paths.cert ?? ''}`);
  }
  return files;
}

/** As OpenSSL words them (X509_verify_cert_error_string); clients of engines hand on the words, not always the code. */
const NOT_TRUSTED = /self[- ]signed certificate|unable to (?:verify the first|get (?:local )?issuer) certificate|certificate signature failure|invalid CA certificate|unsuitable certificate purpose|certificate (?:not trusted|rejected|revoked)/i;
const OUT_OF_TIME = /certificate (?:has expired|is not yet valid)/i;
const OTHER_NAME = /does not match certificate's altnames/i;
/** Alerts by which the other side turns our certificate down, or misses one (RFC 8446, 6.2). */
const NOT_ACCEPTED = /alert (?:certificate required|bad certificate|unsupported certificate|certificate (?:revoked|expired|unknown)|unknown ca|access denied)/i;

/** Why TLS will not come about however often it is tried; null if the error, or what lies under it, says nothing of the kind. */
export function tlsRefusal(error: unknown, depth = 0): string | null {
  if (!(error instanceof Error) || depth > 8) return null;
  const { message } = error;
  if (NOT_TRUSTED.test(message)) return `its certificate is not trusted (${short(message)}); expected one of an authority in ca=FILE, or, without ca, in the system's list`;
  if (OUT_OF_TIME.test(message)) return `its certificate is not trusted (${short(message)}); expected one that is valid now`;
  if (OTHER_NAME.test(message)) return `its certificate is not trusted (${short(message)}); expected one for the host in the URL`;
  if (NOT_ACCEPTED.test(message)) return `it does not accept our certificate (${short(message)}); expected cert=FILE and key=FILE of a client it knows`;
  // kafkajs and ioredis keep what lies under an error each in its own place.
  const under = [error.cause, ...('lastNodeError' in error ? [error.lastNodeError] : []), ...('errors' in error && Array.isArray(error.errors) ? (error.errors as unknown[]) : [])];
  for (const inner of under) {
    const refusal = tlsRefusal(inner, depth + 1);
    if (refusal !== null) return refusal;
  }
  return null;
}

function short(message: string): string {
  return message.replace(/\s+/g, ' ').trim().slice(0, 200);
}
