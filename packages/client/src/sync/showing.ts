import type { Message } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { SyncContext } from './context.ts';
import { createFolds } from './folds.ts';
import { type PendingSend, reconcile } from './reconcile.ts';
import { noteSends } from './shared.ts';
import type { Streams } from './streams.ts';

/** Has the chat show what `change` makes of its list. */
export type Show<UI_MESSAGE extends UIMessage> = (
  change: (live: readonly UI_MESSAGE[]) => readonly UI_MESSAGE[],
) => void;

/** Makes the chat show what its session has, and what was sent here and is not in it yet. */
export interface Showing<UI_MESSAGE extends UIMessage> {
  /** True when all that the session has is shown: nothing is still being folded. */
  write(): boolean;
  /** Remembers what is being sent here, and takes what was withdrawn out of the chat. */
  noteSends(): void;
  /** Shows a list. A message that the chat lacks later was taken away by the application. */
  readonly show: Show<UI_MESSAGE>;
  stop(): void;
}

export function createShowing<UI_MESSAGE extends UIMessage>(
  { port, session, model, shared, schedule }: SyncContext<UI_MESSAGE>,
  streams: Streams,
): Showing<UI_MESSAGE> {
  const { projection } = model;
  const folds = createFolds<UI_MESSAGE>(schedule);
  const had = (message: string): boolean => model.had(message) || shared.taken.has(message);

  function show(change: (live: readonly UI_MESSAGE[]) => readonly UI_MESSAGE[]): void {
    port.write((live) => {
      const next = change(live);
      session.shown = next as unknown as readonly Message[];
      return next;
    });
  }

  /** Sends that the log does not have yet, and that take their place among the messages. */
  function pendingSends(): PendingSend<UI_MESSAGE>[] {
    return [...session.acts].flatMap(({ command, message, after, isQueued, state }) =>
      command &&
      !isQueued &&
      state !== 'withdrawn' &&
      !projection.runs.some((run) => run.command === command)
        ? { message: message as unknown as UI_MESSAGE | undefined, after }
        : [],
    );
  }

  /** The messages of the session, but for those that streams write; those of ended runs are `isComplete` or not. */
  function look(written: ReadonlySet<string>) {
    const live = new Set(model.liveRuns.map(({ messageId }) => messageId));
    const folded = new Set<string>();
    let isComplete = true;
    const messages = [...projection.items].map((item) => {
      const { id } = item;
      if (written.has(id)) return { id, message: null };
      folded.add(id);
      const isLive = live.has(id);
      const message = folds.of(item, isLive);
      if (message === null && !isLive) isComplete = false;
      return { id, message };
    });
    folds.keep(folded);
    return { messages, isComplete };
  }

  return {
    write: () => {
      const written = streams.written();
      const { messages, isComplete } = look(written);
      const view = { messages, isWhole: model.before === null, had };
      const sends = { pending: pendingSends(), unsent: shared.unsent };
      show((live) => reconcile(live, view, sends, written));
      return isComplete;
    },
    noteSends: () => {
      noteSends(shared, session.acts, model.hasTaken, had);
      for (const { state, message } of session.acts)
        if (state === 'withdrawn') show((live) => without(live, message?.id));
    },
    show,
    stop: () => folds.keep(new Set()),
  };
}

const without = <UI_MESSAGE extends UIMessage>(
  live: readonly UI_MESSAGE[],
  gone: string | undefined,
): readonly UI_MESSAGE[] => {
  const kept = live.filter(({ id }) => id !== gone);
  return kept.length < live.length ? kept : live;
};
