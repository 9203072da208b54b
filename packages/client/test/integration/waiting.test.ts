import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

test('the first message of a page waits for its turn, and its stream is that of its run (HF-HTTP-22)', async () => {
  const agent = gatedAgent();
  const server = await startServer(agent.agent);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const [transport, other] = [1, 2].map(() => {
    const made = createChatTransport<UIMessage>({
      api: server.api,
      WebSocket: sockets().WebSocket,
      environment: { random: () => 0 },
    });
    onTestFinished(() => made.close());
    return made;
  }) as [HoldfastChatTransport<UIMessage>, HoldfastChatTransport<UIMessage>];
  const id = freshId();
  await other.enqueue(id, 'one');
  const run = await agent.run(0);
  const view = observe({ id, transport });
  const sent = view.chat.sendMessage({ text: 'two' }, { body: { whileBusy: 'queue' } });
  const hold = other.hold(id);
  await vi.waitFor(() => expect(other.session(id).queue).toHaveLength(1));
  hold();
  expect(view.chat.status).toBe('submitted');
  run.end();
  const next = await agent.run(1);
  next.emit({ type: 'start' }, ...text('a', 'zwei'), { type: 'finish' });
  next.end();
  await sent;
  expect(view.text).toBe('zwei');
  expect(view.chat.status).toBe('ready');
});
