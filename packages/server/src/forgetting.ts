import { inCleanContext } from './clean-context.ts';
import type { Environment } from './environment.ts';

interface Aging {
  readonly environment: Pick<Environment, 'now' | 'after'>;
  /** How long one stays that nobody asks for any more, in ms. */
  readonly keptMs: number;
  /** Takes it out of what is known. */
  readonly forget: (name: string) => void;
}

/** Takes out of what a process remembers what nobody has asked for in a while; one timer, while there is something. */
export class Forgetting {
  /** What is remembered by its name, with when it was asked for last. */
  readonly #known: ReadonlyMap<string, { readonly at: number }>;
  readonly #aging: Aging;
  #isBegun = false;

  constructor(known: ReadonlyMap<string, { readonly at: number }>, aging: Aging) {
    this.#known = known;
    this.#aging = aging;
  }

  /** To be called when something is remembered. */
  begin(): void {
    if (this.#isBegun || this.#known.size === 0) return;
    this.#isBegun = true;
    const { environment, keptMs, forget } = this.#aging;
    inCleanContext(() =>
      environment.after(keptMs, () => {
        this.#isBegun = false;
        const since = environment.now() - keptMs;
        for (const [name, { at }] of this.#known) if (at <= since) forget(name);
        this.begin();
      }),
    );
  }
}
