import type { Server } from 'node:http';
import { holdfast } from './holdfast.ts';

/** How long each part of a shutdown may take, in ms: whatever it waits for may never come. */
const partMs = 10_000;
/** How long the log may take to say that it is there, in ms. */
const logMs = 2_000;

/** On SIGINT and SIGTERM: closes, and ends whatever becomes of that. Twice ends at once. */
export function onSignal(close: () => Promise<unknown>): void {
  let isClosing = false;
  const end = () => {
    if (isClosing) process.exit(1);
    isClosing = true;
    close()
      .catch(console.error)
      .finally(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, end);
}

/** Sends the sockets elsewhere, lets answers end, then closes. */
export const closeOnSignal = (server: Server, also: () => Promise<unknown> = async () => {}) =>
  onSignal(async () => {
    server.close();
    await within(partMs, holdfast.close({ runsMs: 5_000 }));
    server.closeAllConnections();
    await within(partMs, also());
  });

/** Lets a worker end its runs, where the log can still take what they write. */
export const closeWorkerOnSignal = (worker: { readonly close: () => Promise<void> }) =>
  onSignal(async () => {
    const canEnd = await within(
      logMs,
      holdfast.ready().then(
        () => true,
        () => false,
      ),
    );
    // BullMQ waits for its Redis for ever.
    if (canEnd) await within(3 * partMs, worker.close());
    await within(partMs, holdfast.close({ runsMs: 0 }));
  });

/** What it resolves with; undefined when it takes longer. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
