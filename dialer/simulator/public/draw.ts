import { hashFraction } from '../../../core/ids.ts';

/**
 * Repeatable chance for one subject (a call, a phone, an account): every question has a name, and the same name gives
 * the same answer whatever was asked before it.
 */
export class Draw {
  readonly #subject: string;

  constructor(...subject: readonly string[]) {
    this.#subject = subject.join('\0');
  }

  /** A number in [0, 1). */
  fraction(question: string): number {
    return hashFraction(this.#subject, question);
  }

  /** True with this probability. */
  chance(question: string, probability: number): boolean {
    return this.fraction(question) < probability;
  }

  /** Even between `from` and `to`. */
  between(question: string, from: number, to: number): number {
    return from + this.fraction(question) * (to - from);
  }

  /** Exponential with this mean. */
  exponential(question: string, mean: number): number {
    return -mean * Math.log(1 - this.fraction(question));
  }

  /** Standard normal (Box-Muller). */
  normal(question: string): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.fraction(`${question}/radius`)));
    return radius * Math.cos(2 * Math.PI * this.fraction(`${question}/angle`));
  }

  pick<T>(question: string, from: readonly T[]): T {
    const chosen = from[Math.floor(this.fraction(question) * from.length)];
    if (chosen === undefined) throw new Error(`nothing to pick from for "${question}"`);
    return chosen;
  }

  /** One of the names, by weight; null if all weights are 0. */
  weighted<T extends string>(question: string, weights: readonly (readonly [T, number])[]): T | null {
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.fraction(question) * total;
    for (const [name, weight] of weights) {
      if (weight > 0 && left < weight) return name;
      left -= weight;
    }
    return null;
  }
}
