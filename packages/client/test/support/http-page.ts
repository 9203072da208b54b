import { type ChatTransportOptions, createChatTransport, type Environment } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, vi } from 'vitest';
import { observe } from './chat.ts';
import type { Host } from './hosts.ts';
import { freshId } from './server.ts';
import { type Sockets, sockets } from './sockets.ts';

export interface Page {
  readonly transport: ReturnType<typeof createChatTransport<UIMessage>>;
  readonly view: ReturnType<typeof observe>;
  readonly wire: Sockets;
  /** The requests for events. */
  readonly asked: readonly string[];
}

export function open({ api }: Pick<Host, 'api'>, options: ChatTransportOptions = {}): Page {
  const id = freshId();
  const wire = sockets();
  const asked: string[] = [];
  const transport = createChatTransport<UIMessage>({
    api,
    WebSocket: wire.WebSocket,
    fetch: (input, init) => {
      if (/\/events\?/.test(String(input))) asked.push(String(input));
      return fetch(input, init);
    },
    onError: () => {},
    ...options,
    environment: { random: () => 0, ...options.environment },
  });
  const view = observe({ id, transport });
  const sync = syncChat(view.chat, transport);
  onTestFinished(() => {
    sync.stop();
    transport.close();
  });
  return { transport, view, wire, asked };
}

export const online = ({ transport }: Page, carrier: 'socket' | 'http'): Promise<void> =>
  vi.waitFor(() => expect(transport.connection.carrier).toBe(carrier), 10_000);

/** The time after which a socket is tried on the side passes at once. */
export const impatient: Partial<Environment> = {
  random: () => 0,
  after: (ms, run) => {
    const timer = setTimeout(
      run,
      ms >= 30_000 && Number.isInteger(Math.log2(ms / 30_000)) ? 20 : ms,
    );
    return () => clearTimeout(timer);
  },
};
