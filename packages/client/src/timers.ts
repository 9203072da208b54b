import type { Environment } from './environment.ts';

/** At most one timer of each name. */
export class Timers<Name extends string> {
  readonly #environment: Environment;
  readonly #ends = new Map<Name, () => void>();

  constructor(environment: Environment) {
    this.#environment = environment;
  }

  has(name: Name): boolean {
    return this.#ends.has(name);
  }

  set(name: Name, ms: number, run: () => void): void {
    this.clear(name);
    const end = this.#environment.after(Math.max(0, ms), () => {
      this.#ends.delete(name);
      run();
    });
    this.#ends.set(name, end);
  }

  /** Without a name all of them. */
  clear(name?: Name): void {
    for (const [key, end] of [...this.#ends])
      if (name === undefined || key === name) {
        this.#ends.delete(key);
        end();
      }
  }
}
