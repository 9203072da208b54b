import {
  type ChatTransportOptions,
  createChatTransport,
  type HoldfastChatTransport,
} from '@holdfast/client';
import { type ChatSync, type ChatSyncOptions, syncChat } from '@holdfast/client/sync';
import type { ChatInit, UIMessage } from 'ai';
import { expect, onTestFinished, vi } from 'vitest';
import type { TestServerOptions } from '../../../server/test/support/server.ts';
import { type ObservedChat, observe, textOf } from './chat.ts';
import { freshId, type GatedAgent, gatedAgent, startServer, text } from './server.ts';
import { type Sockets, sockets } from './sockets.ts';

/** One tab: a real chat that is kept in step, over a socket of its own. */
export interface Tab extends ObservedChat {
  readonly transport: HoldfastChatTransport<UIMessage>;
  readonly sync: ChatSync;
  readonly wire: Sockets;
  /** What it shows, as `role: text`. */
  readonly lines: readonly string[];
  /** Loses the network until the returned function is called. */
  goOffline(): () => void;
}

export interface Room {
  readonly id: string;
  readonly api: string;
  readonly agent: GatedAgent;
  join(init?: ChatInit<UIMessage>, options?: ChatTransportOptions, syncing?: ChatSyncOptions): Tab;
}

export const lineOf = (message: UIMessage): string => `${message.role}: ${textOf(message)}`;

export const plain = (messages: readonly UIMessage[]): unknown =>
  JSON.parse(JSON.stringify(messages)) as unknown;

/** What carries the tabs of all rooms of a file whose tests say nothing else. */
export const common: { carrier?: 'http' } = {};

/** One session of the real server. */
export async function openRoom(
  options: Pick<TestServerOptions, 'authorize' | 'files' | 'limits'> = {},
): Promise<Room> {
  const agent = gatedAgent();
  const server = await startServer(agent.agent, options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  const id = freshId();
  return {
    id,
    api: server.api,
    agent,
    join: (init = {}, options = {}, syncing = {}) => {
      const wire = sockets();
      let isOnline = true;
      const waking = new Set<() => void>();
      const streams = new Set<AbortController>();
      /** What carries frames is no request that a test lets through or refuses. */
      const fetching: typeof fetch = async (input, init) => {
        if (!/\/(events|presence)\b/.test(String(input)))
          return await (options.fetch ?? fetch)(input, init);
        if (!isOnline) throw new TypeError('fetch failed');
        const cut = new AbortController();
        streams.add(cut);
        const signals = [cut.signal, ...(init?.signal ? [init.signal] : [])];
        return await fetch(input, { ...init, signal: AbortSignal.any(signals) });
      };
      const transport = createChatTransport<UIMessage>({
        api: server.api,
        WebSocket: wire.WebSocket,
        ...common,
        ...options,
        fetch: fetching,
        environment: {
          random: () => 0,
          page: {
            isOnline: () => isOnline,
            isVisible: () => true,
            listen: ({ wake }) => {
              waking.add(wake);
              return () => waking.delete(wake);
            },
          },
          ...options.environment,
        },
      });
      const view = observe({ id, transport, ...init });
      const sync = syncChat(view.chat, transport, syncing);
      onTestFinished(() => {
        sync.stop();
        transport.close();
      });
      return {
        ...view,
        get text() {
          return view.text;
        },
        transport,
        sync,
        wire,
        get lines() {
          return view.chat.messages.map(lineOf);
        },
        goOffline: () => {
          isOnline = false;
          wire.cut();
          for (const stream of streams) stream.abort();
          return () => {
            isOnline = true;
            for (const wake of [...waking]) wake();
          };
        },
      };
    },
  };
}

/** The nth run says it all and ends. */
export async function answer(room: Pick<Room, 'agent'>, at: number, words: string): Promise<void> {
  const run = await room.agent.run(at);
  run.emit({ type: 'start' }, ...text('t', words), { type: 'finish' });
  run.end();
}

/** A whole turn, as far as the tab is concerned. */
export async function turn(room: Room, tab: Tab, ask: string, reply: string): Promise<void> {
  const at = room.agent.started;
  await Promise.all([tab.chat.sendMessage({ text: ask }), answer(room, at, reply)]);
}

/** Waits until all tabs show these lines, and then that they show the same in every detail. */
export async function all(tabs: readonly Tab[], lines: readonly string[]): Promise<void> {
  await vi.waitFor(
    () => {
      for (const tab of tabs) expect(tab.lines).toEqual(lines);
      for (const tab of tabs) expect(tab.chat.status).not.toMatch(/submitted|streaming/);
      for (const tab of tabs)
        expect(plain(tab.chat.messages)).toEqual(plain(tabs[0]?.chat.messages ?? []));
    },
    { timeout: 20_000 },
  );
}
