import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { silentNet, VoiceEar, VoiceNet, voiceNetSchema, type VoiceNetFile } from '../decision/voice-net.ts';
import { HEARD_SIZE } from './steps.ts';

const goldenSchema = z.object({
  head: voiceNetSchema.shape.head,
  headBias: voiceNetSchema.shape.headBias,
  /** `frames`: base64 of HEARD_SIZE bytes a frame. */
  calls: z.array(z.object({ frames: z.string(), logOdds: z.number() })).min(1),
});

/** As `ruled` in voice_net_golden.py, over the layers one after the other. */
function ruledNet(): Omit<VoiceNetFile, 'head' | 'headBias'> {
  const net = silentNet();
  let number = 0;
  const { first, firstBias, second, secondBias, third, thirdBias } = net;
  for (const layer of [first, firstBias, second, secondBias, third, thirdBias]) layer.forEach((_, index) => (layer[index] = (((number++ * 40_503) % 2000) - 1000) / 10_000));
  return { first, firstBias, second, secondBias, third, thirdBias };
}

test('the net says of a call what voice_net.py, which learns it, says of it (voice_net_golden.py)', () => {
  const golden = goldenSchema.parse(JSON.parse(readFileSync(new URL('voice-net.golden.json', import.meta.url), 'utf8')));
  const net = new VoiceNet({ ...ruledNet(), head: golden.head, headBias: golden.headBias });
  for (const { frames, logOdds } of golden.calls) {
    const heard = Uint8Array.from(Buffer.from(frames, 'base64'));
    const ear = new VoiceEar(net);
    for (let at = 0; at < heard.length; at += HEARD_SIZE) ear.hear(heard, at, heard[at + HEARD_SIZE - 1] === 1);
    expect(ear.logOdds).toBeCloseTo(logOdds, 2);
  }
});
