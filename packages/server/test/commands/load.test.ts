import '@holdfast/testkit/redis-global-setup';
import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { forty, idsOf, reply, sending, serveLoading, user } from '../support/loading.ts';
import { changed, deaf, stores } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, join, say, textOf } from '../support/talk.ts';

const call = { type: 'tool-ask', toolCallId: 'c1', state: 'input-available', input: {} };
const approval = {
  type: 'tool-buy',
  toolCallId: 'c2',
  state: 'approval-requested',
  input: {},
  approval: { id: 'p2' },
};
const asking = [user('u1'), reply('a1', { type: 'step-start' }, call, approval)];
const gives = { type: 'tool-output-available', toolCallId: 'c1', output: 'Oslo' };
const allows = { type: 'tool-approval-response', approvalId: 'p2', approved: true };

/** Logs of two processes on the same sessions. */
function logsOf(store: string): readonly [SessionLog, SessionLog] {
  const open = stores[store] ?? (() => createMemoryLog);
  const make = open();
  const both = [make(), make()] as const;
  onTestFinished(async () => {
    for (const log of both) await log.close();
  });
  return both;
}

/** The states of the parts of the second message. */
const statesOf = async (server: TestServer) =>
  (await allPages(server, 's'))[1]?.parts.map((part) => (part as { state?: string }).state);

describe.each(Object.keys(stores))('in %s', (store) => {
  it('HF-LOAD-1: the first send begins with what the application has, and the model is given it', async () => {
    const [log, other] = logsOf(store);
    const { server, prompts, asked } = await serveLoading(() => forty, { log });
    await say(server, 's', 'and now?');
    expect(idsOf(prompts[0] ?? []).slice(0, 40)).toEqual(idsOf(forty));
    expect(prompts[0]).toHaveLength(41);
    expect(idsOf(await allPages(server, 's')).slice(0, 40)).toEqual(idsOf(forty));
    await say(server, 's', 'and then?');
    expect(prompts[1]).toHaveLength(43);
    const second = await serveLoading(() => [], { log: other });
    await say(second.server, 's', 'and there?');
    expect(second.prompts[0]).toHaveLength(45);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(second.asked).not.toHaveBeenCalled();
  });

  it('HF-LOAD-1, HF-RUN-7: what is open in it is settled by a message that goes past it', async () => {
    const [log] = logsOf(store);
    const { server } = await serveLoading(() => asking, { log });
    await say(server, 's', 'Never mind.');
    expect(await statesOf(server)).toEqual([undefined, 'output-error', 'output-denied']);
  });

  it('HF-LOAD-2: of processes that ask at the same time one begins the session, for all', async () => {
    const [log, other] = logsOf(store);
    let open = () => {};
    const both = new Promise<void>((resolve) => {
      open = resolve;
    });
    let waiting = 0;
    const slow = (name: string) => async () => {
      if (++waiting === 2) open();
      await both;
      return [user(`first of ${name}`), reply(`reply of ${name}`)];
    };
    const one = await serveLoading(slow('one'), { log });
    const two = await serveLoading(slow('two'), { log: other });
    const [, , first] = await Promise.all([
      say(one.server, 's', 'from one'),
      say(two.server, 's', 'from two'),
      join(two.server, 's'),
    ]);
    const shown = idsOf(await allPages(one.server, 's'));
    expect(shown).toHaveLength(6);
    expect(idsOf(await allPages(two.server, 's'))).toEqual(shown);
    expect(idsOf(first.items).slice(0, 2)).toEqual(shown.slice(0, 2));
    for (const prompt of [one.prompts[0], two.prompts[0]])
      expect(idsOf(prompt ?? []).slice(0, 2)).toEqual(shown.slice(0, 2));
  });
});

it('HF-LOAD-1: whoever follows a session that expires is shown it again', async () => {
  const limits = { retentionMs: 60, pollMs: 20 };
  const log = createMemoryLog({ limits: { ...defaultLimits, ...limits } });
  const { server, asked } = await serveLoading(() => forty.slice(0, 2), { log, limits });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  expect(await client.next('reset')).toMatchObject({ why: 'epoch' });
  expect(idsOf((await client.next('snap')).items)).toEqual(['u0', 'a0']);
  expect(asked.mock.calls.length).toBeGreaterThan(1);
});

it('HF-LOAD-1: a read that finds nothing is shown it: over a socket, by HTTP, on the server', async () => {
  const { server, asked } = await serveLoading(({ sessionId }) => [reply(`hello ${sessionId}`)]);
  expect(idsOf((await join(server, 's1')).items)).toEqual(['hello s1']);
  expect(idsOf(await allPages(server, 's2'))).toEqual(['hello s2']);
  const { messages } = await server.holdfast.session('s3').state();
  expect(idsOf(messages)).toEqual(['hello s3']);
  expect(idsOf((await server.holdfast.session('s3').messages()).messages)).toEqual(['hello s3']);
  expect(asked.mock.calls.map(([{ participant }]) => participant)).toMatchObject([
    { id: 'user-1' },
    { id: 'user-1' },
    { id: 'holdfast', role: 'agent' },
  ]);
});

it('HF-LOAD-1: a call that stands open in it is claimed and answered, and a run goes on with it', async () => {
  const { server, prompts } = await serveLoading(() => asking);
  const post = async (id: string, verb: string, body: object) =>
    (await postJson(`${server.api}/${id}/${verb}`, { messageId: 'a1', ...body })).json();
  const claim = { toolCallId: 'c1', holder: 'h' };
  expect(await post('s1', 'claim', claim)).toMatchObject({ state: 'held' });
  expect(await post('s2', 'answer', { answers: [gives] })).toEqual({ answers: [gives] });
  const answers = [gives, allows];
  const { run, messageId } = await server.send({ id: 's3', continues: 'a1', answers });
  await ended(server, 's3', run);
  expect(messageId).toBe('a1');
  expect(prompts[0]?.at(-1)?.parts.slice(1)).toMatchObject([
    { state: 'output-available', output: 'Oslo' },
    { state: 'approval-responded', approval: { approved: true } },
  ]);
});

it('HF-LOAD-1: a run of the server, too, is given it', async () => {
  const { server, asked } = await serveLoading(() => forty);
  const given: UIMessage[][] = [];
  const { state } = await server.holdfast.session('s').run({ agent: 'critic' }, ({ messages }) => {
    given.push(messages);
    return (async function* () {
      yield* answer('Hm.');
    })();
  });
  expect(state).toBe('finished');
  expect(given[0]).toHaveLength(40);
  expect(asked.mock.calls[0]?.[0].participant).toEqual({ id: 'critic', role: 'agent' });
});

it('HF-LOAD-1, HF-ENT-10: who wrote what is as the application says', async () => {
  const authors = { u0: { id: 'ann', role: 'user' as const } };
  const { server } = await serveLoading(() => ({ messages: forty.slice(0, 2), authors }));
  expect((await server.holdfast.session('s').state()).authors).toEqual(authors);
});

it('HF-LOAD-1: without messages a session begins empty, and a read writes nothing', async () => {
  const log = createMemoryLog();
  const { server, prompts } = await serveLoading(() => [], { log });
  expect((await join(server, 's')).items).toEqual([]);
  expect(await allPages(server, 's')).toEqual([]);
  expect(await log.head('s')).toBeNull();
  await say(server, 's', 'Hello');
  expect(prompts[0]?.map((message) => textOf(message as never))).toEqual(['Hello']);
});

it('HF-LOAD-1: nobody is asked for who may not', async () => {
  const { server, asked } = await serveLoading(() => forty, {
    authorize: ({ action }) => (action === 'connect' ? { id: 'u' } : null),
  });
  expect((await sending(server)).status).toBe(403);
  expect((await fetch(`${server.api}/s`)).status).toBe(403);
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  expect(await client.next('res')).toMatchObject({ err: { code: 'forbidden' } });
  expect(asked).not.toHaveBeenCalled();
});

it('HF-LOAD-2: tabs that come at once have it asked once', async () => {
  let give = (_: readonly UIMessage[]) => {};
  const { server, prompts, asked } = await serveLoading(
    () =>
      new Promise<readonly UIMessage[]>((resolve) => {
        give = resolve;
      }),
  );
  const tabs = [say(server, 's', 'one'), say(server, 's', 'two'), join(server, 's')] as const;
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  give(forty);
  const [, , snap] = await Promise.all(tabs);
  expect(asked).toHaveBeenCalledTimes(1);
  expect(prompts.map((prompt) => idsOf(prompt)[0])).toEqual(['u0', 'u0']);
  expect(snap.before).not.toBeNull();
});

it('HF-LOAD-1, HF-LOAD-2: where no delivery comes, what was begun is known all the same', async () => {
  const log = createMemoryLog();
  const limits = { pollMs: 60_000, lingerMs: 60_000 };
  const one = await serveLoading(() => asking, { log: deaf(log), limits });
  let history: readonly UIMessage[] = [];
  const two = await serveLoading(() => history, { log: deaf(log), limits });
  // It has looked at the session before that began.
  expect((await two.server.holdfast.session('s').state()).messages).toEqual([]);
  history = forty;
  two.asked.mockClear();
  await one.server.send({ id: 's', message: userMessage('m1', 'Never mind.') });
  await vi.waitFor(() => expect(one.prompts).toHaveLength(1));
  expect(await statesOf(one.server)).toEqual([undefined, 'output-error', 'output-denied']);
  await two.server.send({ id: 's', message: userMessage('m2', 'Go on.') });
  await vi.waitFor(() => expect(two.prompts).toHaveLength(1));
  expect(idsOf(two.prompts[0] ?? [])).toContain('m1');
  expect(two.asked).not.toHaveBeenCalled();
});

/** What a process asks its log for in a session that is there, up to its agent's start. */
async function callsOf(options: Pick<HoldfastOptions, 'load'>): Promise<readonly string[]> {
  const log = createMemoryLog();
  await say(await startOwnServer({ log }), 's', 'before');
  const calls: string[] = [];
  const methods = ['send', 'read', 'open', 'head', 'items', 'find', 'seed', 'subscribe'] as const;
  const counted = methods.map((method) => ({
    [method]: (...given: unknown[]) => {
      calls.push(method);
      return (log[method] as (...given: unknown[]) => unknown).apply(log, given);
    },
  }));
  let made: readonly string[] = [];
  const server = await startOwnServer({
    log: changed(log, Object.assign({}, ...counted)),
    limits: { lingerMs: 60_000, pollMs: 60_000 },
    agent: () => {
      made = [...calls];
      return (async function* () {
        yield* answer('Well.');
      })();
    },
    ...options,
  });
  await join(server, 's');
  await allPages(server, 's');
  await say(server, 's', 'next');
  return made;
}

it('HF-LOAD-2: on the way of a session that the log has nothing is asked', async () => {
  const load = vi.fn(() => forty);
  const calls = await callsOf({});
  expect(calls).toContain('send');
  expect(await callsOf({ load })).toEqual(calls);
  expect(load).not.toHaveBeenCalled();
});

it('HF-LOAD-1: a seed that comes late is no error where it says the same, and a conflict else', async () => {
  const { server } = await serveLoading(() => forty);
  await say(server, 's', 'Hello');
  const session = server.holdfast.session('s');
  expect(await session.seed(forty)).toBe('exists');
  await expect(session.seed([user('other')])).rejects.toMatchObject({
    code: 'conflict',
    reason: 'taken',
  });
});
