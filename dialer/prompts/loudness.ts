/** Speech level on the line: the RMS of the parts where somebody speaks. -18 dBFS leaves headroom for peaks after companding. */
const TARGET_RMS = 10 ** (-18 / 20);
const PEAK_LIMIT = 10 ** (-1 / 20);
const FRAME_MS = 10;
/** Below this part of the loudest frame nobody speaks (-40 dB). */
const SILENCE_SHARE = 0.01;

function frameRms(samples: Float64Array, frameLength: number): Float64Array {
  const frames = new Float64Array(Math.ceil(samples.length / frameLength));
  for (let frame = 0; frame < frames.length; frame++) {
    const end = Math.min(samples.length, (frame + 1) * frameLength);
    let sum = 0;
    for (let index = frame * frameLength; index < end; index++) sum += samples[index]! ** 2;
    frames[frame] = Math.sqrt(sum / frameLength);
  }
  return frames;
}

/** Cuts silence off both ends, leaving `leadMs` before and `tailMs` after the speech: the pause between two sentences. */
export function trimSilence(samples: Float64Array, sampleRate: number, leadMs: number, tailMs: number): Float64Array {
  const frameLength = Math.round((sampleRate * FRAME_MS) / 1000);
  const frames = frameRms(samples, frameLength);
  const loudest = frames.reduce((max, rms) => Math.max(max, rms), 0);
  if (loudest === 0) return new Float64Array(0);
  const speaks = (rms: number): boolean => rms > loudest * SILENCE_SHARE;
  const from = frames.findIndex(speaks) * frameLength;
  const to = Math.min(samples.length, (frames.findLastIndex(speaks) + 1) * frameLength);
  const lead = Math.round((sampleRate * leadMs) / 1000);
  const tail = Math.round((sampleRate * tailMs) / 1000);
  const trimmed = new Float64Array(lead + (to - from) + tail);
  trimmed.set(samples.subarray(from, to), lead);
  return trimmed;
}

/** Brings speech to the line's level; the gain is less if the peak would pass -1 dBFS. */
export function level(samples: Float64Array, sampleRate: number): Float64Array {
  const frames = frameRms(samples, Math.round((sampleRate * FRAME_MS) / 1000));
  const loudest = frames.reduce((max, rms) => Math.max(max, rms), 0);
  const spoken = frames.filter((rms) => rms > loudest * SILENCE_SHARE);
  if (spoken.length === 0) return samples;
  const rms = Math.sqrt(spoken.reduce((sum, value) => sum + value ** 2, 0) / spoken.length);
  const peak = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 0);
  const gain = Math.min(TARGET_RMS / rms, PEAK_LIMIT / peak);
  return samples.map((sample) => sample * gain);
}
