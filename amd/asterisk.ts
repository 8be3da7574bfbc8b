/**
 * Asterisk's app_amd, written anew from its public description, with its defaults: the yardstick of the evaluation and of
 * the benchmark. Never used on a call. It works on 20 ms frames whose mean absolute sample is below the threshold (silent) or not.
 */
export interface AsteriskOptions {
  initialSilenceMs: number;
  greetingMs: number;
  afterGreetingSilenceMs: number;
  totalAnalysisMs: number;
  minimumWordMs: number;
  betweenWordsSilenceMs: number;
  maximumWords: number;
  maximumWordMs: number;
  silenceThreshold: number;
}

export const ASTERISK_DEFAULTS: AsteriskOptions = {
  initialSilenceMs: 2500,
  greetingMs: 1500,
  afterGreetingSilenceMs: 800,
  totalAnalysisMs: 5000,
  minimumWordMs: 100,
  betweenWordsSilenceMs: 50,
  maximumWords: 3,
  maximumWordMs: 5000,
  silenceThreshold: 256,
};

export interface AsteriskVerdict {
  verdict: 'human' | 'machine' | 'not_sure';
  cause: 'INITIALSILENCE' | 'HUMAN' | 'LONGGREETING' | 'MAXWORDS' | 'MAXWORDLENGTH' | 'TOOLONG';
  audioMs: number;
}

const FRAME_MS = 20;
const FRAME_SAMPLES = 160;

/** Runs the algorithm over 8 kHz PCM; what is past the end counts as silence. */
export function asteriskAmd(pcm: Int16Array, options: AsteriskOptions = ASTERISK_DEFAULTS): AsteriskVerdict {
  let inInitialSilence = true;
  let inGreeting = false;
  let inWord = false;
  let silenceMs = 0;
  let voiceMs = 0;
  let words = 0;
  for (let timeMs = FRAME_MS; ; timeMs += FRAME_MS) {
    if (timeMs >= options.totalAnalysisMs) return { verdict: 'not_sure', cause: 'TOOLONG', audioMs: timeMs };
    const start = (timeMs / FRAME_MS - 1) * FRAME_SAMPLES;
    let sum = 0;
    for (let index = start; index < start + FRAME_SAMPLES && index < pcm.length; index++) sum += Math.abs(pcm[index]!);
    if (sum / FRAME_SAMPLES < options.silenceThreshold) {
      silenceMs += FRAME_MS;
      if (silenceMs >= options.betweenWordsSilenceMs) {
        inWord = false;
        voiceMs = 0;
      }
      if (inInitialSilence && silenceMs >= options.initialSilenceMs) return { verdict: 'machine', cause: 'INITIALSILENCE', audioMs: timeMs };
      if (inGreeting && silenceMs >= options.afterGreetingSilenceMs) return { verdict: 'human', cause: 'HUMAN', audioMs: timeMs };
    } else {
      voiceMs += FRAME_MS;
      if (voiceMs >= options.minimumWordMs && !inWord) {
        words++;
        inWord = true;
      }
      if (voiceMs >= options.maximumWordMs) return { verdict: 'machine', cause: 'MAXWORDLENGTH', audioMs: timeMs };
      if (words >= options.maximumWords) return { verdict: 'machine', cause: 'MAXWORDS', audioMs: timeMs };
      if (inGreeting && voiceMs >= options.greetingMs) return { verdict: 'machine', cause: 'LONGGREETING', audioMs: timeMs };
      if (voiceMs >= options.minimumWordMs) {
        silenceMs = 0;
        inInitialSilence = false;
        inGreeting = true;
      }
    }
  }
}
