import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ObzvonError } from '../../core/errors.ts';
import { encodeWav, readWav } from '../wav.ts';
import { LABEL_PAGE } from './label-page.ts';
import { Labels, LABELS, type Label } from './labels.ts';

const MAX_BODY_BYTES = 4096;
const askedSchema = z.object({ file: z.string(), label: z.enum(LABELS).nullable() });

export interface LabelServer {
  readonly url: string;
  readonly files: readonly string[];
  /** Files with a label by now. */
  labelled(): number;
  close(): Promise<void>;
}

export interface LabelServerOptions {
  folder: string;
  /** Only these of the folder's recordings, in this order; absent: every WAV file in it, by name. */
  files?: readonly string[];
  /** 0 takes any free one. */
  port: number;
  nowMs: () => number;
}

/**
 * Serves a folder of recordings for labelling, on 127.0.0.1 only. The detector's verdict is not shown: who knows it hears it. Requests
 * under another host's name are refused, so that no web page of somebody else's can reach the recordings through the browser.
 * Throws `ObzvonError`: `not_found` without the folder, `bad_input` for wrong labels, `unreachable` if it cannot listen.
 */
export async function startLabelServer({ folder, files: wanted, port, nowMs }: LabelServerOptions): Promise<LabelServer> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new ObzvonError('not_found', `${folder}: cannot be read; expected a folder of WAV files`, { cause: error });
  });
  const there = names.filter((name) => /\.wav$/i.test(name) && !name.startsWith('.')).sort();
  const files = wanted === undefined ? there : wanted.filter((name) => there.includes(name));
  if (files.length === 0) throw new ObzvonError('bad_input', `${folder}: found no recording${wanted === undefined ? '' : ' of the sample'}; expected WAV files`);
  const labels = await Labels.open(folder);
  const known = new Set(files);
  const http = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(error instanceof Error ? error.message : String(error));
    });
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const end = (status: number, type: string, body: string | Buffer): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(body);
    };
    const refuse = (status: number, told: string): void => end(status, 'text/plain; charset=utf-8', told);
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(request.headers.host ?? '')) {
      refuse(403, 'only for this machine');
      return;
    }
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    switch (`${request.method ?? ''} ${url.pathname}`) {
      case 'GET /':
        end(200, 'text/html; charset=utf-8', LABEL_PAGE);
        return;
      case 'GET /state':
        end(200, 'application/json', JSON.stringify({ files, labels: Object.fromEntries(labels.all().map(({ file, label }) => [file, label])) }));
        return;
      case 'GET /audio': {
        const file = url.searchParams.get('file') ?? '';
        if (!known.has(file)) {
          refuse(404, 'no such recording');
          return;
        }
        // As plain PCM, whatever it was: browsers differ in what else they play.
        const audio = await readWav(join(folder, file)).catch((error: unknown) => {
          if (error instanceof ObzvonError) return error;
          throw error;
        });
        if (audio instanceof ObzvonError) {
          refuse(422, audio.message);
          return;
        }
        const { pcm, sampleRate } = audio;
        end(200, 'audio/wav', encodeWav(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), sampleRate));
        return;
      }
      case 'POST /label': {
        const asked = await labelAsked(request);
        if (asked === null || !known.has(asked.file)) {
          refuse(400, `expected a recording of this folder and one of ${LABELS.join(', ')}`);
          return;
        }
        await labels.set(asked.file, asked.label, nowMs());
        end(200, 'application/json', '{"saved":true}');
        return;
      }
      default:
        refuse(404, 'expected /');
    }
  };

  await new Promise<void>((resolve, reject) => {
    http.once('error', (error) => reject(new ObzvonError('unreachable', `the labelling page cannot listen on 127.0.0.1:${port}: ${error.message}`, { cause: error })));
    http.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = http.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}/`, files,
    labelled: () => files.filter((file) => labels.get(file) !== null).length,
    close: () => closed(http),
  };
}

/** What a POST asks for; null if it is nothing of the page's. The content type keeps plain forms of other sites out. */
async function labelAsked(request: IncomingMessage): Promise<{ file: string; label: Label | null } | null> {
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) return null;
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > MAX_BODY_BYTES) return null;
  }
  try {
    const parsed = askedSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function closed(http: Server): Promise<void> {
  return new Promise((resolve) => {
    http.close(() => resolve());
    http.closeAllConnections();
  });
}
