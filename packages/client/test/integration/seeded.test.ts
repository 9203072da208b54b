import { createChatTransport } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import {
  DefaultChatTransport,
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
} from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import { plain } from '../support/room.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

const kept: UIMessage[] = [
  { id: 'u1', role: 'user', parts: [{ type: 'text', text: 'Where am I?' }] },
  {
    id: 'a1',
    role: 'assistant',
    parts: [
      { type: 'step-start' },
      { type: 'text', text: 'One moment. ', state: 'done' },
      { type: 'tool-ask', toolCallId: 'c1', state: 'input-available', input: { q: 1 } },
    ],
  },
];

test.each(['transport', 'sync', 'stock'])(
  'HF-ENT-8: a call of a seeded message is answered, and the chat shows what the log has: %s',
  async (kind) => {
    const agent = gatedAgent();
    const server = await startServer(agent.agent);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const id = freshId();
    const session = server.holdfast.session<UIMessage>(id);
    await session.seed(kept);
    const own = createChatTransport<UIMessage>({
      api: server.api,
      WebSocket: sockets().WebSocket,
      environment: { random: () => 0 },
    });
    onTestFinished(() => own.close());
    const { chat, errors } = observe({
      id,
      messages: structuredClone(kept),
      transport: kind === 'stock' ? new DefaultChatTransport({ api: server.api }) : own,
      sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    });
    if (kind === 'sync') onTestFinished(syncChat(chat, own).stop);
    await chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'Oslo' });
    const run = await agent.run(0);
    expect(run.context.messages.at(-1)?.parts.at(-1)).toMatchObject({ output: 'Oslo' });
    run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'You are in Oslo.'));
    run.emit({ type: 'finish-step' }, { type: 'finish' });
    run.end();
    await vi.waitFor(async () => {
      const { messages, runs } = await session.state();
      expect(runs.at(-1)?.state).toBe('finished');
      expect(chat.status).toBe('ready');
      expect(plain(chat.messages)).toEqual(plain(messages));
    });
    expect(chat.lastMessage?.parts.map(({ type }) => type)).toEqual([
      'step-start',
      'text',
      'tool-ask',
      'step-start',
      'text',
    ]);
    expect(errors).toEqual([]);
  },
);
