import { createMemoryLog } from '@holdfast/log';
import { defaultLimits, type Message } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { describe, expect, it, vi } from 'vitest';
import type { SessionAction } from '../../src/index.ts';
import { answer, saying } from '../support/gated-agent.ts';
import { handList } from '../support/hand-list.ts';
import { startEchoServer, startOwnServer } from '../support/own-server.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, say, textOf } from '../support/talk.ts';

const shown = async (server: TestServer) => (await allPages(server, 's')).map(textOf);

it('HF-HTTP-26: what the application’s gate made of a question is no change of it', async () => {
  const gated: string[] = [];
  const server = await startEchoServer({
    acceptMessage: ({ message }) => {
      const text = textOf(message as unknown as Message);
      gated.push(text);
      const parts = [{ type: 'text', text: text.replaceAll(/\d/g, '*') }];
      return { ...message, parts } as UIMessage;
    },
  });
  const first = userMessage('u1', 'card 4711');
  expect((await handList(server, [first])).status).toBe(200);
  const [, reply] = await allPages(server, 's');
  const list = [first, reply, userMessage('u2', 'and')];
  expect((await handList(server, list)).status).toBe(200);
  const [, , , second] = await allPages(server, 's');
  const changed = [userMessage('u1', 'cash'), reply, list[2], second, userMessage('u3', 'on')];
  const { status, told } = await handList(server, changed);
  expect([status, told]).toEqual([400, expect.stringMatching(/message 1 .* other words/)]);
  expect(await shown(server)).toEqual(['card ****', 're: card ****', 'and', 're: and']);
  // A question is not asked of the gate again without need.
  expect(gated.filter((text) => text === 'and')).toEqual(['and']);
});

it('HF-HTTP-26, HF-AUTH-1: whoever may not send does not change a question by asking again', async () => {
  let may: readonly SessionAction[] = ['read', 'send', 'edit'];
  const server = await startEchoServer({ authorize: () => ({ id: 'user-1', may }) });
  await handList(server, [userMessage('u1', 'one')]);
  const before = await shown(server);
  may = ['read', 'edit'];
  const again = { trigger: 'regenerate-message' };
  expect((await handList(server, [userMessage('u1', 'two')], again)).status).toBe(403);
  expect(await shown(server)).toEqual(before);
  expect((await handList(server, [userMessage('u1', 'one')], again)).status).toBe(200);
});

it('HF-HTTP-26, HF-AUTH-5: nobody changes the question of another by asking it again', async () => {
  let id = 'user-1';
  const server = await startEchoServer({ authorize: () => ({ id }) });
  await handList(server, [userMessage('u1', 'one')]);
  const before = await shown(server);
  id = 'user-2';
  const again = { trigger: 'regenerate-message' };
  expect((await handList(server, [userMessage('u1', 'two')], again)).status).toBe(403);
  expect(await shown(server)).toEqual(before);
});

it('HF-HTTP-26: a list is compared with what another process has stored meanwhile', async () => {
  const limits = { ...defaultLimits, pageMessages: 2, tailMs: 0, checkpointBytes: 1 };
  const log = createMemoryLog({ limits });
  const one = await startEchoServer({ log, limits });
  const two = await startEchoServer({ log, limits });
  for (const text of ['a', 'b', 'c', 'd']) await say(one, 's', text);
  const list = await allPages(two, 's');
  // The first process stores more than the second has heard of as stored.
  for (const text of ['e', 'f']) await say(one, 's', text);
  const whole = await allPages(one, 's');
  const { status } = await handList(two, [...whole, userMessage('u', 'g')]);
  expect(status).toBe(200);
  const changed = [{ ...list[0], parts: [{ type: 'text', text: 'x' }] }, ...list.slice(1)];
  const { told } = await handList(two, [...changed, userMessage('v', 'h')]);
  expect(told).toMatch(/message 1 .* other words/);
});

it('HF-HTTP-26: what waits for its turn is in the list of its page', async () => {
  let go = () => {};
  const gate = new Promise<void>((resolve) => {
    go = resolve;
  });
  const server = await startEchoServer({
    agent: ({ messages }) =>
      (async function* () {
        yield { type: 'start' };
        if (messages.length === 1) await gate;
      })(),
    whileBusy: () => 'queue',
  });
  const [u1, u2, u3] = ['u1', 'u2', 'u3'].map((id) => userMessage(id, id));
  const first = handList(server, [u1]);
  await expect.poll(() => shown(server)).toEqual(['u1']);
  expect((await handList(server, [u1, u2])).status).toBe(204);
  expect((await handList(server, [u1, u2, u3])).status).toBe(204);
  go();
  expect((await first).status).toBe(200);
});

it.each([
  ['cut', ['u1', 'a1']],
  ['cleared', []],
])(
  'HF-HTTP-25, HF-AUTH-1: whoever may not edit cuts nothing off by a list that was %s',
  async (_, kept) => {
    let may: readonly SessionAction[] = ['read', 'send'];
    const server = await startEchoServer({ authorize: () => ({ id: 'user-1', may }) });
    for (const id of ['u1', 'u2']) await say(server, 's', id);
    const whole = await allPages(server, 's');
    const lines = whole.map(textOf);
    const messages = [...whole.slice(0, kept.length), userMessage('u3', 'on')];
    const cut = (command: string) =>
      server.post({
        id: 's',
        command,
        trigger: 'submit-message',
        message: userMessage('u3', 'on'),
        transcript: { messages, shown: whole.map(({ id }) => id), isSameChat: true },
      });
    const refused = await cut('refused');
    expect([refused.status, await refused.json()]).toMatchObject([
      403,
      { error: { code: 'forbidden' } },
    ]);
    expect(await shown(server)).toEqual(lines);
    may = ['read', 'send', 'edit'];
    expect((await cut('taken')).status).toBe(200);
    await expect
      .poll(() => shown(server))
      .toEqual([...lines.slice(0, kept.length), 'on', 're: on']);
  },
);

it.each([
  [1, 200],
  [2, 409],
])(
  'HF-HTTP-26: a question that is asked anew under a new id takes the place of one, and of no two: %d',
  async (count, expected) => {
    let left = count;
    const server = await startOwnServer({
      agent: () =>
        (async function* () {
          yield* answer('half').slice(0, 4);
          // The last answer fails: a list need not have it, and has to have its question.
          if (--left === 0) throw new Error('no');
        })(),
    });
    await handList(server, [userMessage('u1', 'one')]);
    if (count > 1)
      await handList(server, [...(await allPages(server, 's')), userMessage('u2', 'two')]);
    const before = await shown(server);
    const again = { trigger: 'regenerate-message' };
    const { status } = await handList(server, [userMessage('new', 'other')], again);
    expect(status).toBe(expected);
    expect(await shown(server)).toEqual(status === 200 ? ['other', 'ha'] : before);
  },
);

it('HF-HTTP-25: what a list names and the session never had costs the log a few questions, not one each', async () => {
  const limits = { pageMessages: 2, tailMs: 0, retentionMs: 600_000 };
  const log = createMemoryLog({ limits: { ...defaultLimits, ...limits } });
  const before = await startEchoServer({ log, limits });
  for (let at = 0; at < 8; at++) await say(before, 's', `u${at}`);
  await vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]));
  const server = await startEchoServer({ log, limits });
  const find = vi.spyOn(log, 'find');
  const names = Array.from({ length: 5_000 }, (_, at) => `none${at}`);
  const greeting = names.map((id) => ({ id, role: 'assistant', parts: [] }));
  await server.post({
    id: 's',
    command: 'c',
    trigger: 'submit-message',
    message: userMessage('new', 'on'),
    transcript: {
      messages: [...greeting, userMessage('new', 'on')],
      shown: names,
      isSameChat: true,
    },
  });
  // Of 20 that were shown, of 20 of the list, and of the new one.
  expect(find).toHaveBeenCalledTimes(41);
});

describe('HF-HTTP-26: what a page need not have shown is missing from no list', () => {
  const next = async (server: TestServer, ...kept: readonly number[]) => {
    const all = await allPages(server, 's');
    const list = [...kept.map((at) => all[at]), userMessage('next', 'on')];
    return (await handList(server, list)).status;
  };

  it('what an agent of the server has said before anybody asked', async () => {
    const server = await startEchoServer();
    await server.holdfast.session('s').run({ agent: 'writer' }, saying('Welcome.'));
    expect(await next(server)).toBe(200);
  });

  it('an answer that has failed', async () => {
    let isFailing = true;
    const server = await startOwnServer({
      agent: () =>
        (async function* () {
          yield* answer('half').slice(0, 4);
          if (isFailing) throw new Error('no');
        })(),
    });
    await handList(server, [userMessage('u1', 'one')]);
    isFailing = false;
    expect(await shown(server)).toEqual(['one', 'ha']);
    expect(await next(server, 0)).toBe(200);
  });

  it('an answer that was written on behalf of another', async () => {
    const server: TestServer = await startOwnServer({
      agent: ({ runId: parent, messages }) =>
        (async function* () {
          if (messages.length === 1)
            await server.holdfast.session('s').run({ agent: 'helper', parent }, saying('found'));
          yield* answer('Well.');
        })(),
    });
    await handList(server, [userMessage('u1', 'one')]);
    const own = (await shown(server)).indexOf('Well.');
    expect(await shown(server)).toContain('found');
    expect(await next(server, 0, own)).toBe(200);
  });

  it('but the answer of a history of the application’s, whose authors nobody knows', async () => {
    const server = await startEchoServer();
    const reply = { ...userMessage('a1', 'Well.'), role: 'assistant' };
    await server.holdfast.session('s').seed([userMessage('u1', 'one'), reply] as never);
    expect(await next(server, 0)).toBe(409);
    expect(await next(server, 0, 1)).toBe(200);
  });
});
