import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { activeRms, throughChannel } from '../corpus/channel.ts';
import { readClips, type Clip } from '../corpus/clips.ts';
import { joined, seededRandom, silence, whiteNoise, mixed } from '../corpus/signals.ts';
import { tonesIn } from './evaluate-tones.ts';
import { tones } from './synthetic-tones.ts';

const SPEECH = ['human_short', 'human_long', 'announcement', 'machine_prompt', 'machine_greeting'];
let clips: Clip[];

beforeAll(async () => {
  clips = await readClips(fileURLToPath(new URL('../fixtures', import.meta.url)));
});

const beep = (hz: number | readonly number[], seconds: number, amplitude = 6000): Int16Array => tones([{ hz: typeof hz === 'number' ? [hz] : hz, seconds }], amplitude);
const alone = (sound: Int16Array): Int16Array => joined(silence(0.5), sound, silence(0.5));

/** A sine whose frequency glides, as a harmonic of a vowel does. */
function glide(fromHz: number, toHz: number): Int16Array {
  let phase = 0;
  return Int16Array.from({ length: 2080 }, (_, index) => {
    phase += (2 * Math.PI * (fromHz + (index / 2080) * (toHz - fromHz))) / 8000;
    return 8000 * Math.sin(phase);
  });
}

describe('a beep', () => {
  test.each([
    ['of 440 Hz, near as it is to ringback', 440, 0.3], ['of 386 Hz', 386, 0.5], ['of 1000 Hz and 0.1 s', 1000, 0.1], ['of 1.2 s', 850, 1.2],
    ['of 2050 Hz', 2050, 0.2], ['of two sines', [800, 1200], 0.4],
  ] as const)('%s is told 0.1 s after its end, the end to within 20 ms', (_name, hz, seconds) => {
    const events = tonesIn(alone(beep(hz, seconds)));
    expect(events.beeps).toHaveLength(1);
    expect(Math.abs(events.beeps[0]!.endMs - (500 + 1000 * seconds))).toBeLessThanOrEqual(20);
    expect(events.beeps[0]!.toldMs - (500 + 1000 * seconds)).toBeLessThanOrEqual(140);
  });

  test('of two steps is one beep, its end the second\'s', () => {
    const steps = joined(beep(440, 0.1), beep(880, 0.1));
    for (const sound of [steps, joined(beep(880, 0.1), beep(440, 0.1))]) {
      const { beeps } = tonesIn(alone(sound));
      expect(beeps).toHaveLength(1);
      expect(Math.abs(beeps[0]!.endMs - 700)).toBeLessThanOrEqual(20);
    }
  });

  test('at 10 dB signal to noise is told as well', () => {
    const pcm = alone(beep(700, 0.3));
    const noise = whiteNoise(pcm.length / 8000, (6000 / Math.SQRT2) * Math.sqrt(3) * 10 ** (-10 / 20), seededRandom(3));
    expect(tonesIn(mixed(pcm, noise)).beeps).toHaveLength(1);
  });

  test.each([[700, 0.4], [1000, 0.2], [1800, 0.4], [[700, 1050], 0.3]] as const)('of %s Hz and %s s is told through GSM 06.10 too, which makes it tremble', (hz, seconds) => {
    const random = seededRandom(5);
    for (let turn = 0; turn < 10; turn++) {
      const sound = beep(hz, seconds);
      const line = { codec: 'gsm', levelDb: -20, snrDb: 16 + 12 * random(), noiseColour: 0.5 * random(), lossShare: 0, lossBurst: 0 } as const;
      expect(tonesIn(throughChannel(alone(sound), activeRms(sound), line, random)).beeps).toHaveLength(1);
    }
  });

  test('of two steps is told though a packet is lost in one of them, and where the second is near a network\'s 425 Hz', () => {
    const second = beep(720, 0.15);
    second.copyWithin(480, 320, 480);
    for (const sound of [joined(beep(1440, 0.15), second), joined(beep(870, 0.18), beep(435, 0.18))]) expect(tonesIn(alone(sound)).beeps).toHaveLength(1);
  });

  test('recorded: Asterisk\'s own two-step beep is told', () => {
    const recorded = clips.filter(({ label, pcm }) => label === 'tone_beep' && pcm.length < 2000);
    expect(recorded.length).toBeGreaterThan(0);
    for (const { pcm } of recorded) expect(tonesIn(alone(pcm)).beeps).toHaveLength(1);
  });
});

describe('what is no beep', () => {
  test.each([
    ['2 ms of tone', beep(1000, 0.002)], ['30 ms of tone', beep(1000, 0.03)],
    ['a tone that glides up', glide(485, 515)], ['a tone that glides down', glide(555, 525)],
    ['a key of the telephone', beep([770, 1336], 0.3)],
    ['a melody', joined(...[660, 880, 740, 990, 660, 880].map((hz) => beep(hz, 0.25)))],
    ['a tone that goes on for ever', beep(1000, 5)],
    ['425 Hz', beep(425, 0.4)],
  ] as const)('%s', (_name, sound) => {
    expect(tonesIn(alone(sound)).beeps).toEqual([]);
  });

  test('a tone that speech follows at once: the greeting is not over', () => {
    const speech = clips.find(({ label }) => label === 'machine_prompt')!.pcm.subarray(600, 12_600);
    expect(tonesIn(joined(silence(0.5), beep(1000, 0.3), speech, silence(0.5))).beeps).toEqual([]);
  });

  // Known of detectors by one frequency: single tones inside voiced speech below 440 Hz.
  test('any speech or music of the fixtures', () => {
    const heard = clips.filter(({ label }) => SPEECH.includes(label) || label === 'music');
    expect(heard.length).toBeGreaterThan(40);
    for (const { pcm } of heard) expect(tonesIn(alone(pcm)).beeps).toEqual([]);
  });
});
