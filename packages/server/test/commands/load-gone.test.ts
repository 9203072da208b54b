import '@holdfast/testkit/redis-global-setup';
import type { SessionLog } from '@holdfast/log';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { asOperator, type Load } from '../../src/index.ts';
import { turn } from '../support/background.ts';
import { forty, idsOf, reply, sending, serveLoading, user } from '../support/loading.ts';
import { changed, stores } from '../support/logs.ts';
import { postJson } from '../support/post.ts';
import type { TestServer, TestServerOptions } from '../support/server.ts';
import { allPages, join, say } from '../support/talk.ts';

/** Nobody looks by itself: what is known here of a session outlives it. */
const limits = { pollMs: 60_000, lingerMs: 60_000 };
const history = forty.slice(0, 2);
const begun = idsOf(history);
/** As the application has it by now. */
const longer = forty.slice(0, 4);

describe.each(Object.keys(stores))('a session that is gone from %s, and followed', (store) => {
  /** It is gone as one that expires is: nobody is told. */
  async function serveGone(options: TestServerOptions = {}) {
    const log = stores[store]?.()() as SessionLog;
    onTestFinished(() => log.close());
    let isDeaf = false;
    const heard: SessionLog['subscribe'] = (session, listener) =>
      log.subscribe(session, (delivery) => {
        if (!isDeaf && delivery.kind !== 'deleted') listener(delivery);
      });
    const load = vi.fn<Load>(() => history);
    const serving = await serveLoading(load, {
      log: changed(log, { subscribe: heard }),
      limits,
      ...options,
    });
    const { server, prompts, asked } = serving;
    const client = await server.greet();
    client.send({ t: 'sub', r: 1, s: 's' });
    await client.until((frame) => frame.t === 'snap' && !frame.more);
    await say(server, 's', 'before', { wake: true });
    await client.until((frame) => frame.t === 'entry' && frame.d.k === 'run-end');
    await log.delete('s');
    prompts.length = 0;
    asked.mockClear();
    const deafen = () => {
      isDeaf = true;
    };
    /** Whoever follows it asks as well, as soon as it is seen to be gone: for what is about a send alone. */
    const leave = async () => {
      client.send({ t: 'unsub', s: 's' });
      client.send({ t: 'ping' });
      await client.next('pong');
    };
    return { server, prompts, asked, client, load, deafen, leave };
  }

  it('HF-LOAD-1: is loaded again by the next send, and who follows it is shown it', async () => {
    const { server, prompts, asked, client } = await serveGone();
    await say(server, 's', 'after');
    expect(asked).toHaveBeenCalledTimes(1);
    expect(idsOf(prompts[0] ?? [])).toEqual([...begun, expect.any(String)]);
    expect(await client.next('reset')).toMatchObject({ why: 'epoch' });
    expect(idsOf((await client.next('snap')).items).slice(0, 2)).toEqual(begun);
    await vi.waitFor(async () => expect(await allPages(server, 's')).toHaveLength(4));
  });

  it('HF-LOAD-1: is so where no delivery comes either', async () => {
    const { server, prompts, client, deafen } = await serveGone();
    deafen();
    expect((await sending(server)).status).toBe(200);
    await vi.waitFor(() => expect(idsOf(prompts[0] ?? [])).toEqual([...begun, 'm1']));
    expect(await client.next('reset')).toMatchObject({ why: 'epoch' });
    expect(idsOf((await client.next('snap')).items).slice(0, 2)).toEqual(begun);
  });

  it('HF-LOAD-1: begins empty where the application has nothing, which is asked for it once', async () => {
    const { server, prompts, asked, load, leave } = await serveGone();
    load.mockReturnValue([]);
    await leave();
    expect((await sending(server)).status).toBe(200);
    await vi.waitFor(() => expect(prompts.map(idsOf)).toEqual([['m1']]));
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('HF-LOAD-3: takes nothing while the application fails', async () => {
    const { server, load, leave } = await serveGone();
    await leave();
    load.mockRejectedValueOnce(new Error('no database'));
    expect((await sending(server)).status).toBe(503);
    expect((await sending(server, 'm2')).status).toBe(200);
    expect(idsOf(await allPages(server, 's'))).not.toContain('m1');
  });

  it('HF-LOAD-1: is loaded again where it is found gone while the application looks at the message', async () => {
    const log = stores[store]?.()() as SessionLog;
    onTestFinished(() => log.close());
    const found = Promise.withResolvers<void>();
    const heard: SessionLog['subscribe'] = (session, listener) =>
      log.subscribe(session, (delivery) => {
        listener(delivery);
        if (delivery.kind === 'deleted') found.resolve();
      });
    let isToGo = false;
    const { server, prompts, asked } = await serveLoading(() => history, {
      log: changed(log, { subscribe: heard }),
      limits,
      acceptMessage: async ({ message }) => {
        if (isToGo) {
          await log.delete('s');
          await found.promise;
          await turn();
        }
        return message;
      },
    });
    await say(server, 's', 'before');
    isToGo = true;
    prompts.length = 0;
    asked.mockClear();
    expect((await sending(server)).status).toBe(200);
    await vi.waitFor(() => expect(prompts.map(idsOf)).toEqual([[...begun, 'm1']]));
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it.each<[string, (server: TestServer) => Promise<unknown>]>([
    ['page', async (server) => idsOf(await allPages(server, 's'))],
    ['snapshot', async (server) => idsOf((await join(server, 's')).items)],
    ['state', async ({ holdfast }) => idsOf((await holdfast.session('s').state()).messages)],
  ])('HF-LOAD-1: is loaded again for a %s', async (_, read) => {
    const { server, asked } = await serveGone();
    expect(await read(server)).toEqual(begun);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  const open = reply('a0', {
    type: 'tool-ask',
    toolCallId: 'c',
    state: 'input-available',
    input: {},
  });
  const named = { messageId: 'a0', toolCallId: 'c', holder: 'h' };
  const answers = [{ type: 'tool-output-available', toolCallId: 'c', output: 1 }];
  const send = { id: 's', command: 'c', trigger: 'submit-message' };

  it.each<[string, (server: TestServer) => Promise<Response>]>([
    ['an answer', (server) => postJson(`${server.api}/s/answer`, { messageId: 'a0', answers })],
    ['a claim', (server) => postJson(`${server.api}/s/claim`, named)],
    ['a send that goes on', (server) => server.post({ ...send, continues: 'a0', answers })],
    ['an edit', (server) => server.post({ ...send, message: user('m1'), after: 'a0' })],
    [
      'an edit for people',
      (server) => server.post({ ...send, message: user('m1'), after: 'a0', wake: false }),
    ],
  ])('HF-LOAD-1: is loaded again for %s, which relies on its messages', async (_, act) => {
    const { server, asked, load, leave } = await serveGone();
    load.mockReturnValue([user('u0'), open]);
    await leave();
    const response = await act(server);
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(idsOf(await allPages(server, 's')).slice(0, 2)).toEqual(['u0', 'a0']);
  });

  it('HF-LOAD-1: is told as gone to who relies on what the application does not have either', async () => {
    const { server, leave } = await serveGone();
    await leave();
    for (const path of ['answer', 'claim']) {
      const response = await postJson(`${server.api}/s/${path}`, {
        ...named,
        messageId: 'other',
        answers,
      });
      expect(await response.json()).toMatchObject({ error: { code: 'conflict', reason: 'gone' } });
    }
  });

  it.each<[string, object, readonly string[]]>([
    ['asks for an answer again', { trigger: 'regenerate-message', messageId: 'a0' }, ['u0']],
    ['asks for the last again', { trigger: 'regenerate-message' }, idsOf(longer.slice(0, 3))],
    ['edits', { message: user('m1'), messageId: 'u1' }, [...begun, 'm1']],
    ['sends its list', { messages: [...longer, user('m1')] }, [...idsOf(longer), 'm1']],
  ])('HF-LOAD-1: is loaded again where a client of the SDK %s', async (_, sent, given) => {
    const { server, prompts, asked, load, leave } = await serveGone();
    load.mockReturnValue(longer);
    await leave();
    const response = await server.post({ id: 's', ...sent });
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
    expect(prompts.map(idsOf)).toEqual([given]);
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it.each<[string, (server: TestServer) => Promise<Response>]>([
    ['takes over', (server) => postJson(`${server.api}/s/handoff`, { to: 'me' })],
    ['writes', (server) => sending(server)],
  ])('HF-LOAD-1: is loaded again where an operator %s', async (_, act) => {
    const { server } = await serveGone({ authorize: () => asOperator({ id: 'o' }) });
    const response = await act(server);
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
    expect(idsOf(await allPages(server, 's')).slice(0, 2)).toEqual(begun);
  });
});
