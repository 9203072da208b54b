import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { createHoldfast, type Holdfast } from '../../src/index.ts';

export const lines = (...all: readonly string[]): string => `${all.join('\r\n')}\r\n\r\n`;

/** A server with only this handler, until the test is over. */
export async function serving(
  listener: (incoming: IncomingMessage, outgoing: ServerResponse) => unknown,
): Promise<number> {
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing)).listen(
    0,
    '127.0.0.1',
  );
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

export const open = (): {
  holdfast: Holdfast;
  errors: unknown[];
  seen: string[];
} => {
  const errors: unknown[] = [];
  const seen: string[] = [];
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: ({ request: { url }, action }) => {
      seen.push(`${action} ${new URL(url).pathname}`);
      return { id: 'u' };
    },
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => holdfast.close({ runsMs: 0 }));
  return { holdfast, errors, seen };
};
