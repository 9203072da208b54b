import type { SessionView } from './view.ts';

/** Makes the view of a session. */
interface ViewMaker {
  newView(): SessionView;
}

/**
 * The view of a session, which its users take in turns. It is there while it knows something or somebody uses it: of
 * most sessions that are followed nobody asks for more than their position.
 */
export class ViewTurns {
  readonly #maker: ViewMaker;
  #view: SessionView | null = null;
  /** Settles behind the turn that was asked for last; null when all are over. */
  #last: Promise<unknown> | null = null;

  constructor(maker: ViewMaker) {
    this.#maker = maker;
  }

  /** The view; made where there is none. For what needs no turn. */
  get view(): SessionView {
    this.#view ??= this.#maker.newView();
    return this.#view;
  }

  /** True when the view has begun. */
  get isBegun(): boolean {
    return this.#view !== null && this.#view.position.epoch !== '';
  }

  /** Rejects as `act` does. */
  take<T>(act: (view: SessionView) => Promise<T>): Promise<T> {
    const turn = (this.#last ?? Promise.resolve()).then(() => act(this.view));
    const over = turn
      .catch(() => {})
      .then(() => {
        if (this.#last === over) this.#rest();
      });
    this.#last = over;
    return turn;
  }

  /** Drops what was made of entries that the log does not have any more (HF-POS-6). */
  forget(): void {
    if (this.#view) void this.take(async (view) => view.reset());
  }

  /** One that knows nothing, and for which nobody waits, is as good as a new one. */
  #rest(): void {
    this.#last = null;
    if (!this.isBegun && this.#view?.awaited.isEmpty) this.#view = null;
  }
}
