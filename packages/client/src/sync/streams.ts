import type { UIMessage } from 'ai';
import type { SyncContext } from './context.ts';
import type { SyncedChat } from './contract.ts';

export const isBusy = ({ status }: Pick<SyncedChat, 'status'>): boolean =>
  status === 'submitted' || status === 'streaming';

/** Which messages are written by streams, and not from what the session tells. */
export interface Streams {
  /** Messages that chats which are there now read from streams. */
  read(): readonly string[];
  /** Messages that streams of this chat write, or are about to. */
  written(): ReadonlySet<string>;
}

export function createStreams<UI_MESSAGE extends UIMessage>({
  chat,
  session,
  model,
  shared,
}: SyncContext<UI_MESSAGE>): Streams {
  /** Streams of chats that were there before this one, and that nobody stopped. */
  const orphans: ReadonlySet<object> = new Set(isBusy(chat) ? [] : session.streams);
  const read = (): string[] =>
    [...session.streams].filter((stream) => !orphans.has(stream)).map(({ messageId }) => messageId);
  return {
    read,
    written: () => {
      // Another chat of the same session may be the one that reads them.
      if (shared.syncs.size > 1 && !isBusy(chat)) return new Set();
      const ids = new Set(read());
      for (const { command } of session.acts) {
        // A stream that is being asked for is one of the run that began last.
        const { liveRuns } = model;
        const runs = command
          ? liveRuns.filter((run) => run.command === command)
          : liveRuns.slice(-1);
        for (const { messageId } of runs) ids.add(messageId);
      }
      return ids;
    },
  };
}
