import { openRoom, type Room, type Tab } from './room.ts';
import type { GatedRun } from './server.ts';

/** A send that waits for the run that is live. */
export const queued: { readonly body: { readonly whileBusy: 'queue' } } = {
  body: { whileBusy: 'queue' },
};

export interface Working {
  readonly room: Room;
  readonly a: Tab;
  readonly b: Tab;
  /** Of the first message; ends with its run. */
  readonly sent: Promise<void>;
  readonly run: GatedRun;
  /** Ends a run of `one`, or of a text of its own. */
  finish(which: GatedRun, text?: string): void;
}

/** Two tabs, and a run of the first that has said something. */
export async function working(): Promise<Working> {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  const sent = a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  for (const tab of [a, b]) await tab.until(() => tab.text === 'one');
  const finish = (which: GatedRun, text = '') => {
    if (text) {
      which.emit({ type: 'start' }, { type: 'text-start', id: 't' });
      which.emit({ type: 'text-delta', id: 't', delta: text });
    }
    which.emit({ type: 'text-end', id: 't' });
    which.end();
  };
  return { room, a, b, sent, run, finish };
}

/** The texts that wait, in their order. */
const queueOf = (tab: Tab): readonly string[] =>
  tab.sync
    .getSnapshot()
    .queue.map(({ messages }) =>
      messages.flatMap(({ parts }) => (parts as { text: string }[]).map(({ text }) => text)).join(),
    );

/** Resolves once a tab knows that these wait. */
export const told = (tab: Tab, texts: readonly string[]): Promise<void> =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (JSON.stringify(queueOf(tab)) !== JSON.stringify(texts)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = tab.sync.subscribe(look);
    look();
  });
