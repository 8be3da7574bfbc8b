import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { CallBuilder } from './calls.ts';
import { CALL_KINDS } from './kinds.ts';
import { activeRms } from './channel.ts';
import { readClips, type Clip } from './clips.ts';
import { seededRandom } from './signals.ts';
import { splitOf } from './split.ts';

let clips: Clip[];
beforeAll(async () => {
  clips = await readClips(fileURLToPath(new URL('../fixtures', import.meta.url)));
});

describe('built calls', () => {
  test('are the same for the same seed and others for another', () => {
    const builder = new CallBuilder(clips);
    const [first] = [...builder.calls(1, 3)];
    const [again] = [...builder.calls(1, 3)];
    const [other] = [...builder.calls(1, 4)];
    expect(again).toEqual(first);
    expect(other!.pcm).not.toEqual(first!.pcm);
  });

  test.each(CALL_KINDS)('%s: of a call\'s length, and not clipped flat', (kind) => {
    const { pcm, kind: built } = new CallBuilder(clips).build(kind, seededRandom(9));
    expect(built).toBe(kind);
    expect(pcm.length).toBeGreaterThanOrEqual(5 * 8000);
    expect(pcm.length).toBeLessThan(60 * 8000);
    expect(activeRms(pcm)).toBeLessThan(20_000);
  });

  // The line must not tell the class: what is heard before anybody speaks is drawn alike for persons and recordings.
  test('the noise before the speech is as loud for persons as for recordings', () => {
    const builder = new CallBuilder(clips);
    const mean = (kind: 'human_short' | 'announcement'): number => {
      let sum = 0;
      for (let seed = 0; seed < 20; seed++) {
        const { channel } = builder.build(kind, seededRandom(seed));
        sum += channel.levelDb - channel.snrDb;
      }
      return sum / 20;
    };
    expect(mean('human_short')).toBe(mean('announcement'));
  });
});

test('no voice is in two parts, and each source of studio voices is whole', () => {
  const partOf = new Map<string, string>();
  for (const clip of clips) {
    const part = splitOf(clip);
    expect(partOf.get(clip.voice) ?? part).toBe(part);
    partOf.set(clip.voice, part);
  }
});
