import { alawToLinear, mulawToLinear } from '../wav.ts';
import { throughCelp } from './celp.ts';
import { throughGsm } from './gsm.ts';

/** What lies between a mouth and the detector; drawn once a call, from the same ranges for every class. */
export interface Channel {
  /** `gsm` is GSM 06.10, `celp` stands for AMR-NB; after both comes A-law, as at a gateway. */
  codec: 'alaw' | 'mulaw' | 'gsm' | 'celp';
  /** Level of the speech while it sounds, dB re full scale. */
  levelDb: number;
  snrDb: number;
  /** First-order low-pass of the noise: 0 white, 0.9 close to brown. */
  noiseColour: number;
  lossShare: number;
  /** Chance that a lost frame is followed by another. */
  lossBurst: number;
}

/** Lines without a mobile telephone's vocoder in them. */
export const WIRED_CODECS = ['alaw', 'mulaw'] as const;

export function drawChannel(random: () => number, codecs: readonly Channel['codec'][] = ['alaw', 'mulaw', 'gsm', 'celp']): Channel {
  return {
    codec: codecs[Math.floor(codecs.length * random())]!,
    levelDb: -35 + 25 * random(),
    snrDb: 30 * Math.sqrt(random()),
    noiseColour: 0.9 * random(),
    lossShare: random() < 0.5 ? 0 : 0.05 * random(),
    lossBurst: 0.5 * random(),
  };
}

const RATE = 8000;
const LOSS_FRAME = 160;

/** Root mean square of what sounds: of the 20 ms frames within 25 dB of the loudest. */
export function activeRms(pcm: Int16Array): number {
  const energies: number[] = [];
  for (let start = 0; start + LOSS_FRAME <= pcm.length; start += LOSS_FRAME) {
    let sum = 0;
    for (let index = start; index < start + LOSS_FRAME; index++) sum += pcm[index]! ** 2;
    energies.push(sum / LOSS_FRAME);
  }
  const limit = energies.reduce((most, value) => Math.max(most, value), 0) * 10 ** -2.5;
  const active = energies.filter((value) => value > limit);
  return Math.sqrt(active.reduce((sum, value) => sum + value, 0) / Math.max(1, active.length));
}

/** Second-order Butterworth section. */
function biquad(samples: Float64Array, cutoffHz: number, highPass: boolean): void {
  const w = (2 * Math.PI * cutoffHz) / RATE;
  const alpha = Math.sin(w) / Math.SQRT2;
  const cos = Math.cos(w);
  const a0 = 1 + alpha;
  const edge = highPass ? (1 + cos) / 2 : (1 - cos) / 2;
  const b1 = (highPass ? -2 : 2) * edge;
  let x1 = 0, x2 = 0, y1 = 0, y2 = 0;
  for (let index = 0; index < samples.length; index++) {
    const x = samples[index]!;
    const y = (edge * x + b1 * x1 + edge * x2 + 2 * cos * y1 - (1 - alpha) * y2) / a0;
    x2 = x1; x1 = x; y2 = y1; y1 = y;
    samples[index] = y;
  }
}

const nearestCode = (decode: (byte: number) => number): Int16Array => {
  const levels = Array.from({ length: 256 }, (_, byte) => decode(byte)).sort((a, b) => a - b);
  const table = new Int16Array(65_536);
  let at = 0;
  for (let value = -32_768; value < 32_768; value++) {
    while (at + 1 < levels.length && Math.abs(levels[at + 1]! - value) <= Math.abs(levels[at]! - value)) at++;
    table[value + 32_768] = levels[at]!;
  }
  return table;
};
const THROUGH_ALAW = nearestCode(alawToLinear);
const THROUGH_MULAW = nearestCode(mulawToLinear);

/**
 * Level, noise over the whole call (`background`, over and over, or synthetic), 300-3400 Hz, codec, loss with concealment by a fading
 * repeat, companding. `rms` is of the speech.
 */
export function throughChannel(pcm: Int16Array, rms: number, channel: Channel, random: () => number, background: Int16Array | null = null): Int16Array {
  const target = 32_768 * 10 ** (channel.levelDb / 20);
  const gain = rms > 0 ? target / rms : 1;
  const noiseRms = target * 10 ** (-channel.snrDb / 20);
  const samples = new Float64Array(pcm.length);
  if (background === null) addNoise(samples, noiseRms, channel.noiseColour, random);
  else {
    const backgroundGain = noiseRms / Math.max(1, activeRms(background));
    for (let index = 0; index < samples.length; index++) samples[index] = backgroundGain * background[index % background.length]!;
  }
  for (let index = 0; index < pcm.length; index++) samples[index]! += pcm[index]! * gain;
  biquad(samples, 300, true);
  biquad(samples, 3400, false);
  if (channel.codec === 'gsm') throughGsm(samples);
  else if (channel.codec === 'celp') throughCelp(samples);
  conceal(samples, channel, random);
  const table = channel.codec === 'mulaw' ? THROUGH_MULAW : THROUGH_ALAW;
  return Int16Array.from(samples, (value) => table[Math.max(0, Math.min(65_535, Math.round(value) + 32_768))]!);
}

function addNoise(samples: Float64Array, rms: number, colour: number, random: () => number): void {
  // Uniform noise of +-1 has an rms of 1/sqrt 3; the low-pass takes sqrt(1 - colour^2) of it.
  const gain = rms * Math.sqrt(3) * Math.sqrt(1 - colour * colour);
  let noise = 0;
  for (let index = 0; index < samples.length; index++) {
    noise = colour * noise + (2 * random() - 1);
    samples[index]! += noise * gain;
  }
}

function conceal(samples: Float64Array, { lossShare, lossBurst }: Channel, random: () => number): void {
  let inBurst = false;
  let fade = 1;
  for (let start = LOSS_FRAME; start + LOSS_FRAME <= samples.length; start += LOSS_FRAME) {
    const lost: boolean = random() < (inBurst ? lossBurst : lossShare);
    fade = lost ? fade * 0.7 : 1;
    if (lost) for (let index = start; index < start + LOSS_FRAME; index++) samples[index] = samples[index - LOSS_FRAME]! * fade;
    inBurst = lost;
  }
}
