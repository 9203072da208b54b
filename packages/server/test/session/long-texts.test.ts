import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { createEncryptedLog } from '@holdfast/log/encrypted';
import { createRedisLog } from '@holdfast/log/redis';
import type { SnapshotFrame } from '@holdfast/protocol';
import { type Chunk, HoldfastError, isTextReference } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { gatedAgent } from '../support/gated-agent.ts';
import { changed, uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, join, textOf } from '../support/talk.ts';

const redis = () => createRedisLog({ redis: inject('redisUrl'), prefix: uniquePrefix() });
const keys = [{ id: 'k', key: crypto.getRandomValues(new Uint8Array(32)) }];
const stores: readonly (readonly [string, () => SessionLog])[] = [
  ['in memory', () => createMemoryLog()],
  ['on Redis', redis],
  ['encrypted, on Redis', () => createEncryptedLog(redis(), { keys })],
];

/** 60,000 characters, each time others, some of more than one byte. */
const words = (at: number): string => `${at}ü "`.repeat(20_000).slice(0, 60_000);
const spoken = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, at) => words(from + at)).join('');

/** Counts what is written of a session's texts. */
function counting(log: SessionLog): { readonly log: SessionLog; readonly written: () => number } {
  let written = 0;
  const counted = changed(log, {
    append: (session, append) => {
      written += append.entry.body.length;
      return log.append(session, append);
    },
    checkpoint: (session, command) => {
      for (const { body } of command.changes) written += body.length;
      return log.checkpoint(session, command);
    },
    putPiece: (session, upload, index, data) => {
      written += (data as Uint8Array).byteLength;
      return log.putPiece(session, upload, index, data);
    },
  });
  return { log: counted, written: () => written };
}

/** Smaller than those of applications, so that less text will do. */
const scaled = { textWindowBytes: 1, checkpointBytes: 65_536 };
/** Characters of entries that a checkpoint waits for, and those that come with it. */
const mostUnstored = 8 * 65_536 + 200_000;

async function setUp(make: () => SessionLog, more = {}) {
  const limits = { ...scaled, ...more };
  const inner = make();
  onTestFinished(() => inner.close());
  const { log, written } = counting(inner);
  const agent = gatedAgent();
  const serve = () => startOwnServer({ log, agent: agent.agent, limits });
  const server = await serve();
  await server.send({ id: 's', message: userMessage('u1', 'go') });
  agent.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const say = async (from: number, to: number) => {
    for (let at = from; at < to; at++) {
      agent.emit({ type: 'text-delta', id: 't', delta: words(at) });
      await vi.waitFor(() => expect(agent.pending).toBe(0), { interval: 1 });
    }
  };
  const end = async () => {
    agent.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
    agent.end();
    await over();
  };
  const over = () =>
    vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]), { timeout: 20_000 });
  return { log, written, agent, server, serve, say, end, over };
}

const chunksIn = ({ items }: SnapshotFrame): readonly Chunk[] => {
  const last = items.at(-1);
  return last && 'segments' in last ? last.segments.flatMap(({ chunks }) => chunks) : [];
};

/** The text of a message whose pieces are fetched as a client does. */
async function whole(server: TestServer, chunks: readonly Chunk[]): Promise<string> {
  let text = '';
  for (const { delta } of chunks)
    if (typeof delta === 'string') text += delta;
    else if (isTextReference(delta)) {
      const piece = await fetch(`${server.api}/s/files/${delta.$holdfast}`);
      text += (await piece.json()) as string;
    }
  return text;
}

it.each(stores)(
  'HF-FOLD-6, HF-SUB-9: %s who joins a long answer is sent the end of it, and finds all of it by references',
  async (_, make) => {
    const { log, written, server, serve, say, end } = await setUp(make);
    const other = await serve();
    await say(0, 60);
    const text = spoken(0, 60);
    await vi.waitFor(async () => {
      const { entries = [], items = [] } = (await log.open('s', { limit: 5 })) ?? {};
      expect(entries.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThan(mostUnstored);
      // The one that is being written, and references.
      expect(items.at(-1)?.length).toBeLessThan(400_000);
    });
    for (const each of [server, other]) {
      // The last words may be on their way to the log.
      const snap = await vi.waitFor(async () => {
        const now = await join(each, 's');
        expect(text.endsWith(String(chunksIn(now).at(-1)?.delta))).toBe(true);
        return now;
      });
      // A piece, the one that is being written, and entries that are not stored yet.
      expect(JSON.stringify(snap).length).toBeLessThan(400_000 + mostUnstored);
      const chunks = chunksIn(snap);
      expect(chunks.filter(({ delta }) => isTextReference(delta)).length).toBeGreaterThan(5);
      expect(await whole(each, chunks)).toBe(text);
    }
    await say(60, 70);
    await end();
    const [, reply] = await allPages(other, 's');
    expect(reply && textOf(reply)).toBe(spoken(0, 70));
    expect(await whole(other, chunksIn(await join(other, 's')))).toBe(spoken(0, 70));
    expect(written()).toBeLessThan(3.2 * Buffer.byteLength(spoken(0, 70)));
    expect(server.errors).toEqual([]);
  },
  60_000,
);

it.each(stores)(
  'HF-RUN-1, HF-FOLD-6: %s an agent is given the whole of a long text, also in another process',
  async (_, make) => {
    const { agent, server, serve, say, end, over } = await setUp(make);
    await say(0, 20);
    await end();
    for (const [at, each] of [server, await serve()].entries()) {
      await each.send({ id: 's', message: userMessage(`next ${at}`, 'and?') });
      agent.emit({ type: 'start' });
      agent.end();
      await over();
      const given = agent.calls.at(-1)?.messages[1] as never;
      expect(textOf(given)).toBe(spoken(0, 20));
      expect(given).not.toHaveProperty('parts.0.front');
    }
    const { messages } = await server.holdfast.session('s').messages();
    expect(textOf(messages[1] as never)).toBe(spoken(0, 20));
  },
  60_000,
);

it('HF-FOLD-6: a stream that begins in the middle of a long answer has all of it', async () => {
  const { server, say, end } = await setUp(() => createMemoryLog());
  await say(0, 20);
  const response = await fetch(`${server.api}/s/stream`);
  const read = response.text();
  await say(20, 24);
  await end();
  const chunks = (await read)
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => JSON.parse(line.slice(6)) as Chunk);
  expect(chunks.map(({ delta = '' }) => delta).join('')).toBe(spoken(0, 24));
}, 60_000);

it('HF-FOLD-6: while pieces cannot be read, who joins is sent what stands behind them', async () => {
  const inner = createMemoryLog();
  let isAway = false;
  const { server, serve, say, end } = await setUp(() =>
    changed(inner, {
      readPiece: async (...asked) => {
        if (isAway) throw new HoldfastError('unavailable', 'unable to read the store of files');
        return await inner.readPiece(...asked);
      },
    }),
  );
  await say(0, 20);
  await end();
  await vi.waitFor(async () => expect((await inner.open('s', { limit: 5 }))?.entries).toEqual([]));
  isAway = true;
  const lessOf = chunksIn(await join(await serve(), 's')).flatMap(({ delta }) =>
    typeof delta === 'string' ? delta : [],
  );
  expect(lessOf).toHaveLength(1);
  expect(spoken(0, 20).endsWith(String(lessOf[0]))).toBe(true);
  isAway = false;
  expect(await whole(server, chunksIn(await join(await serve(), 's')))).toBe(spoken(0, 20));
  expect(server.errors).toEqual([]);
}, 60_000);

it('HF-FOLD-6: pieces for which a session has no room stay in their message', async () => {
  const limits = { sessionFileBytes: 300_000 };
  const make = () => createMemoryLog({ limits });
  const { log, server, say, end } = await setUp(make, limits);
  await say(0, 30);
  await end();
  await vi.waitFor(async () => {
    const { checkpoint, top, items } = (await log.open('s', { limit: 5 })) ?? {};
    expect(checkpoint).toBe(top);
    const chunks = JSON.parse(items?.at(-1) ?? '').segments[0].chunks as readonly Chunk[];
    expect(chunks.filter(({ delta }) => isTextReference(delta))).toHaveLength(1);
    expect(String(items).length).toBeGreaterThan(1_500_000);
  });
  expect(await whole(server, chunksIn(await join(server, 's')))).toBe(spoken(0, 30));
  const [, reply] = await allPages(server, 's');
  expect(reply && textOf(reply)).toBe(spoken(0, 30));
  expect(server.errors).toEqual([]);
}, 60_000);
