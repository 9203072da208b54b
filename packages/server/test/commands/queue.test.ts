import { once } from 'node:events';
import { createRedisLog } from '@holdfast/log/redis';
import { origin, type QueuedSend, type SnapshotFrame, seqOf } from '@holdfast/protocol';
import { forkSource } from '@holdfast/testkit/fork-source';
import type {} from '@holdfast/testkit/redis-global-setup';
import type { UIMessageChunk } from 'ai';
import { describe, expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Agent, AgentContext, WhileBusy } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { eachStore, uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, join, textOf } from '../support/talk.ts';

/** Waits to be stopped when it is asked to; else it answers. */
function agentUnderTest() {
  const given: AgentContext[] = [];
  const agent: Agent = (context) => {
    given.push(context);
    const text = context.messages.at(-1)?.parts.map((part) => ('text' in part ? part.text : ''));
    const asked = text?.join('') ?? '';
    return (async function* (): AsyncGenerator<UIMessageChunk> {
      if (asked === 'call') {
        yield { type: 'start' };
        yield { type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} };
        return;
      }
      if (asked !== 'wait') return yield* answer(`re: ${asked}`);
      yield { type: 'start' };
      await new Promise<void>((resolve) => {
        if (context.signal.aborted) resolve();
        context.signal.addEventListener('abort', () => resolve());
      });
    })();
  };
  return { agent, given };
}

const queueOf = async (server: TestServer, id: string): Promise<readonly QueuedSend[]> => {
  const { queue } = await (await fetch(`${server.api}/${id}`)).json();
  return queue;
};

const textsOf = async (server: TestServer, id: string): Promise<readonly string[]> =>
  (await queueOf(server, id)).map(({ messages }) => messages.map(textOf).join('+'));

const call = (server: TestServer, path: string, body: object) =>
  postJson(`${server.api}/${path}`, body);

const sendAs = (server: TestServer, id: string, text: string, more: object = {}) =>
  server.post({
    id,
    command: text,
    trigger: 'submit-message',
    message: userMessage(text, text),
    ...more,
  });

describe.each(eachStore())('the queue of a session, in %s', (_, log) => {
  async function serve(whileBusy: WhileBusy = 'queue', limits = {}) {
    const { agent, given } = agentUnderTest();
    const shared = log();
    const start = () => startOwnServer({ agent, log: shared, whileBusy, limits });
    const [one, two] = [await start(), await start()];
    const id = `s-${crypto.randomUUID()}`;
    const first = await one.send({ id, message: userMessage('w', 'wait') });
    const stop = async () => {
      await call(two, `${id}/cancel`, { run: first.run });
      await ended(two, id, first.run);
    };
    const told = async () => (await allPages(two, id)).map(textOf).filter((text) => text !== '');
    return { one, two, id, given, shared, start, stop, told };
  }

  it('HF-HTTP-22: sends of any client wait in order, and start one after another', async () => {
    const { one, two, id, given, stop, told } = await serve();
    const answers = [];
    for (const [at, text] of ['a', 'b', 'c'].entries())
      answers.push(await (await sendAs(at % 2 ? one : two, id, text, { body: { at } })).json());
    expect(answers).toMatchObject(['a', 'b', 'c'].map((command) => ({ state: 'queued', command })));
    expect(await textsOf(one, id)).toEqual(['a', 'b', 'c']);
    expect(await told()).toEqual(['wait']);
    await stop();
    await vi.waitFor(async () =>
      expect(await told()).toEqual(['wait', 'a', 're: a', 'b', 're: b', 'c', 're: c']),
    );
    expect(await queueOf(one, id)).toEqual([]);
    expect(given.map(({ body }) => body)).toEqual([{}, { at: 0 }, { at: 1 }, { at: 2 }]);
    expect(given.at(-1)).toMatchObject({ request: null, participant: { id: 'user-1' } });
  });

  it('HF-HTTP-22: without a run that is live nothing waits', async () => {
    const { one, id, stop, told } = await serve();
    await stop();
    expect(await (await sendAs(one, id, 'a')).json()).toMatchObject({ state: 'running' });
    await vi.waitFor(async () => expect(await told()).toEqual(['wait', 'a', 're: a']));
  });

  it('HF-HTTP-22: a repetition is queued once, and answered with its run once that has begun', async () => {
    const { one, two, id, stop, told } = await serve();
    await Promise.all([sendAs(one, id, 'a'), sendAs(two, id, 'a'), sendAs(one, id, 'a')]);
    expect(await textsOf(two, id)).toEqual(['a']);
    await stop();
    await vi.waitFor(async () => expect(await told()).toEqual(['wait', 'a', 're: a']));
    const again = await (await sendAs(one, id, 'a')).json();
    expect(again).toMatchObject({ command: 'a', run: expect.any(String) });
    expect(await told()).toEqual(['wait', 'a', 're: a']);
  });

  it('HF-HTTP-23: it can be put in another order, and sends can be taken out for good', async () => {
    const { one, two, id, stop, told } = await serve();
    for (const text of ['a', 'b', 'c', 'd']) await sendAs(one, id, text);
    const moved = await call(two, `${id}/queue`, { order: ['c', 'x', 'a'], remove: ['b'] });
    expect(await moved.json()).toMatchObject({ queue: [{ id: 'c' }, { id: 'a' }, { id: 'd' }] });
    expect(await textsOf(one, id)).toEqual(['c', 'a', 'd']);
    expect(await (await sendAs(one, id, 'b')).json()).toMatchObject({
      error: { code: 'conflict' },
    });
    await stop();
    await vi.waitFor(async () =>
      expect(await told()).toEqual(['wait', 'c', 're: c', 'a', 're: a', 'd', 're: d']),
    );
    expect(await (await sendAs(one, id, 'b')).json()).toMatchObject({
      error: { code: 'conflict' },
    });
  });

  it('HF-HTTP-23: of changes at once none is lost', async () => {
    const { one, two, id } = await serve();
    await Promise.all(['a', 'b'].map((text) => sendAs(one, id, text)));
    await Promise.all([
      call(one, `${id}/queue`, { remove: ['a'] }),
      sendAs(two, id, 'c'),
      call(two, `${id}/queue`, { remove: ['b'] }),
    ]);
    expect(await textsOf(two, id)).toEqual(['c']);
  });

  it('HF-FRM-4: a stop by its command takes a send out of the queue', async () => {
    const { one, two, id, stop, told } = await serve();
    await sendAs(one, id, 'a');
    const stopped = await call(two, `${id}/cancel`, { command: 'a' });
    expect(await stopped.json()).toEqual({ state: 'stopping' });
    expect(await queueOf(one, id)).toEqual([]);
    await stop();
    expect(await told()).toEqual(['wait']);
  });

  it('HF-HTTP-22: merged sends become one turn, and of the latest policy one is left', async () => {
    const merging = await serve('merge');
    for (const text of ['a', 'b', 'c']) await sendAs(merging.one, merging.id, text);
    expect(await textsOf(merging.two, merging.id)).toEqual(['a+b+c']);
    await merging.stop();
    await vi.waitFor(async () =>
      expect(await merging.told()).toEqual(['wait', 'a', 'b', 'c', 're: c']),
    );
    const latest = await serve('latest');
    for (const text of ['a', 'b', 'c']) await sendAs(latest.one, latest.id, text);
    expect(await textsOf(latest.two, latest.id)).toEqual(['c']);
    await latest.stop();
    await vi.waitFor(async () => expect(await latest.told()).toEqual(['wait', 'c', 're: c']));
    expect((await sendAs(latest.one, latest.id, 'a')).status).toBe(409);
  });

  it('HF-HTTP-13, HF-HTTP-22: a repetition of a send that was merged is answered with the turn that it has had', async () => {
    const { one, two, id, stop, told } = await serve('merge');
    for (const text of ['a', 'b', 'c']) await sendAs(one, id, text);
    await stop();
    await vi.waitFor(async () => expect((await told()).at(-1)).toBe('re: c'));
    const again = [await sendAs(one, id, 'b'), await sendAs(two, id, 'c')];
    const answers = await Promise.all(again.map((each) => each.json()));
    expect(answers).toMatchObject(again.map(() => ({ state: 'queued', command: 'a' })));
    expect(await told()).toEqual(['wait', 'a', 'b', 'c', 're: c']);
  });

  it('HF-HTTP-22: what waits is told in snapshots and entries, without what its sender kept to itself', async () => {
    const { one, two, id } = await serve();
    const client = await two.greet();
    client.send({ t: 'sub', r: 1, s: id });
    await client.until((frame) => frame.t === 'live');
    await sendAs(one, id, 'a', { body: { secret: 'hunter2' }, metadata: 'hunter2' });
    const entry = await client.until((frame) => frame.t === 'entry' && frame.d.k === 'queue');
    client.terminate();
    const snap: SnapshotFrame = await join(two, id);
    expect(snap.queue).toMatchObject([{ id: 'a', by: { id: 'user-1', role: 'user' } }]);
    expect(await queueOf(two, id)).toEqual(snap.queue);
    expect(JSON.stringify([entry, snap])).not.toContain('hunter2');
  });

  it('HF-LOG-21: a queue outlives the entries that made it', async () => {
    const { one, id, shared, stop, start } = await serve('queue', { tailMs: 1 });
    for (const text of ['call', 'a']) await sendAs(one, id, text);
    const { top } = (await shared.head(id)) ?? { top: origin };
    await stop();
    await vi.waitFor(
      async () =>
        expect(seqOf((await shared.head(id))?.floor ?? origin)).toBeGreaterThan(seqOf(top)),
      { timeout: 20_000 },
    );
    const other = await start();
    expect(await textsOf(other, id)).toEqual(['a']);
    expect((await join(other, id)).queue).toMatchObject([{ id: 'a' }]);
  });

  it('HF-HTTP-22: while somebody has to answer, what was queued waits, and what is sent then goes first', async () => {
    const { one, two, id, stop, told } = await serve();
    for (const text of ['call', 'a']) await sendAs(one, id, text);
    await stop();
    await vi.waitFor(async () => expect(await told()).toEqual(['wait', 'call']));
    expect(await textsOf(two, id)).toEqual(['a']);
    expect(await (await sendAs(one, id, 'now')).json()).toMatchObject({ state: 'running' });
    await vi.waitFor(async () =>
      expect(await told()).toEqual(['wait', 'call', 'now', 're: now', 'a', 're: a']),
    );
  });

  it('HF-HTTP-22: a queue that is full, and ids that are taken, are refused and change nothing', async () => {
    const { one, id } = await serve('queue', { queueMessages: 2 });
    for (const text of ['a', 'b']) await sendAs(one, id, text);
    const refused = await sendAs(one, id, 'c');
    expect(await refused.json()).toMatchObject({ error: { code: 'limit' } });
    await call(one, `${id}/queue`, { remove: ['a'] });
    const taken = await sendAs(one, id, 'other', { message: userMessage('w', 'again') });
    expect(await taken.json()).toMatchObject({ error: { code: 'conflict' } });
    expect(await textsOf(one, id)).toEqual(['b']);
  });

  it('HF-HTTP-14: a message that waits is not sent again with other words, and never swallowed', async () => {
    const { one: server, two: other, id } = await serve();
    await sendAs(server, id, 'two');
    const two = { ...userMessage('two', 'two'), metadata: { at: 2 } };
    for (const command of ['two', 'again'])
      for (const each of [server, other])
        expect((await sendAs(each, id, 'two', { command, message: two })).status).toBe(200);
    for (const command of ['two', 'else']) {
      const message = userMessage('two', 'other words');
      const refused = await sendAs(server, id, 'two', { command, message });
      expect(refused.status).toBe(409);
      expect(await refused.text()).toMatch(/waits .* in other words; take it out/);
    }
    expect(await textsOf(server, id)).toEqual(['two']);
  });

  it('HF-RUN-22: a process that is closing leaves the queue to others', async () => {
    const { one, two, id, given, told } = await serve();
    await sendAs(two, id, 'a');
    const closing = one.holdfast.close({ runsMs: 5_000 });
    const { runs } = (await (await fetch(`${two.api}/${id}`)).json()) as {
      runs: { run: string }[];
    };
    await call(two, `${id}/cancel`, { run: runs[0]?.run });
    await closing;
    expect(await textsOf(two, id)).toEqual(['a']);
    expect(given).toHaveLength(1);
    await sendAs(two, id, 'b');
    await vi.waitFor(async () =>
      expect(await told()).toEqual(['wait', 'a', 're: a', 'b', 're: b']),
    );
  });

  it('HF-HTTP-23: what is no list of ids is refused, and a session that is not there has no queue', async () => {
    const { one, id } = await serve();
    expect((await call(one, `${id}/queue`, { order: 'a' })).status).toBe(400);
    expect((await call(one, `${id}/queue`, { remove: [1] })).status).toBe(400);
    const none = await call(one, 'nobody/queue', { remove: ['a'] });
    expect(await none.json()).toEqual({ queue: [] });
  });
});

it('HF-RUN-22: the queue goes on when the process that ran the agent was killed', async () => {
  const [redis, prefix] = [inject('redisUrl'), uniquePrefix()];
  const agentProcess = new URL('../support/agent-process.ts', import.meta.url);
  const process = forkSource(agentProcess, [redis, prefix, '1000']);
  const [{ api }] = (await once(process, 'message')) as [{ api: string }];
  const id = `s-${crypto.randomUUID()}`;
  const post = (text: string) =>
    postJson(api, {
      id,
      command: text,
      whileBusy: 'queue',
      message: userMessage(text, text),
    });
  expect(await (await post('first')).json()).toMatchObject({ state: 'running' });
  expect(await (await post('second')).json()).toMatchObject({ state: 'queued' });
  process.kill('SIGKILL');
  await once(process, 'exit');
  const log = createRedisLog({ redis, prefix });
  const server = await startServer({ agent: agentUnderTest().agent, log });
  onTestFinished(async () => {
    await server[Symbol.asyncDispose]();
    await log.close();
  });
  await vi.waitFor(
    async () =>
      expect((await allPages(server, id)).map(textOf).slice(-2)).toEqual(['second', 're: second']),
    { timeout: 60_000, interval: 500 },
  );
  expect(await queueOf(server, id)).toEqual([]);
}, 90_000);
