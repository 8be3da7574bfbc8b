/** The synthesiser's own thread: one sentence in, one WAV out. It keeps no text. */
import { parentPort } from 'node:worker_threads';
import load from '@echogarden/espeak-ng-emscripten';
import { LANGUAGES } from '../../core/contact.ts';
import { z } from 'zod';
import { level, trimSilence } from './loudness.ts';
import { resample } from './resample.ts';
import { encodeWav, TELEPHONE_RATE_HZ } from './wav.ts';
import { VOICES } from './voices.ts';

const jobSchema = z.object({ jobId: z.number(), text: z.string(), language: z.enum(LANGUAGES) });

const port = parentPort;
if (port === null) throw new Error('espeak-worker runs as a worker thread only');
const espeak = new (await load()).eSpeakNGWorker();

port.on('message', (message: unknown) => {
  const { jobId, text, language } = jobSchema.parse(message);
  try {
    const wav = speak(text, language);
    // A copy of its own, so that its memory can be handed over.
    const bytes = new Uint8Array(wav);
    port.postMessage({ jobId, wav: bytes }, [bytes.buffer]);
  } catch (error) {
    port.postMessage({ jobId, failure: error instanceof Error ? error.name : 'unknown' });
  }
});

function speak(text: string, language: (typeof LANGUAGES)[number]): Buffer {
  const voice = VOICES[language];
  if (espeak.set_voice(voice.name) !== 0) throw new Error(`no voice ${voice.name}`);
  espeak.set_rate(voice.wordsPerMinute);
  espeak.set_pitch(voice.pitch);
  const chunks: Int16Array[] = [];
  espeak.synthesize(text, (audio) => {
    if (audio !== null && audio.length > 0) chunks.push(audio);
    return false;
  });
  const samples = new Float64Array(chunks.reduce((total, chunk) => total + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) for (let index = 0; index < chunk.length; index++) samples[at++] = chunk[index]! / 32768;
  const narrow = resample(samples, espeak.get_samplerate(), TELEPHONE_RATE_HZ);
  return encodeWav({ samples: level(trimSilence(narrow, TELEPHONE_RATE_HZ, 20, 220), TELEPHONE_RATE_HZ), sampleRate: TELEPHONE_RATE_HZ });
}
