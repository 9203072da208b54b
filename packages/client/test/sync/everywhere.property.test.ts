import { createChatTransport, type HoldfastChatTransport } from '@holdfast/client';
import { type ChatSync, syncChat } from '@holdfast/client/sync';
import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createRedisLog } from '@holdfast/log/redis';
import type {} from '@holdfast/testkit/redis-global-setup';
import type { UIMessage, UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { afterAll, expect, inject, test, vi } from 'vitest';
import { type ObservedChat, observe } from '../support/chat.ts';
import { freshId, startServer } from '../support/server.ts';
import { type Sockets, sockets } from '../support/sockets.ts';

/** Numbers choose among the clients and messages that there are at that moment. */
type Act =
  | { readonly do: 'join' }
  | { readonly do: 'leave' | 'cut' | 'stop' | 'regenerate'; readonly who: number }
  | { readonly do: 'send'; readonly who: number; readonly words: number }
  | { readonly do: 'edit'; readonly who: number; readonly at: number }
  | { readonly do: 'wait'; readonly turns: number };

const who = fc.nat(2);
const acts = fc.array(
  fc.oneof(
    { weight: 2, arbitrary: fc.constant({ do: 'join' as const }) },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constantFrom(
          'leave' as const,
          'cut' as const,
          'stop' as const,
          'regenerate' as const,
        ),
        who,
      }),
    },
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('send' as const), who, words: fc.nat(12) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('edit' as const), who, at: fc.nat(5) }) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.nat(30) }) },
  ),
  { minLength: 4, maxLength: 25, size: 'max' },
);

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Writes as many words as it is asked for, one a turn of the event loop, and some reasoning. */
async function* agent({
  messages,
  signal,
}: {
  readonly messages: readonly UIMessage[];
  readonly signal: AbortSignal;
}): AsyncGenerator<UIMessageChunk> {
  const asked = messages.findLast(({ role }) => role === 'user')?.parts[0];
  const count = asked?.type === 'text' ? Number(asked.text) || 0 : 0;
  yield { type: 'start' };
  yield { type: 'reasoning-start', id: 'r' };
  yield { type: 'reasoning-delta', id: 'r', delta: `of ${messages.length}` };
  yield { type: 'reasoning-end', id: 'r' };
  yield { type: 'text-start', id: 't' };
  for (let at = 0; at < count; at++) {
    await turn();
    if (signal.aborted) return;
    yield { type: 'text-delta', id: 't', delta: `${at} ` };
  }
  yield { type: 'text-end', id: 't' };
  yield { type: 'data-count', id: 'd', data: { count } };
  yield { type: 'finish' };
}

interface Client {
  readonly transport: HoldfastChatTransport<UIMessage>;
  readonly seen: ObservedChat;
  readonly sync: ChatSync;
  readonly wire: Sockets;
}

const plain = (messages: readonly unknown[]): unknown => JSON.parse(JSON.stringify(messages));

async function everyClientEndsWithTheSame(log: SessionLog, list: readonly Act[]): Promise<void> {
  await using server = await startServer((context) => agent(context), {
    log,
    // Everything is stored at once and dropped as soon as may be, and pages are small.
    limits: { pageMessages: 4, checkpointBytes: 300, tailMs: 0, replayBytes: 600, lingerMs: 0 },
  });
  const id = freshId();
  const clients: Client[] = [];
  const join = (): void => {
    const wire = sockets();
    const transport = createChatTransport<UIMessage>({
      api: server.api,
      WebSocket: wire.WebSocket,
      environment: { random: () => 0 },
    });
    const seen = observe({ id, transport });
    clients.push({ transport, seen, sync: syncChat(seen.chat, transport), wire });
  };
  const leave = (client: Client): void => {
    clients.splice(clients.indexOf(client), 1);
    client.sync.stop();
    client.transport.close();
  };
  join();
  const under: Promise<unknown>[] = [];
  // What was refused is said by the chats; a message may be gone by the time of its edit.
  const begin = (work: Promise<unknown>) => under.push(work.catch(() => {}));
  for (const act of list) {
    if (act.do === 'join') {
      if (clients.length < 3) join();
      continue;
    }
    if (act.do === 'wait') {
      for (let left = act.turns; left > 0; left--) await turn();
      continue;
    }
    const client = clients[act.who % clients.length];
    if (!client) continue;
    const { chat } = client.seen;
    const users = chat.messages.filter(({ role }) => role === 'user');
    if (act.do === 'send') begin(chat.sendMessage({ text: String(act.words) }));
    if (act.do === 'edit') {
      const messageId = users[act.at % users.length]?.id;
      if (messageId) begin(chat.sendMessage({ text: '3', messageId }));
    }
    if (act.do === 'regenerate' && chat.messages.length > 0) begin(chat.regenerate());
    if (act.do === 'stop') begin(client.transport.cancel(id));
    if (act.do === 'cut') client.wire.cut();
    if (act.do === 'leave' && clients.length > 1) leave(client);
  }
  await Promise.all(under);
  join();
  const holdfast = server.holdfast.session<UIMessage>(id);
  await vi.waitFor(
    async () => {
      const state = await holdfast.state({ limit: 200 });
      expect(state.runs.filter((run) => run.state === 'running')).toEqual([]);
      for (const { sync, seen } of clients) {
        while (sync.getSnapshot().hasOlder) await sync.loadOlder();
        expect(plain(seen.chat.messages)).toEqual(plain(state.messages));
        expect(['ready', 'error']).toContain(seen.chat.status);
      }
    },
    { timeout: 20_000, interval: 20 },
  );
  for (const { seen } of clients)
    for (const error of seen.errors) expect(error).toMatchObject({ code: 'conflict' });
  expect(server.errors).toEqual([]);
  for (const client of [...clients]) leave(client);
}

const redis = createRedisLog({ redis: inject('redisUrl'), prefix: `t${freshId()}` });
afterAll(() => redis.close());

test.each([
  ['memory', createMemoryLog(), 25],
  ['Redis', redis, 12],
] as const)(
  'HF-RUN-1, HF-SUB-5: whoever joins, leaves, sends, edits, stops and loses the network, all end with what the server has, in %s',
  async (_, log, runs) => {
    await fc.assert(
      fc.asyncProperty(acts, (list) => everyClientEndsWithTheSame(log, list)),
      { numRuns: runs, endOnFailure: true },
    );
  },
  180_000,
);
