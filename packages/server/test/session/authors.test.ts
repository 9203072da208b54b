import type { Writer } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import { type Admitted, type Agent, asOperator, type MessageEvent } from '../../src/index.ts';
import { entriesIn } from '../support/entries-in.ts';
import { gatedAgent, saying } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import type { TestServer } from '../support/server.ts';
import { ended, join } from '../support/talk.ts';

const who: Readonly<Record<string, Admitted>> = {
  ann: asOperator({ id: 'ann', info: { name: 'Ann' } }),
  bob: { id: 'bob', info: { name: 'Bob' } },
};
const ann = { id: 'ann', role: 'operator', info: { name: 'Ann' } };
const bob = { id: 'bob', role: 'user', info: { name: 'Bob' } };

describe.each(eachStore())('who wrote what, in %s', (_, log) => {
  async function serve(more: { readonly log?: ReturnType<typeof log> } = {}) {
    const events: MessageEvent[] = [];
    const known: Record<string, Writer | undefined>[] = [];
    const agent: Agent = (context) => {
      known.push(Object.fromEntries(context.messages.map(({ id }) => [id, context.authorOf(id)])));
      return saying('Well.')(context);
    };
    const shared = more.log ?? log();
    const start = async () => {
      return await startOwnServer({
        agent,
        log: shared,
        authorize: ({ request }) => who[request.headers.get('x-who') ?? 'bob'],
        hooks: {
          onMessage: (event) => {
            events.push(event);
          },
        },
        whileBusy: ({ asked = 'parallel' }) => asked,
        limits: { pageMessages: 4 },
      });
    };
    const [one, two] = [await start(), await start()];
    const id = `s-${crypto.randomUUID()}`;
    const send = async (as: string, message: string, more: object = {}) => {
      const body = {
        id,
        command: crypto.randomUUID(),
        trigger: 'submit-message',
        message: { id: message, role: 'user', parts: [{ type: 'text', text: message }] },
        ...more,
      };
      const response = await postJson(one.api, body, { 'x-who': as });
      const sent = (await response.json()) as { run?: string; messageId?: string };
      if (sent.run) await ended(two, id, sent.run);
      return sent;
    };
    /** By history over HTTP, page by page. */
    const authors = async (server: TestServer) => {
      const all: Record<string, Writer> = {};
      let query = '?limit=3';
      for (;;) {
        const response = await fetch(`${server.api}/${id}${query}`);
        const page = (await response.json()) as { authors: object; before: string | null };
        Object.assign(all, page.authors);
        if (page.before === null) return all;
        query = `?limit=3&before=${encodeURIComponent(page.before)}`;
      }
    };
    const entries = () => entriesIn(shared, id);
    return { one, two, id, send, authors, entries, events, known, shared };
  }

  it('HF-ENT-10: is told in entries, snapshots, history, to hooks and to agents, and is the same', async () => {
    const { one, two, id, send, authors, entries, events, known } = await serve();
    const first = await send('bob', 'm1');
    await send('ann', 'm2');
    const second = await send('bob', 'm3');
    const ran = await one.holdfast.session(id).run({ agent: 'critic' }, saying('Hm.'));
    await send('bob', 'm4', { wake: false });
    const agent = { id: 'agent', role: 'agent' };
    const expected = {
      m1: bob,
      [String(first.messageId)]: agent,
      m2: ann,
      m3: bob,
      [String(second.messageId)]: agent,
      [ran.messageId]: { id: 'critic', role: 'agent' },
      m4: bob,
    };
    const seen: Record<string, unknown> = {};
    for (const entry of await entries()) {
      if (entry.k === 'message') seen[entry.message.id] = entry.by;
      if (entry.k === 'run-start') seen[entry.messageId] = { id: entry.agent, role: 'agent' };
    }
    expect(seen).toEqual(expected);
    for (const server of [one, two]) {
      expect(await authors(server)).toEqual(expected);
      const { items } = await join(server, id);
      expect(items.length).toBeGreaterThan(3);
      for (const item of items) expect(item.by).toEqual(expected[item.id]);
      const { messages, authors: newest } = await server.holdfast.session(id).state();
      for (const message of messages) expect(newest[message.id]).toEqual(expected[message.id]);
    }
    await vi.waitFor(() =>
      expect(new Set(events.map(({ message }) => message.id))).toEqual(
        new Set(Object.keys(expected)),
      ),
    );
    for (const { message, by } of events) expect(by).toEqual(expected[message.id]);
    expect(known.at(-1)).toEqual({
      m1: bob,
      [String(first.messageId)]: agent,
      m2: ann,
      m3: bob,
    });
  });

  it('HF-ENT-10: is kept when messages are stored and entries are dropped, for whoever comes anew', async () => {
    const shared = log();
    const { id, send, authors, one, known } = await serve({ log: shared });
    for (let at = 0; at < 6; at++) await send(at % 2 ? 'ann' : 'bob', `m${at}`);
    const before = await authors(one);
    const opened = await vi.waitFor(async () => {
      const found = await shared.open(id, { limit: 100 });
      expect(found?.count).toBeGreaterThan(5);
      return found;
    });
    // What is stored alone says it: every entry up to the checkpoint goes.
    const { epoch = '', checkpoint = '', count = 0 } = opened ?? {};
    const keep = opened?.count ?? 0;
    await shared.checkpoint(id, {
      epoch,
      from: checkpoint,
      through: checkpoint,
      count,
      changes: [],
      keep,
      trim: checkpoint,
    });
    const fresh = await startOwnServer({ agent: saying('Well.'), log: shared });
    expect(await authors(fresh)).toEqual(before);
    await send('bob', 'last');
    expect(known.at(-1)).toEqual({ ...before, last: bob });
  });

  it('HF-ENT-10: a child names the message of its parent, also when both have ended and are stored', async () => {
    const { one, two, id, send, authors } = await serve();
    const gated = gatedAgent();
    const planning = one.holdfast.session(id).run({ agent: 'planner' }, gated.agent);
    await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
    const planner = gated.calls[0];
    const child = await two.holdfast
      .session(id)
      .run({ agent: 'searcher', parent: planner?.runId ?? '' }, saying('found'));
    gated.emit({ type: 'start' }, { type: 'text-start', id: 't' }, { type: 'text-end', id: 't' });
    gated.end();
    await planning;
    await send('bob', 'thanks');
    expect(await authors(two)).toMatchObject({
      [child.messageId]: { id: 'searcher', role: 'agent', parent: planner?.messageId },
      [planner?.messageId ?? '']: { id: 'planner', role: 'agent' },
    });
  });

  it('HF-ENT-10: what waited in the queue, was steered, or was edited by another is whose it is', async () => {
    const { one, id, send, authors, entries } = await serve();
    const gated = gatedAgent();
    const running = one.holdfast.session(id).run({ agent: 'slow' }, gated.agent);
    await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
    await send('bob', 'queued', { whileBusy: 'queue' });
    const steer = await postJson(
      `${one.api}/${id}/steer`,
      {
        message: { id: 's', role: 'user', parts: [{ type: 'text', text: 'x' }] },
      },
      { 'x-who': 'bob' },
    );
    expect(steer.status).toBe(200);
    gated.end();
    await running;
    await vi.waitFor(async () => expect(await authors(one)).toMatchObject({ queued: bob }));
    const steered = (await entries()).find(({ k }) => k === 'steer');
    expect(steered).toMatchObject({ by: { id: 'bob', role: 'user' } });
  });

  it('HF-ENT-10: a session that begins with messages has the authors that it is given, and no others', async () => {
    const { one, two, id, send, authors, known } = await serve();
    const message = (of: string, role: 'user' | 'assistant') => ({
      id: of,
      role,
      parts: [{ type: 'text' as const, text: of }],
    });
    const messages = [
      message('constructor', 'user'),
      message('b', 'assistant'),
      message('c', 'user'),
    ];
    await one.holdfast.session(id).seed(messages, { b: { id: 'critic', role: 'agent' } });
    expect(await authors(two)).toEqual({ b: { id: 'critic', role: 'agent' } });
    await send('bob', 'd');
    expect(known).toEqual([{ b: { id: 'critic', role: 'agent' }, d: bob }]);
  });
});
