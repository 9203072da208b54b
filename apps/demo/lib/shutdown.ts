import type { Server } from 'node:http';
import { holdfast } from './holdfast.ts';

/** On SIGINT and SIGTERM: sends the sockets elsewhere, lets answers end, then closes. Twice ends at once. */
export function closeOnSignal(server: Server, also: () => Promise<unknown> = async () => {}): void {
  let closing = false;
  const close = async () => {
    if (closing) process.exit(1);
    closing = true;
    server.close();
    await holdfast.close({ runsMs: 5_000 });
    server.closeAllConnections();
    await also();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void close());
}
