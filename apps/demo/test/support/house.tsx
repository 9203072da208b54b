import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Agent, createHoldfast } from '@holdfast/server';
import { toNodeHandler } from '@holdfast/server/node';
import { AppRouterContext } from 'next/dist/shared/lib/app-router-context.shared-runtime';
import type { ContextType, ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { Chat } from '../../components/chat.tsx';
import { TransportProvider } from '../../components/transport-provider.tsx';
import { firstQuestion } from '../../lib/first-question.ts';
import { asks, textOf } from '../../lib/message-text.ts';
import { newSessionId } from '../../lib/session-id.ts';
import type { ChatMessage } from '../../lib/tools.ts';
import { Screen } from './screen.ts';

/** jsdom has no layout. */
class NoSizes {
  observe(): void {}
  disconnect(): void {}
}

export interface House {
  /** Opens a page of the chat, with a transport of its own, as another device of the same person has it. */
  readonly open: (options?: { readonly id?: string }) => Promise<Screen>;
  readonly id: string;
  /** The questions that an agent was given, in the order in which it was. */
  readonly asked: readonly string[];
  /** Lets answers to questions with "slowly" in them end, and those with "stubbornly", which heed no stop. */
  readonly finish: () => void;
  /** Refuses what `refuses` picks among the requests of pages, until it is called again. */
  readonly refuse: (refuses: ((request: Request) => boolean) | null) => void;
  readonly erase: () => Promise<unknown>;
  /** Takes the sockets away, or lets pages have them again; requests go on being answered. */
  readonly setGateway: (isThere: boolean) => void;
}

/** Counts its answers; which of them wait for an end or a stop, `House.finish` says. */
const answering = (asked: string[], finished: Promise<void>): Agent<ChatMessage> =>
  async function* ({ messages, signal }) {
    const question = textOf(messages.findLast(({ role }) => role === 'user') as ChatMessage);
    asked.push(question);
    const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => stop());
    yield { type: 'text-start', id: 'a' };
    yield { type: 'text-delta', id: 'a', delta: `Answer ${asked.length} to: ${question}` };
    if (asks(messages, /slowly/)) await Promise.race([finished, stopped]);
    if (asks(messages, /stubbornly/)) await finished;
    yield { type: 'text-end', id: 'a' };
  };

/** The chat's components on the real client and the real server, in one process. */
export async function openHouse(): Promise<House> {
  const asked: string[] = [];
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const agent = answering(asked, finished);
  const holdfast = createHoldfast({
    authorize: () => ({ id: 'ann', role: 'user', info: { name: 'Ann' } }),
    whileBusy: ({ asked: wish = 'parallel' }) => wish,
    onError: () => {},
  });
  const handle = toNodeHandler(holdfast, { agent: agent as Agent });
  const http = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  holdfast.attach(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;

  let refuses: ((request: Request) => boolean) | null = null;
  const browserFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const request = new Request(new URL(String(input), `http://${host}`), init as RequestInit);
    if (refuses?.(request.clone()))
      return Response.json(
        { error: { code: 'limit', message: 'unable to send: too much at once' } },
        { status: 429 },
      );
    return await browserFetch(request);
  };
  // The events of jsdom's own are none for Node.
  let isThere = true;
  const sockets = new Set<WebSocket>();
  class Tracked extends WebSocket {
    constructor(url: string, protocols: string[]) {
      // Nobody listens on port 1.
      super(isThere ? url : 'ws://127.0.0.1:1', protocols);
      sockets.add(this);
    }
  }
  globalThis.WebSocket = Tracked as unknown as typeof globalThis.WebSocket;
  // Nor has it popovers.
  HTMLElement.prototype.hidePopover ??= () => {};
  globalThis.ResizeObserver ??= NoSizes as unknown as typeof ResizeObserver;
  const id = newSessionId();
  const ends: (() => void)[] = [];
  onTestFinished(async () => {
    for (const end of ends) end();
    document.body.replaceChildren();
    // What a page could not send is sent by the next one.
    localStorage.clear();
    sessionStorage.clear();
    globalThis.fetch = browserFetch;
    finish();
    http.closeAllConnections();
    await holdfast.close({ runsMs: 0 });
    http.close();
  });

  const router = { push: (path: string) => pushed.push(path) };
  const pushed: string[] = [];
  const inRouter = (page: ReactElement) => (
    <AppRouterContext value={router as unknown as ContextType<typeof AppRouterContext>}>
      {page}
    </AppRouterContext>
  );
  return {
    id,
    asked,
    finish,
    refuse: (next) => {
      refuses = next;
    },
    erase: () => holdfast.session(id).delete(),
    setGateway: (next) => {
      isThere = next;
      if (!isThere) for (const socket of sockets) socket.terminate();
    },
    open: async ({ id: chat = id } = {}) => {
      const session = holdfast.session<ChatMessage>(chat);
      const { messages, authors, before } = await session.state();
      const container = document.body.appendChild(document.createElement('div'));
      const root = createRoot(container);
      const history = {
        messages,
        authors: { ...authors },
        title: await firstQuestion(session, before),
      };
      root.render(
        inRouter(
          <TransportProvider url={`ws://${host}/holdfast`} visitor={{ id: 'ann', name: 'Ann' }}>
            <Chat id={chat} history={history} />
          </TransportProvider>,
        ),
      );
      ends.push(() => root.unmount());
      const screen = new Screen(container, () => root.unmount());
      await screen.until(() => screen.attribute('connection', 'connection') === 'online');
      return screen;
    },
  };
}
