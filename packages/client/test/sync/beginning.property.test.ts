import { createChatTransport } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import type { UIMessage } from 'ai';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import { lineOf } from '../support/room.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

const schedule = fc.record({
  /** The socket is lost at this frame, counted over all sockets. */
  cutAt: fc.nat({ max: 12 }),
  /** Whether the send goes out before the session is known to be none. */
  isHasty: fc.boolean(),
  /** Whether the request waits until the socket was lost. */
  isLate: fc.boolean(),
});

test('HF-CONN-12 wherever the socket of a chat that begins is lost, its tab shows what comes next', async () => {
  const agent = gatedAgent();
  await using server = await startServer(agent.agent);
  await fc.assert(
    fc.asyncProperty(schedule, async ({ cutAt, isHasty, isLate }) => {
      const id = freshId();
      let frames = 0;
      let cut = (): void => {};
      const lost = new Promise<void>((resolve) => {
        cut = resolve;
      });
      const wire = sockets((socket) => {
        if (frames++ !== cutAt) return;
        socket.terminate();
        cut();
      });
      const transport = createChatTransport<UIMessage>({
        api: server.api,
        WebSocket: wire.WebSocket,
        environment: { random: () => 0 },
        fetch: async (input, init) => {
          // A socket that is silent by then is not lost any more.
          if (isLate) await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, 20))]);
          return await fetch(input, init);
        },
      });
      const view = observe({ id, transport });
      const sync = syncChat(view.chat, transport);
      if (!isHasty)
        await vi.waitFor(() => expect(sync.getSnapshot().isSynced).toBe(true), { interval: 2 });
      const at = agent.started;
      const asked = view.chat.sendMessage({ text: 'hi' });
      const run = await agent.run(at);
      run.emit({ type: 'start' }, ...text('t', 'hello'), { type: 'finish' });
      run.end();
      await asked;
      const other = createChatTransport<UIMessage>({ api: server.api, WebSocket: wire.WebSocket });
      await other.post(id, 'from elsewhere');
      await vi.waitFor(
        () => {
          const lines = view.chat.messages.map(lineOf);
          expect(lines).toEqual(['user: hi', 'assistant: hello', 'user: from elsewhere']);
          expect(sync.getSnapshot().isSynced).toBe(true);
        },
        { timeout: 20_000, interval: 5 },
      );
      sync.stop();
      transport.close();
      other.close();
    }),
    { numRuns: 60, endOnFailure: true },
  );
}, 90_000);
