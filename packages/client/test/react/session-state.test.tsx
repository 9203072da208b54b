// @vitest-environment jsdom
import { type UIMessage, useChat } from '@ai-sdk/react';
import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import { type SessionHelpers, useSession } from '@holdfast/client/react';
import { act, cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { lineOf, openRoom, type Room, turn } from '../support/room.ts';
import { sockets } from '../support/sockets.ts';

interface Props {
  readonly id: string;
  readonly transport: HoldfastChatTransport<UIMessage>;
  /** Told of what the hook gives. */
  readonly tell: (session: SessionHelpers) => void;
}

function Shown({ id, transport, tell }: Props) {
  const chat = useChat<UIMessage>({ id, transport, throttle: 20 });
  tell(useSession(chat, transport));
  return <output>{chat.messages.map(lineOf).join('\n')}</output>;
}

function IdAlone({ id, transport, tell }: Props) {
  tell(useSession({ id }, transport));
  const chat = useChat<UIMessage>({ id, transport });
  return <output>{chat.messages.map(lineOf).join('\n')}</output>;
}

afterEach(cleanup);

function open(room: Room, View: typeof Shown) {
  const transport = createChatTransport<UIMessage>({
    api: room.api,
    WebSocket: sockets().WebSocket,
    fetch: globalThis.fetch,
  });
  onTestFinished(() => {
    cleanup();
    transport.close();
  });
  const told: { session?: SessionHelpers } = {};
  const tell = (session: SessionHelpers): void => {
    told.session = session;
  };
  render(<View id={room.id} transport={transport} tell={tell} />);
  const session = (): SessionHelpers => {
    if (!told.session) throw new Error('the hook did not run');
    return told.session;
  };
  return { session, transport };
}

const shown = (...lines: readonly string[]) =>
  vi.waitFor(() => expect(screen.getByRole('status').textContent).toBe(lines.join('\n')));

test('older messages, participants and typing reach a component, throttled or not', async () => {
  const room = await openRoom({ limits: { pageMessages: 2 } });
  const other = room.join();
  await turn(room, other, 'ask 1', 'reply 1');
  await turn(room, other, 'ask 2', 'reply 2');
  const { session } = open(room, Shown);
  await shown('user: ask 2', 'assistant: reply 2');
  expect(session()).toMatchObject({ hasOlder: true, isLoadingOlder: false, isSynced: true });
  expect(await act(() => session().loadOlder())).toBe(false);
  await shown('user: ask 1', 'assistant: reply 1', 'user: ask 2', 'assistant: reply 2');
  expect(session().hasOlder).toBe(false);
  await vi.waitFor(() => expect(session().participants).toHaveLength(1));
  other.sync.setTyping(true);
  await vi.waitFor(() => expect(session().participants[0]?.state).toBe('typing'), {
    timeout: 20_000,
  });
  act(() => other.sync.stop());
  await vi.waitFor(() => expect(session().participants[0]?.state).toBe('here'), {
    timeout: 20_000,
  });
});

test('the helpers keep their identity from render to render', async () => {
  const room = await openRoom();
  const { session } = open(room, Shown);
  await vi.waitFor(() => expect(session().isSynced).toBe(true));
  const { loadOlder, setTyping, stop } = session();
  await turn(room, room.join(), 'hi', 'one');
  await shown('user: hi', 'assistant: one');
  expect(session()).toMatchObject({ loadOlder, setTyping, stop });
});

test('with the id alone the messages are left alone, and runs are told all the same', async () => {
  const room = await openRoom();
  const { session } = open(room, IdAlone);
  await vi.waitFor(() => expect(session().connection).toBe('online'));
  await turn(room, room.join(), 'hi', 'one');
  await vi.waitFor(() => expect(session().runs.map(({ state }) => state)).toEqual(['finished']));
  expect(screen.getByRole('status').textContent).toBe('');
  expect(session()).toMatchObject({ hasOlder: false, isSynced: false, participants: [] });
  expect(await session().loadOlder()).toBe(false);
});
