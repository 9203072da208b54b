import { createChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freshId, gatedAgent, startServer } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

test.each([
  [52, {}],
  [64, { framesPerSecond: 1 }],
  [100, { subscriptions: 100, framesBurst: 400 }],
])(
  'HF-CONN-10 %i chats are followed and shown over one socket: %o',
  async (count, limits) => {
    const agent = gatedAgent();
    await using server = await startServer(agent.agent, { limits });
    const wire = sockets();
    const transport = createChatTransport<UIMessage>({
      api: server.api,
      WebSocket: wire.WebSocket,
    });
    onTestFinished(() => transport.close());
    const ids = Array.from({ length: count }, freshId);
    for (const id of ids) transport.hold(id);
    await vi.waitFor(() => expect(ids.filter((id) => !transport.session(id).isLive)).toEqual([]), {
      timeout: 20_000,
    });
    // A stop of the last one is not behind all that is said of presence.
    expect(
      await transport.cancel(ids.at(-1) ?? '', { run: 'none' }).catch(({ code }) => code),
    ).toBe('forbidden');
    expect(wire.all).toHaveLength(1);
    expect(transport.connection.getSnapshot()).toBe('online');
  },
  60_000,
);
