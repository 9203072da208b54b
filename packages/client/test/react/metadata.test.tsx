// @vitest-environment jsdom
import { type UIMessage, useChat } from '@ai-sdk/react';
import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import { type SessionHelpers, useSession } from '@holdfast/client/react';
import { cleanup, render, screen } from '@testing-library/react';
import { validateUIMessages } from 'ai';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { lineOf } from '../support/room.ts';
import { freshId, startServer, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

afterEach(cleanup);

/** What an application takes for metadata of its messages: this, and nothing else. */
const strict = z.strictObject({ cost: z.number() });
type CostMessage = UIMessage<z.infer<typeof strict>>;

interface Page {
  readonly id: string;
  readonly transport: HoldfastChatTransport<CostMessage>;
  readonly errors: Error[];
  session?: SessionHelpers;
  messages?: CostMessage[];
}

function View({ page }: { readonly page: Page }) {
  const chat = useChat<CostMessage>({
    id: page.id,
    transport: page.transport,
    messageMetadataSchema: strict,
    onError: (error) => page.errors.push(error),
  });
  page.session = useSession(chat, page.transport);
  page.messages = chat.messages;
  return <output>{chat.messages.map(lineOf).join('\n')}</output>;
}

test('HF-ENT-11: a page with a strict schema of metadata shows named agents, children and operators', async () => {
  const server = await startServer(() => (async function* () {})());
  onTestFinished(() => server[Symbol.asyncDispose]());
  const id = freshId();
  const transport = createChatTransport<CostMessage>({
    api: server.api,
    WebSocket: sockets().WebSocket,
    fetch: globalThis.fetch,
    environment: { random: () => 0 },
  });
  onTestFinished(() => {
    cleanup();
    transport.close();
  });
  const page: Page = { id, transport, errors: [] };
  render(<View page={page} />);
  await vi.waitFor(() => expect(page.session?.isSynced).toBe(true));
  const session = server.holdfast.session(id);
  const says = (words: string, start: object = {}) =>
    async function* () {
      yield { type: 'start' as const, ...start };
      yield* text('t', words);
      yield { type: 'finish' as const, messageMetadata: { cost: 2 } };
    };
  let child = '';
  const planner = await session.run({ agent: 'planner' }, async function* ({ runId }) {
    yield { type: 'start' as const, messageMetadata: { cost: 1 } };
    ({ messageId: child } = await session.run(
      { agent: 'searcher', parent: runId },
      says('Found.'),
    ));
    yield* text('t', 'Planned.');
  });
  const message = {
    id: 'note',
    role: 'user',
    parts: [{ type: 'text', text: 'Ann here.' }],
    metadata: { cost: 0 },
  };
  await fetch(server.api, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-operator': 'ann' },
    body: JSON.stringify({ id, command: 'note', trigger: 'submit-message', message }),
  });
  const lines = ['assistant: Planned.', 'assistant: Found.', 'assistant: Ann here.'];
  await vi.waitFor(() => expect(screen.getByRole('status').textContent.split('\n')).toEqual(lines));
  expect(page.errors).toEqual([]);
  expect(page.messages?.map(({ metadata }) => metadata)).toEqual([
    { cost: 1 },
    { cost: 2 },
    { cost: 0 },
  ]);
  const ids = page.messages?.map((message) => message.id) ?? [];
  expect(ids.map((message) => page.session?.authorOf(message))).toEqual([
    { id: 'planner', role: 'agent' },
    { id: 'searcher', role: 'agent', parent: planner.messageId },
    { id: 'ann', role: 'operator' },
  ]);
  expect(ids[1]).toBe(child);
  // As applications check what a history gave them.
  const { messages } = await page.transport.snapshot(id);
  await expect(validateUIMessages({ messages, metadataSchema: strict })).resolves.toHaveLength(3);
});
