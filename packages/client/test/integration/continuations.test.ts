import { createChatTransport } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import {
  lastAssistantMessageIsCompleteWithToolCalls,
  type UIMessage,
  type UIMessageChunk,
} from 'ai';
import { expect, onTestFinished, test } from 'vitest';
import { observe } from '../support/chat.ts';
import { freshId, gatedAgent, startServer, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

const call: UIMessageChunk = {
  type: 'tool-input-available',
  toolCallId: 'c1',
  toolName: 'ask',
  input: {},
};

async function answered(isSynced: boolean) {
  const agent = gatedAgent();
  const server = await startServer(agent.agent);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const transport = createChatTransport<UIMessage>({
    api: server.api,
    WebSocket: sockets().WebSocket,
    environment: { random: () => 0 },
  });
  onTestFinished(() => transport.close());
  const view = observe({
    id: freshId(),
    transport,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
  });
  if (isSynced) {
    const sync = syncChat(view.chat, transport);
    onTestFinished(sync.stop);
  }
  const asked = view.chat.sendMessage({ text: 'hi' });
  const run = await agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, call, { type: 'finish-step' });
  run.emit({ type: 'finish' });
  run.end();
  await asked;
  await view.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'yes' });
  return { agent, view, next: await agent.run(1) };
}

test.each([
  ['nothing at all', false, []],
  ['an empty step', false, [{ type: 'start-step' }, { type: 'finish-step' }]],
  ['nothing at all, in a synced chat', true, []],
  ['metadata only', true, [{ type: 'message-metadata', messageMetadata: { a: 1 } }]],
] as const)(
  'HF-CLI-1 a run that adds %s ends the loop of a chat that goes on by itself, with an error in words',
  async (_, isSynced, chunks) => {
    const { agent, view, next } = await answered(isSynced);
    next.emit({ type: 'start' }, ...(chunks as readonly UIMessageChunk[]), { type: 'finish' });
    next.end();
    await view.until(() => view.chat.status === 'error');
    expect(view.errors.at(-1)?.message).toMatch(/sendAutomaticallyWhen/);
    expect(agent.started).toBe(2);

    const asked = view.chat.sendMessage({ text: 'then something else' });
    const other = await agent.run(2);
    other.emit({ type: 'start' }, ...text('t', 'fine'), { type: 'finish' });
    other.end();
    await asked;
    expect(view.text).toBe('fine');
  },
);
