import type { Draw } from './draw.ts';
import { NOISE_LEVELS_DBFS, Soundtrack } from './sound.ts';
import { faxAnswer, faxCalling, renderTones, ringback, specialInformationTone, type ToneStep } from './tones.ts';
import { voices, type VoiceLabel } from './voices.ts';

const rendered = new Map<string, Int16Array>();

/** Tones rendered once per process. */
function tones(name: string, steps: () => readonly ToneStep[]): Int16Array {
  const known = rendered.get(name);
  if (known) return known;
  const samples = renderTones(steps());
  rendered.set(name, samples);
  return samples;
}

/** The line of one call: its noise and its loudness, drawn alike for every kind of party. */
export interface Line {
  readonly track: Soundtrack;
  /** Over the clips' common -20 dBFS. */
  readonly gain: number;
}

export function drawLine(draw: Draw): Line {
  return {
    track: new Soundtrack(draw.pick('noise', NOISE_LEVELS_DBFS), Math.floor(draw.between('noise offset', 0, 65_536))),
    gain: 10 ** (draw.between('level', -12, 5) / 20),
  };
}

function clip(draw: Draw, question: string, label: VoiceLabel): Int16Array {
  return draw.pick(question, voices().get(label) ?? []).samples;
}

/** How people answer: a word, a word and another, a sentence, or a torrent. */
export function humanGreeting(draw: Draw, line: Line): Soundtrack {
  const { track, gain } = line;
  // Most speak at once; some have to bring the telephone to the ear first.
  const leadMs = Math.min(2500, 180 + draw.exponential('lead', 420));
  const manner = draw.fraction('manner');
  if (manner < 0.75) {
    track.then(leadMs, clip(draw, 'hello', 'human_short'), gain);
    if (draw.chance('second hello', 0.2)) track.then(draw.between('second gap', 500, 1300), clip(draw, 'second', 'human_short'), gain);
  } else {
    track.then(leadMs, clip(draw, 'sentence', 'human_long'), gain);
    if (manner > 0.95) track.then(draw.between('more gap', 250, 600), clip(draw, 'more', 'human_long'), gain);
  }
  return track;
}

/** What a person says who hears nothing: "hello?", a few times. */
export function addUnansweredHellos(draw: Draw, line: Line): void {
  const again = clip(draw, 'again', 'human_short');
  for (let i = 0; i < 3; i++) line.track.then(draw.between(`again gap ${i}`, 2200, 3800), again, line.gain);
}

/** A voicemail greeting and its beep. @returns when the beep ends, ms (the greeting's end if there is none) */
export function voicemail(draw: Draw, line: Line): number {
  const { track, gain } = line;
  const leadMs = draw.between('lead', 200, 1600);
  // A greeting is spoken without long pauses and mostly takes over four seconds: name, absence, what to do.
  if (draw.chance('own voice', 0.35)) {
    track.then(leadMs, clip(draw, 'own greeting', 'personal_greeting'), gain);
    if (draw.chance('goes on', 0.5)) track.then(draw.between('own gap', 150, 400), clip(draw, 'own more', 'human_long'), gain);
  } else {
    const parts = Number(draw.weighted('parts', [['1', 0.15], ['2', 0.5], ['3', 0.35]]) ?? '2');
    for (let part = 0; part < parts; part++) track.then(part === 0 ? leadMs : draw.between(`gap ${part}`, 60, 350), clip(draw, `part ${part}`, 'machine_greeting'), gain);
  }
  if (draw.chance('no beep', 0.06)) return track.endMs;
  const hz = draw.pick('beep pitch', [440, 620, 800, 850, 1000, 1000, 1400]);
  const ms = draw.pick('beep length', [200, 300, 400, 500, 800]);
  track.then(draw.between('beep gap', 150, 1200), tones(`beep ${hz} ${ms}`, () => [{ hz: [hz], ms }]), Math.min(1.4, gain));
  return track.endMs;
}

/** What a network says of a number, once or again and again; before it possibly a special information tone or ringback. */
export function announcement(draw: Draw, line: Line, before: 'nothing' | 'sit', times: number): Soundtrack {
  const { track, gain } = line;
  const northAmerican = draw.chance('north american', 0.3);
  const text = clip(draw, 'text', 'announcement');
  const leadMs = draw.between('lead', 150, 900);
  if (before === 'nothing' && draw.chance('ringback first', 0.15)) track.then(0, tones('ringback', () => ringback(1)), Math.min(1, gain));
  for (let i = 0; i < times; i++) {
    const gapMs = i === 0 ? leadMs : draw.between('repeat gap', 500, 1500);
    if (before === 'sit') {
      track.then(gapMs, tones(`sit ${northAmerican}`, () => specialInformationTone(northAmerican)), Math.min(1.2, gain));
      track.then(200, text, gain);
    } else track.then(gapMs, text, gain);
  }
  return track;
}

/** A fax: mostly one that answers (CED), sometimes one that calls out while it is called (CNG). */
export function fax(draw: Draw, line: Line): Soundtrack {
  const leadMs = draw.between('lead', 200, 1800);
  const cedMs = draw.pick('ced', [2600, 3000, 4000]);
  const sent = draw.chance('answers', 0.75) ? tones(`ced ${cedMs}`, () => faxAnswer(cedMs)) : tones('cng', () => faxCalling(8));
  return line.track.then(leadMs, sent, Math.min(1.2, line.gain));
}
