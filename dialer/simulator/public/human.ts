import type { PersonaAction, PersonaEvent } from '../public-port.ts';
import { unreachable } from '../../../core/errors.ts';
import type { Draw } from './draw.ts';
import type { Soundtrack } from './sound.ts';

/** What a person will answer when asked for a digit, by share. */
const ANSWERS = [['1', 0.3], ['2', 0.06], ['3', 0.04], ['9', 0.03], ['none', 0.57]] as const;
type Answer = (typeof ANSWERS)[number][0];

/** Share of people who hang up on a recorded voice before it is done, and how soon. */
const IMPATIENT_SHARE = 0.28;
const IMPATIENT_MEAN_MS = 7000;

/**
 * A person on the telephone. States: waiting for somebody to speak (hangs up when patience runs out); listening (may hang
 * up, may press before the end); asked (the prompt ended: presses, or says nothing and waits).
 */
export class Human {
  readonly #draw: Draw;
  readonly #track: Soundtrack;
  readonly #patienceMs: number;
  /** Hangs up after hearing this much in all; Infinity: listens to the end. */
  readonly #leavesAfterHeardMs: number;
  #answer: Answer;
  #answeredAtMs = 0;
  #heardMs = 0;
  /** When the press announced last is due; an event before that replaced it. */
  #pressAtMs: number | null = null;

  constructor(draw: Draw, track: Soundtrack) {
    this.#draw = draw;
    this.#track = track;
    this.#patienceMs = draw.between('patience', 6000, 12_000);
    this.#leavesAfterHeardMs = draw.chance('impatient', IMPATIENT_SHARE) ? 400 + draw.exponential('leaves', IMPATIENT_MEAN_MS) : Infinity;
    this.#answer = draw.weighted('answer', ANSWERS) ?? 'none';
  }

  get patienceMs(): number {
    return this.#patienceMs;
  }

  react(event: PersonaEvent): readonly PersonaAction[] | null {
    if (this.#pressAtMs !== null && event.atMs >= this.#pressAtMs) this.#pressed();
    this.#pressAtMs = null;
    switch (event.kind) {
      case 'answered':
        this.#answeredAtMs = event.atMs;
        return [{ kind: 'hang_up', afterMs: this.#patienceMs }];
      case 'prompt_started': {
        this.#track.dropFrom(event.atMs - this.#answeredAtMs);
        const leavesInMs = this.#leavesAfterHeardMs - this.#heardMs;
        if (leavesInMs < event.durationMs) return [{ kind: 'hang_up', afterMs: Math.max(0, leavesInMs) }];
        // Somebody who was called before knows the menu and does not wait for its end.
        if (this.#answer !== 'none' && event.promptIndex > 0 && this.#draw.chance(`early ${event.promptIndex}`, 0.15)) {
          return [this.#press(event.atMs, this.#draw.between(`early after ${event.promptIndex}`, 0.4, 0.95) * event.durationMs)];
        }
        return [];
      }
      case 'prompt_ended': {
        this.#heardMs = event.totalHeardMs;
        const waits: PersonaAction = { kind: 'hang_up', afterMs: this.#patienceMs };
        if (!event.completed || this.#answer === 'none') return [waits];
        // A message that goes on within this time replaces the press: only the last prompt, the question, is answered.
        return [this.#press(event.atMs, this.#draw.between(`thinks ${event.promptIndex}`, 1100, 3600)), waits];
      }
      default:
        return unreachable(event);
    }
  }

  #press(nowMs: number, afterMs: number): PersonaAction {
    this.#pressAtMs = nowMs + afterMs;
    return { kind: 'press', afterMs, digit: this.#answer };
  }

  /** Who asked for a repetition may promise after it; everybody else has said what they had to say. */
  #pressed(): void {
    this.#answer = this.#answer === '2' && this.#draw.chance('after repetition', 0.4) ? '1' : 'none';
  }
}
