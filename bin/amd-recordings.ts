import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Recording } from '../amd/server.ts';
import { encodeWav } from '../amd/wav.ts';
import type { AmdStart } from '../core/amd-wire.ts';
import type { Config } from '../core/config.ts';
import type { Logger } from '../core/log.ts';

const DAY_MS = 86_400_000;
const SWEEP_EVERY_MS = 3_600_000;
/** Of what is in memory while calls last: a call past it is not recorded. */
const MAX_BYTES_HELD = 64_000_000;
/** An attempt's id as the dialer makes them: nothing that could lead out of the folder. */
const FILE_NAME = /^[\w-]{1,128}$/;

export interface Recordings {
  /** Keeps this stream's audio if it was drawn; null if not. */
  open(start: AmdStart): Recording | null;
  /** Waits for what is being written. */
  close(): Promise<void>;
}

/** True for a `share` of calls: the same calls wherever and whenever it is asked. */
export function isDrawn(callId: string, share: number): boolean {
  return createHash('sha256').update(`record ${callId}`).digest().readUInt32BE(0) < share * 2 ** 32;
}

/**
 * Recordings of a random share of callees from the answer on, for labelling and audit: `<attemptId>.wav`, owner-readable, no phone or name in it; deleted after
 * `recordDays`. A recording that cannot be written is logged and given up; the call goes on.
 */
export async function openRecordings(config: Pick<Config['amd'], 'recordShare' | 'recordDir' | 'recordSeconds' | 'recordDays'>, log: Logger, nowMs: () => number = Date.now): Promise<Recordings> {
  const { recordShare: share, recordDir: dir, recordSeconds, recordDays } = config;
  const writing = new Set<Promise<void>>();
  let heldBytes = 0;
  if (share > 0) await mkdir(dir, { recursive: true, mode: 0o700 });
  const sweep = (): Promise<void> => deleteOlder(dir, nowMs() - recordDays * DAY_MS).catch((error: unknown) => log.warn({ err: error }, 'old AMD recordings could not be deleted'));
  // What was recorded before the share was set back to 0 has its end, too.
  await sweep();
  const timer = setInterval(() => void sweep(), SWEEP_EVERY_MS);
  timer.unref();
  return {
    open({ callId, sampleRate, earlyMedia }) {
      if (!isDrawn(callId, share) || !FILE_NAME.test(callId)) return null;
      const maxBytes = recordSeconds * sampleRate * 2;
      const parts: Buffer[] = [];
      let bytes = 0;
      let answered = !earlyMedia;
      return {
        answered() {
          answered = true;
        },
        audio(frame) {
          if (!answered) return;
          const room = Math.min(maxBytes - bytes, MAX_BYTES_HELD - heldBytes);
          if (room <= 0) return;
          const part = Buffer.from(frame.subarray(0, room));
          parts.push(part);
          bytes += part.length;
          heldBytes += part.length;
        },
        end() {
          if (bytes === 0) return;
          const written = write(dir, callId, encodeWav(Buffer.concat(parts), sampleRate))
            .catch((error: unknown) => log.warn({ callId, err: error }, 'an AMD recording could not be written'))
            .finally(() => {
              heldBytes -= bytes;
              writing.delete(written);
            });
          writing.add(written);
        },
      };
    },
    async close() {
      clearInterval(timer);
      await Promise.all(writing);
    },
  };
}

/** Written aside, then renamed: who looks finds whole files only. */
async function write(dir: string, callId: string, wav: Buffer): Promise<void> {
  const aside = join(dir, `.${callId}.part`);
  const file = await open(aside, 'w', 0o600);
  try {
    await file.writeFile(wav);
  } finally {
    await file.close();
  }
  await rename(aside, join(dir, `${callId}.wav`));
}

async function deleteOlder(dir: string, beforeMs: number): Promise<void> {
  const names = await readdir(dir).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names) {
    if (!/^\.?[\w.-]+\.(wav|part)$/.test(name)) continue;
    const path = join(dir, name);
    const { mtimeMs } = await stat(path);
    if (mtimeMs < beforeMs) await rm(path, { force: true });
  }
}
