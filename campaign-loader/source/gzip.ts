import { once } from 'node:events';
import { createGunzip } from 'node:zlib';
import { ObzvonError } from '../../core/errors.ts';
import type { ByteFile } from './byte-file.ts';

export const isGzip = (head: Uint8Array): boolean => head[0] === 0x1f && head[1] === 0x8b && head[2] === 8;

/**
 * Check sum and length at the end of a gzip file. They are handed over apart: what zlib unpacked in the same step as it finds the check sum wrong is lost, and that
 * may be all of a small file.
 */
const TRAILER_BYTES = 8;

/** The file within a gzip file (RFC 1952; several members are read as one). What comes before a damage is given before its error. */
export function gunzipped(file: ByteFile): ByteFile {
  return {
    ...file,
    name: file.name.replace(/\.gz$/i, ''),
    path: null,
    compression: 'gzip',
    async *open(meter) {
      const gunzip = createGunzip();
      // Taken as it comes, not from the stream's buffer: an error empties that.
      let ready: Buffer[] = [];
      const damage: { error: Error | null } = { error: null };
      gunzip.on('data', (piece: Buffer) => ready.push(piece));
      const noteDamage = (error: Error): void => {
        damage.error = error;
      };
      gunzip.on('error', noteDamage);
      const take = function* (): Generator<Buffer> {
        const pieces = ready;
        ready = [];
        yield* pieces;
      };
      // A damage is told by the event alone: the write is then never called back.
      const write = (bytes: Buffer): Promise<void> =>
        new Promise((resolve) => {
          gunzip.once('error', resolve);
          gunzip.write(bytes, () => {
            gunzip.removeListener('error', resolve);
            resolve();
          });
        });
      let read = 0;
      let held: Buffer = Buffer.alloc(0);
      try {
        for await (const chunk of file.open(meter)) {
          read += chunk.length;
          const bytes = Buffer.concat([held, chunk]);
          const end = Math.max(0, bytes.length - TRAILER_BYTES);
          held = bytes.subarray(end);
          await write(bytes.subarray(0, end));
          yield* take();
          if (damage.error !== null) break;
        }
        if (damage.error === null) await write(held);
        // Zeros behind the last member, which pad blocks of a tape, end the stream before it is told of the end.
        if (damage.error === null && !gunzip.readableEnded) {
          const ended = once(gunzip, 'end').catch(() => undefined);
          gunzip.end();
          await ended;
        }
        yield* take();
        if (damage.error !== null) throw damaged(file.name, read, damage.error);
      } finally {
        gunzip.destroy();
      }
    },
  };
}

function damaged(name: string, bytes: number, cause: Error): ObzvonError {
  const short = /unexpected end/i.test(cause.message);
  return new ObzvonError('bad_input', `${name}: ${short ? `the gzip file is cut short: it ends after ${bytes} bytes without its end` : `the gzip file is damaged near its byte ${bytes} (${cause.message})`}; the rows before that are read; expected a whole gzip file: fetch or pack it again`, { cause });
}
