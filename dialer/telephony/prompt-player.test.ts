import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint, PlayResult } from 'drachtio-fsmrf';
import { PromptPlayer, type PromptEnd } from './prompt-player.ts';

/**
 * FreeSWITCH's side of playing, reduced to what trips an application up: a file sounds some turns after the command and ends by
 * itself some turns later; `uuid_break` ends it while it sounds, before that throws the command away for ever, and if it
 * arrives after the end cuts the next file.
 */
class Channel extends EventEmitter {
  readonly uuid = 'channel';
  breaksOutOfTime = 0;
  #broken = false;
  #sounding: { readonly resolve: (result: PlayResult) => void; turns: number } | null = null;

  play(file: string): Promise<PlayResult> {
    return new Promise((resolve, reject) => {
      if (file === 'missing') return void setImmediate(() => reject(new Error('File Not Found')));
      setImmediate(() => {
        const sounding = (this.#sounding = { resolve, turns: 0 });
        this.emit('playback-start', { file });
        if (this.#broken) {
          this.#broken = false;
          this.#end();
        }
        const turn = (): void => {
          if (this.#sounding !== sounding) return;
          if (++sounding.turns < Number(file)) setImmediate(turn);
          else this.#end();
        };
        setImmediate(turn);
      });
    });
  }

  api(command: string): Promise<void> {
    expect(command).toBe('uuid_break');
    if (!this.#sounding) this.breaksOutOfTime++;
    setImmediate(() => {
      if (this.#sounding) this.#end();
      else this.#broken = true;
    });
    return Promise.resolve();
  }

  #end(): void {
    const sounding = this.#sounding;
    this.#sounding = null;
    sounding?.resolve({ playbackSeconds: '0', playbackMilliseconds: '0', playbackLastOffsetPos: String(sounding.turns * 80) });
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('play' as const), files: fc.array(fc.constantFrom('1', '3', '8', 'missing'), { maxLength: 3 }) }),
  fc.record({ do: fc.constant('stop' as const) }),
  fc.record({ do: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 12 }) }),
);

test('whatever is asked, every prompt ends exactly once, nothing is broken that does not sound, and no prompt is cut by an older break', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, closes) => {
      let nowMs = 0;
      const channel = new Channel();
      const ends: PromptEnd[] = [];
      const player = new PromptPlayer(channel as unknown as Endpoint, () => nowMs, (end) => ends.push(end));
      let asked = 0;
      const files = new Map<number, readonly string[]>();
      const wait = async (turns: number): Promise<void> => {
        for (let turn = 0; turn < turns; turn++) {
          nowMs += 10;
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      for (const action of steps) {
        if (action.do === 'play') {
          files.set(++asked, action.files);
          player.play(asked, action.files);
        }
        else if (action.do === 'stop') player.stop();
        else await wait(action.turns);
      }
      if (closes) player.close();
      else await wait(40);
      expect(ends.map(({ playId }) => playId).sort((a, b) => a - b)).toEqual(Array.from({ length: asked }, (_, index) => index + 1));
      expect(channel.breaksOutOfTime).toBe(0);
      for (const { playId, playedMs, result } of ends) {
        const wholeMs = (files.get(playId) ?? []).reduce((sum, file) => sum + (file === 'missing' ? 0 : Number(file) * 10), 0);
        if (result === 'completed') expect(playedMs).toBe(wholeMs);
        else expect(playedMs).toBeGreaterThanOrEqual(0);
      }
      if (closes) {
        player.play(99, ['1']);
        await wait(5);
        expect(ends).toHaveLength(asked);
      }
    }),
    {
      numRuns: 500,
      // A break that crossed the end of its file meets a missing one before the next that sounds.
      examples: [[[{ do: 'play', files: ['3'] }, { do: 'wait', turns: 3 }, { do: 'play', files: ['missing'] }, { do: 'wait', turns: 1 }, { do: 'play', files: ['1'] }], false]],
    },
  );
});
