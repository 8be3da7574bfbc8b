import { EventEmitter } from 'node:events';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Endpoint, PlayResult } from 'drachtio-fsmrf';
import { PromptPlayer, type PromptEnd } from './prompt-player.ts';

/**
 * FreeSWITCH's side of playing, reduced to what trips an application up: a file sounds some turns after the command and ends by
 * itself some turns later; `uuid_break` ends it while it sounds, and before that throws the command away for ever.
 */
class Channel extends EventEmitter {
  readonly uuid = 'channel';
  breaksOutOfTime = 0;
  #sounding: { readonly resolve: (result: PlayResult) => void; readonly atMs: number } | null = null;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    super();
    this.#nowMs = nowMs;
  }

  play(file: string): Promise<PlayResult> {
    return new Promise((resolve, reject) => {
      if (file === 'missing') return void setImmediate(() => reject(new Error('File Not Found')));
      setImmediate(() => {
        this.#sounding = { resolve, atMs: this.#nowMs() };
        this.emit('playback-start', { file });
        const lasting = this.#sounding;
        let turns = Number(file);
        const turn = (): void => {
          if (this.#sounding !== lasting) return;
          if (--turns > 0) setImmediate(turn);
          else this.#end();
        };
        setImmediate(turn);
      });
    });
  }

  api(command: string): Promise<void> {
    expect(command).toBe('uuid_break');
    if (!this.#sounding) this.breaksOutOfTime++;
    setImmediate(() => this.#end());
    return Promise.resolve();
  }

  #end(): void {
    const sounding = this.#sounding;
    if (!sounding) return;
    this.#sounding = null;
    sounding.resolve({ playbackSeconds: '0', playbackMilliseconds: '0', playbackLastOffsetPos: String((this.#nowMs() - sounding.atMs) * 8) });
  }
}

const step = fc.oneof(
  fc.record({ do: fc.constant('play' as const), files: fc.array(fc.constantFrom('1', '3', '8', 'missing'), { maxLength: 3 }) }),
  fc.record({ do: fc.constant('stop' as const) }),
  fc.record({ do: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 12 }) }),
);

test('whatever is asked, every prompt ends exactly once, and nothing is broken that does not sound', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), fc.boolean(), async (steps, closes) => {
      let nowMs = 0;
      const channel = new Channel(() => nowMs);
      const ends: PromptEnd[] = [];
      const player = new PromptPlayer(channel as unknown as Endpoint, () => nowMs, (end) => ends.push(end));
      let asked = 0;
      const wait = async (turns: number): Promise<void> => {
        for (let turn = 0; turn < turns; turn++) {
          nowMs += 10;
          await new Promise((resolve) => setImmediate(resolve));
        }
      };
      for (const action of steps) {
        if (action.do === 'play') player.play(++asked, action.files);
        else if (action.do === 'stop') player.stop();
        else await wait(action.turns);
      }
      if (closes) player.close();
      else await wait(40);
      expect(ends.map(({ playId }) => playId).sort((a, b) => a - b)).toEqual(Array.from({ length: asked }, (_, index) => index + 1));
      expect(channel.breaksOutOfTime).toBe(0);
      for (const { playedMs } of ends) expect(playedMs).toBeGreaterThanOrEqual(0);
      if (closes) {
        player.play(99, ['1']);
        await wait(5);
        expect(ends).toHaveLength(asked);
      }
    }),
    { numRuns: 200 },
  );
});
