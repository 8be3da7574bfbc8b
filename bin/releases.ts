/** Things that were started, to be released in reverse order, each once, whatever fails on the way. */
export class Releases {
  readonly #stack: { readonly name: string; readonly release: () => Promise<void> | void }[] = [];

  add(name: string, release: () => Promise<void> | void): void {
    this.#stack.push({ name, release });
  }

  /** Releases everything; errors are gathered and thrown together after the last one. */
  async releaseAll(): Promise<void> {
    const errors: Error[] = [];
    for (let item = this.#stack.pop(); item !== undefined; item = this.#stack.pop()) {
      try {
        await item.release();
      } catch (error) {
        errors.push(new Error(`releasing ${item.name} failed`, { cause: error }));
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, errors.map((error) => error.message).join('; '));
  }
}
