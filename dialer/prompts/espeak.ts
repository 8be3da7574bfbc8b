import { Worker } from 'node:worker_threads';
import { z } from 'zod';
import type { Language } from '../../core/contact.ts';
import { ObzvonError } from '../../core/errors.ts';
import type { Speech } from './speech.ts';
import { SPEECH_VERSION, VOICES } from './voices.ts';

const replySchema = z.union([
  z.object({ jobId: z.number(), wav: z.instanceof(Uint8Array) }),
  z.object({ jobId: z.number(), failure: z.string() }),
]);

export interface EspeakOptions {
  /** Sentences that may wait for the worker; more are refused, so that a flood of contacts cannot fill the memory. */
  readonly maxQueued?: number;
}

interface Job {
  readonly text: string;
  readonly language: Language;
  readonly askedMs: number;
  readonly resolve: (wav: Uint8Array) => void;
  readonly reject: (error: ObzvonError) => void;
}

/** Longer texts are refused: the flow's schema allows 2,000 characters a step, and a sentence is a part of it. */
const MAX_TEXT_LENGTH = 4000;

/**
 * eSpeak NG in a worker thread, so that the event loop never waits for speech. The worker starts with the first
 * sentence; if it dies its sentences fail (retryable) and the next one starts another. An idle worker does not keep the
 * process alive.
 */
export function createEspeak(options: EspeakOptions = {}): Speech {
  const maxQueued = options.maxQueued ?? 10_000;
  const jobs = new Map<number, Job>();
  let worker: Worker | null = null;
  let lastJobId = 0;
  let closed = false;
  let longestWaitMs = 0;

  const waited = ({ askedMs }: Job): void => void (longestWaitMs = Math.max(longestWaitMs, performance.now() - askedMs));

  const failAll = (reason: string): void => {
    const failed = [...jobs.values()];
    jobs.clear();
    for (const job of failed) job.reject(new ObzvonError('unreachable', `speech synthesis: ${reason}`));
  };

  const start = (): Worker => {
    const begun = startWorker();
    begun.unref();
    begun.on('message', (message: unknown) => {
      const reply = replySchema.parse(message);
      const job = jobs.get(reply.jobId);
      jobs.delete(reply.jobId);
      if (jobs.size === 0) begun.unref();
      if (job === undefined) return;
      waited(job);
      if ('wav' in reply) job.resolve(reply.wav);
      else job.reject(new ObzvonError('unsupported', `speech synthesis: the engine failed on a sentence (${reply.failure})`));
    });
    const gone = (reason: string): void => {
      if (worker !== begun) return;
      worker = null;
      failAll(reason);
    };
    begun.on('error', (error) => gone(`the worker failed (${error instanceof Error ? error.name : 'unknown'})`));
    begun.on('exit', (code) => gone(`the worker ended with code ${code}`));
    return begun;
  };

  return {
    identity: (language) => `${SPEECH_VERSION}/${JSON.stringify(VOICES[language])}`,
    synthesize(text, language) {
      if (closed) return Promise.reject(new ObzvonError('unreachable', 'speech synthesis: closed'));
      if (text.length > MAX_TEXT_LENGTH) return Promise.reject(new ObzvonError('bad_input', `speech synthesis: found a sentence of ${text.length} characters, expected at most ${MAX_TEXT_LENGTH}`));
      if (jobs.size >= maxQueued) return Promise.reject(new ObzvonError('timeout', `speech synthesis: ${jobs.size} sentences are waiting already`));
      worker ??= start();
      const target = worker;
      const jobId = ++lastJobId;
      return new Promise((resolve, reject) => {
        jobs.set(jobId, { text, language, askedMs: performance.now(), resolve, reject });
        target.ref();
        target.postMessage({ jobId, text, language });
      });
    },
    longestWaitMs() {
      const oldest = jobs.values().next().value;
      if (oldest !== undefined) waited(oldest);
      const longest = longestWaitMs;
      longestWaitMs = 0;
      return longest;
    },
    async close() {
      closed = true;
      const ending = worker;
      worker = null;
      failAll('closed');
      await ending?.terminate();
    },
  };
}

/**
 * Built, the worker is plain JavaScript. From TypeScript sources (tests, `tsx`) it must register the loader itself: on
 * Node 20 a worker does not inherit its parent's, and `--import tsx` does nothing outside the main thread.
 */
function startWorker(): Worker {
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./espeak-worker.js', import.meta.url));
  const loader = import.meta.resolve('tsx/esm/api');
  const entry = new URL('./espeak-worker.ts', import.meta.url).href;
  return new Worker(`import(${JSON.stringify(loader)}).then(({ register }) => { register(); return import(${JSON.stringify(entry)}); });`, { eval: true });
}
