// @vitest-environment jsdom
import { Chat, type UIMessage, useChat } from '@ai-sdk/react';
import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import { type SessionHelpers, useSession } from '@holdfast/client/react';
import { act, cleanup, render, screen } from '@testing-library/react';
import { StrictMode } from 'react';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { answer, lineOf, openRoom, plain, type Room, turn } from '../support/room.ts';
import { text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

type Transport = HoldfastChatTransport<UIMessage>;
type Helpers = ReturnType<typeof useChat<UIMessage>>;

interface Page {
  chat?: Helpers;
  session?: SessionHelpers;
  readonly finishes: { readonly isAbort: boolean }[];
}

afterEach(cleanup);

function transportOf(room: Room): Transport {
  const transport = createChatTransport<UIMessage>({
    api: room.api,
    WebSocket: sockets().WebSocket,
    fetch: globalThis.fetch,
    environment: { random: () => 0 },
  });
  onTestFinished(() => {
    cleanup();
    transport.close();
  });
  return transport;
}

interface Props {
  readonly id: string;
  readonly transport: Transport;
  readonly messages?: UIMessage[];
  readonly resume?: boolean;
  /** Where the test reads what the hooks gave last. */
  readonly page?: Page;
}

const newPage = (): Page => ({ finishes: [] });

function View({ id, transport, messages, resume = false, page = newPage() }: Props) {
  const chat = useChat<UIMessage>({
    id,
    transport,
    resume,
    ...(messages && { messages }),
    onFinish: ({ isAbort }) => page.finishes.push({ isAbort }),
  });
  const session = useSession(chat, transport);
  Object.assign(page, { chat, session });
  return <output>{chat.messages.map(lineOf).join('\n')}</output>;
}

interface KeptProps {
  readonly chat: Chat<UIMessage>;
  readonly transport: Transport;
}

function Kept({ chat, transport }: KeptProps) {
  const helpers = useChat<UIMessage>({ chat });
  useSession(chat, transport);
  return <output>{helpers.messages.map(lineOf).join('\n')}</output>;
}

function Half({ chat, transport }: KeptProps) {
  const helpers = useChat<UIMessage>({ chat });
  useSession(helpers, transport);
  return <p>{helpers.messages.map(lineOf).join('\n')}</p>;
}

const shown = (...lines: readonly string[]) =>
  vi.waitFor(() => expect(screen.getByRole('status').textContent).toBe(lines.join('\n')));

const idle = (page: Page) => vi.waitFor(() => expect(page.chat?.status).toBe('ready'));

test('a component follows another tab live, and its hooks tell the truth', async () => {
  const room = await openRoom();
  const other = room.join();
  const page = newPage();
  render(<View id={room.id} transport={transportOf(room)} page={page} />);
  const sent = other.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one ' });
  await shown('user: hi', 'assistant: one ');
  expect(page.chat?.status).toBe('streaming');
  expect(page.session?.isSynced).toBe(true);
  expect(page.session?.runs.map(({ state }) => state)).toEqual(['running']);
  run.emit({ type: 'text-delta', id: 't', delta: 'two' }, { type: 'text-end', id: 't' });
  run.end();
  await sent;
  await shown('user: hi', 'assistant: one two');
  await idle(page);
  expect(page.finishes).toEqual([{ isAbort: false }]);
  expect(plain(page.chat?.messages ?? [])).toEqual(plain(other.chat.messages));
});

test('HF-CLI-3: what waits when its component goes is shown when that is back', async () => {
  const room = await openRoom();
  const other = room.join();
  await turn(room, other, 'hi', 'yes');
  let isAway = true;
  const transport = createChatTransport<UIMessage>({
    api: room.api,
    WebSocket: sockets().WebSocket,
    fetch: (input, init) =>
      isAway && init?.method === 'POST'
        ? Promise.resolve(new Response('Bad gateway', { status: 502 }))
        : fetch(input, init),
    environment: { random: () => 0.5 },
  });
  onTestFinished(() => {
    cleanup();
    transport.close();
  });
  const page = newPage();
  const first = render(<View id={room.id} transport={transport} page={page} />);
  await vi.waitFor(() => expect(page.session?.isSynced).toBe(true));
  act(() => void page.chat?.sendMessage({ text: 'one' }));
  const commands = () => page.session?.pending.map(({ state }) => state);
  await vi.waitFor(() => expect(commands()).toEqual(['sending']));
  const posted = transport.post(room.id, 'two');
  await vi.waitFor(() => expect(commands()).toEqual(['sending', 'waiting']));
  first.unmount();
  render(<View id={room.id} transport={transport} page={page} />);
  await shown('user: hi', 'assistant: yes', 'user: one', 'user: two');
  expect(commands()).toEqual(['sending', 'waiting']);
  isAway = false;
  await answer(room, 1, 'hello');
  await vi.waitFor(() => expect(page.session?.pending).toEqual([]), { timeout: 20_000 });
  await posted;
  await vi.waitFor(() => expect(other.lines).toHaveLength(5));
  await vi.waitFor(() =>
    expect(plain(page.chat?.messages ?? [])).toEqual(plain(other.chat.messages)),
  );
});

test('what was rendered is not rendered again when nothing changes', async () => {
  const room = await openRoom();
  const other = room.join();
  await turn(room, other, 'hi', 'one');
  const transport = transportOf(room);
  const { messages } = await transport.snapshot(room.id);
  const page = newPage();
  render(<View id={room.id} transport={transport} messages={messages} page={page} />);
  await vi.waitFor(() => expect(page.session?.isSynced).toBe(true));
  expect(page.chat?.messages[1]).toBe(messages[1]);
});

test('edge case 10: a change of the id shows the other session, and each keeps its own messages', async () => {
  const [one, two] = [await openRoom(), await openRoom()];
  await turn(one, one.join(), 'hi', 'one');
  await turn(two, two.join(), 'ho', 'two');
  const first = transportOf(one);
  const second = transportOf(two);
  const { rerender } = render(<View id={one.id} transport={first} />);
  await shown('user: hi', 'assistant: one');
  rerender(<View id={two.id} transport={second} />);
  await shown('user: ho', 'assistant: two');
  rerender(<View id={one.id} transport={first} />);
  await shown('user: hi', 'assistant: one');
});

test.each([false, true])('StrictMode shows everything once, with resume %s', async (resume) => {
  const room = await openRoom();
  const other = room.join();
  const sent = other.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one ' });
  await other.until(() => other.text === 'one ');
  const page = newPage();
  render(
    <StrictMode>
      <View id={room.id} transport={transportOf(room)} resume={resume} page={page} />
    </StrictMode>,
  );
  await shown('user: hi', 'assistant: one ');
  await vi.waitFor(() => expect(page.chat?.status).toBe('streaming'));
  run.emit({ type: 'text-delta', id: 't', delta: 'two' }, { type: 'text-end', id: 't' });
  run.end();
  await sent;
  await shown('user: hi', 'assistant: one two');
  await idle(page);
  expect(page.chat?.messages).toHaveLength(2);
});

test('an unmount leaves the run alone, and a component that comes back follows it', async () => {
  const room = await openRoom();
  const transport = transportOf(room);
  const first = newPage();
  const { unmount } = render(<View id={room.id} transport={transport} page={first} />);
  act(() => void first.chat?.sendMessage({ text: 'hi' }));
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'one'));
  await shown('user: hi', 'assistant: one');
  unmount();
  run.emit(...text('u', ' two'));
  const second = newPage();
  render(<View id={room.id} transport={transport} page={second} />);
  await vi.waitFor(() => expect(second.chat?.status).toBe('streaming'), { timeout: 20_000 });
  await shown('user: hi', 'assistant: one two');
  run.end();
  await idle(second);
  expect(second.session?.runs.map(({ state }) => state)).toEqual(['finished']);
});

test('a reply that was hydrated with a call that is being typed is not there twice', async () => {
  const room = await openRoom();
  const other = room.join();
  const sent = other.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'one'));
  run.emit({ type: 'tool-input-start', toolCallId: 'c', toolName: 'ask' });
  run.emit({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '{"q":' });
  await other.until(() => other.chat.lastMessage?.parts.length === 3);
  const page = newPage();
  const messages = structuredClone(other.chat.messages);
  render(<View id={room.id} transport={transportOf(room)} messages={messages} page={page} />);
  await vi.waitFor(() => expect(page.chat?.status).toBe('streaming'));
  run.emit({ type: 'tool-input-delta', toolCallId: 'c', inputTextDelta: '1}' });
  run.emit({ type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: { q: 1 } });
  run.emit({ type: 'tool-output-available', toolCallId: 'c', output: 2 });
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await sent;
  await idle(page);
  await vi.waitFor(() =>
    expect(plain(page.chat?.messages ?? [])).toEqual(plain(other.chat.messages)),
  );
  expect(page.chat?.messages.at(-1)?.parts).toHaveLength(3);
});

test('a chat that is kept outside of components is followed too', async () => {
  const room = await openRoom();
  const other = room.join();
  const transport = transportOf(room);
  const chat = new Chat<UIMessage>({ id: room.id, transport });
  render(<Kept chat={chat} transport={transport} />);
  await turn(room, other, 'hi', 'one');
  await shown('user: hi', 'assistant: one');
});

test('two components of one chat show it once, and ask for its stream once', async () => {
  const room = await openRoom();
  const other = room.join();
  const transport = transportOf(room);
  const chat = new Chat<UIMessage>({ id: room.id, transport });
  const resume = vi.spyOn(transport, 'reconnectToStream');
  render(
    <>
      <Half chat={chat} transport={transport} />
      <Half chat={chat} transport={transport} />
    </>,
  );
  const sent = other.chat.sendMessage({ text: 'hi' });
  await answer(room, 0, 'one');
  await sent;
  await vi.waitFor(() => {
    const halves = screen.getAllByRole('paragraph').map(({ textContent }) => textContent);
    expect(halves).toEqual(Array(2).fill('user: hi\nassistant: one'));
  });
  await vi.waitFor(() => expect(chat.status).toBe('ready'));
  expect(resume.mock.calls.length).toBeLessThanOrEqual(1);
});
