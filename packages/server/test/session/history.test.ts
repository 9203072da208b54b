import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { AgentContext } from '../../src/index.ts';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { serve, serveTwice, settled, stored } from '../support/paged.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { allPages, echo, ended, join, page, say, textOf } from '../support/talk.ts';

it('HF-SUB-9, HF-LOG-17: a snapshot shows the newest page, and pages lead back to the first message', async () => {
  const { log, one, two } = await serveTwice();
  for (let at = 1; at <= 7; at++) await say(one, 's', `m${at}`);
  await settled(log, 's');
  const expected = Array.from({ length: 7 }, (_, at) => [`m${at + 1}`, `re: m${at + 1}`]).flat();
  for (const server of [one, two]) {
    const snap = await join(server, 's');
    const texts = snap.items.map((item) => ('message' in item ? textOf(item.message) : item.id));
    // The last one is still open, and comes as its chunks.
    expect(texts.slice(0, -1)).toEqual(expected.slice(-4, -1));
    expect(snap.items.at(-1)).toHaveProperty('segments');
    expect(snap.before).toBeTypeOf('string');
    expect((await page(server, 's')).messages.map(textOf)).toEqual(expected.slice(-4));
    expect((await allPages(server, 's')).map(textOf)).toEqual(expected);
    const older = await page(server, 's', `?before=${snap.before}&limit=3`);
    expect(older.messages.map(textOf)).toEqual(expected.slice(-7, -4));
  }
});

it('HF-ENT-7: a message is stored as the reducer makes it, and as folded chunks while it is the last', async () => {
  const { log, one } = await serveTwice();
  await say(one, 's', 'm1');
  const first = await settled(log, 's');
  expect(first?.items.map((body) => Object.keys(JSON.parse(body)))).toEqual([
    ['id', 'message', 'by'],
    ['id', 'segments', 'by', 'runs'],
  ]);
  await say(one, 's', 'm2');
  const second = await settled(log, 's');
  expect(second?.items.map((body) => 'message' in JSON.parse(body))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(JSON.parse(second?.items[1] ?? '').message).toMatchObject({
    role: 'assistant',
    parts: [{ type: 'text', text: 're: m1', state: 'done' }],
  });
});

it('HF-ENT-7: a message with an open call stays open behind others, and can be answered from another process', async () => {
  const call = {
    type: 'tool-input-available',
    toolCallId: 'c1',
    toolName: 'ask',
    input: {},
  } as const;
  let turn = 0;
  const { log, one, two } = await serveTwice({
    openCalls: 'keep',
    agent: (context) =>
      (turn++ === 0 ? replying({ type: 'start' }, call, { type: 'finish' }) : echo)(context),
  });
  const asked = await say(one, 's', 'ask me');
  await say(one, 's', 'by the way');
  await settled(log, 's');
  const snap = await join(two, 's');
  const item = snap.items.find(({ id }) => id === asked.messageId);
  expect(item).toHaveProperty('segments');
  const answers = [{ type: 'tool-output-available', toolCallId: 'c1', output: 42 }];
  const sent = await two.send({ id: 's', continues: asked.messageId, answers });
  await ended(two, 's', sent.run);
  const message = (await page(one, 's')).messages.find(({ id }) => id === asked.messageId);
  expect(message?.parts).toContainEqual(expect.objectContaining({ output: 42 }));
  expect(message && textOf(message)).toBe('re: re: by the way');
});

it('HF-ENT-7: an open call is given up when enough messages follow', async () => {
  const call = {
    type: 'tool-input-available',
    toolCallId: 'c1',
    toolName: 'ask',
    input: {},
  } as const;
  let turn = 0;
  const { log, one } = await serveTwice({
    openCalls: 'keep',
    agent: (context) =>
      (turn++ === 0 ? replying({ type: 'start' }, call, { type: 'finish' }) : echo)(context),
  });
  const asked = await say(one, 's', 'ask me');
  for (let at = 1; at <= 4; at++) await say(one, 's', `m${at}`);
  await settled(log, 's');
  const answers = [{ type: 'tool-output-available', toolCallId: 'c1', output: 42 }];
  const refused = one.send({ id: 's', continues: asked.messageId, answers });
  await expect(refused).rejects.toThrow(/409 .*conflict/);
});

it('HF-RUN-1: the agent is given the whole history, also what is stored', async () => {
  const given: AgentContext[] = [];
  const { log, one, two } = await serveTwice({
    agent: (context) => {
      given.push(context);
      return echo(context);
    },
  });
  for (let at = 1; at <= 5; at++) await say(one, 's', `m${at}`);
  await settled(log, 's');
  await say(two, 's', 'last');
  const shown = await allPages(two, 's');
  expect(given.at(-1)?.messages).toEqual(shown.slice(0, -1));
});

it('HF-RUN-1: the agent is given what was there at its start, and not what came right behind', async () => {
  const given: string[][] = [];
  const { one, two } = await serveTwice({
    agent: (context) => {
      given.push(context.messages.map((message) => textOf(message as never)));
      return replying(...answer('ok'))(context);
    },
  });
  const texts = ['a', 'b', 'c', 'd', 'e', 'f'];
  const sends = texts.map((text, at) =>
    (at % 2 ? one : two).send({ id: 's', message: userMessage(text, text) }),
  );
  const runs = await Promise.all(sends);
  for (const { run } of runs) await ended(one, 's', run);
  const last = given.map((messages) => messages.filter((text) => text !== 'ok').at(-1));
  expect(last.sort()).toEqual(texts);
});

it('HF-HTTP-35: a cursor of another session, or of none, is refused and changes nothing', async () => {
  const server = await serve();
  for (const id of ['s', 't']) for (let at = 1; at <= 4; at++) await say(server, id, `m${at}`);
  const { before } = await page(server, 't');
  const ask = async (cursor: string) => {
    const response = await fetch(`${server.api}/s?before=${encodeURIComponent(cursor)}`);
    return [response.status, ((await response.json()) as { error: { code: string } }).error.code];
  };
  expect(await ask(before ?? '')).toEqual([400, 'bad_request']);
  expect(await ask('what')).toEqual([400, 'bad_request']);
  expect(await ask('')).toEqual([400, 'bad_request']);
  for (const limit of ['0', '201', '1.5', 'x'])
    expect((await fetch(`${server.api}/s?limit=${limit}`)).status).toBe(400);
  expect((await allPages(server, 's')).length).toBe(8);
});

it('HF-LOG-20: a session goes on from messages of a store of its own', async () => {
  const { one, two } = await serveTwice();
  const messages = Array.from({ length: 9 }, (_, at) => userMessage(`u${at}`, `m${at}`));
  const session = one.holdfast.session('s');
  const waiting = await two.greet();
  waiting.send({ t: 'sub', r: 1, s: 's' });
  await waiting.next('live');
  expect(await session.seed(messages as never)).toBe('seeded');
  expect(await session.seed(messages as never)).toBe('exists');
  await waiting.entry('seed');
  await say(two, 's', 'next');
  const texts = (await allPages(one, 's')).map(textOf);
  expect(texts).toEqual([...messages.map(textOf), 'next', 're: next']);
  expect((await session.messages({ limit: 200 })).messages.map((m) => textOf(m as never))).toEqual(
    texts,
  );
});

it('HF-LOG-20: a seed that overlaps, repeats an id or is invalid is refused and writes nothing', async () => {
  const server = await serve();
  await say(server, 's', 'm1');
  const before = await allPages(server, 's');
  const handle = server.holdfast.session('s');
  const other = [userMessage('x', 'x'), before[0]];
  await expect(handle.seed(other as never)).rejects.toMatchObject({ code: 'conflict' });
  expect(await allPages(server, 's')).toEqual(before);
  const fresh = server.holdfast.session('t');
  const twice = [userMessage('a', '1'), userMessage('a', '2')];
  for (const bad of [twice, [], [{ id: 'a', role: 'user', parts: [{ type: 'nope' }] }]])
    await expect(fresh.seed(bad as never)).rejects.toMatchObject({ code: 'bad_request' });
  expect((await fresh.state()).messages).toEqual([]);
});

it('HF-SUB-10: whoever was away for less than tailMs resumes, although all is stored', async () => {
  const log = createMemoryLog();
  const server = await serve({ log, limits: { tailMs: 600_000 } });
  await say(server, 's', 'm1');
  const { epoch, entries = [] } = (await stored(log, 's')) ?? {};
  const read = await log.read('s', { after: null, limit: 100 });
  const all = read.kind === 'entries' ? read.entries : entries;
  await settled(log, 's');
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's', pos: `${epoch}:${all[0]?.id}` });
  expect(await client.next('subbed')).toMatchObject({ mode: 'replay', recovered: true });
  await client.next('live');
  expect(client.entries.map(({ i }) => i).slice(0, all.length - 1)).toEqual(
    all.slice(1).map(({ id }) => id),
  );
});

it('F17, HF-SUB-10: who was away for longer finds the entries dropped, and is reset', async () => {
  const log = createMemoryLog();
  const server = await serve({ log, limits: { tailMs: 0 } });
  await say(server, 's', 'm1');
  await vi.waitFor(
    async () => {
      const opened = await stored(log, 's');
      expect(opened?.floor).toBe(opened?.top);
    },
    { timeout: 20_000 },
  );
  const snap = await join(server, 's');
  expect(snap.items).toHaveLength(2);
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's', pos: `${snap.epoch}:1-1` });
  expect(await client.next('reset')).toMatchObject({ why: 'trimmed' });
  // What it shows then is what everybody shows.
  expect((await client.next('snap')).items).toEqual(snap.items);
});

it('HF-LOG-7, HF-LOG-18: a session at its cap is stored in place of its entries, and takes more', async () => {
  const log = createMemoryLog({ limits: { ...defaultLimits, sessionBytes: 8_000 } });
  const server = await serve({ log });
  for (const at of [1, 2, 3]) await say(server, 's', `${at} ${'word '.repeat(180)}`);
  await vi.waitFor(async () => {
    const opened = await stored(log, 's');
    expect(opened?.count).toBe(6);
    expect(opened?.checkpoint).toBe(opened?.top);
  });
  await say(server, 's', 'm4');
  expect(await allPages(server, 's')).toHaveLength(8);
});

it('HF-SUB-9: a run that goes on for long is stored while it is live, so that little is read by who joins', async () => {
  const log = createMemoryLog();
  const agent = gatedAgent();
  const server = await serve({ log, agent: agent.agent, limits: { checkpointBytes: 2_000 } });
  const sent = await server.send({ id: 's', message: userMessage('u1', 'go') });
  agent.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  for (let at = 0; at < 100; at++) {
    agent.emit({ type: 'text-delta', id: 't', delta: `word ${at} `.repeat(5) });
    await vi.waitFor(() => expect(agent.pending).toBe(0), { interval: 1 });
  }
  await vi.waitFor(async () => {
    const opened = await stored(log, 's');
    expect(opened?.count).toBe(2);
    expect(JSON.parse(opened?.items[1] ?? '{}')).toMatchObject({ runs: [{ state: 'running' }] });
    // Of all that it has written only what came since is left to be read.
    const bytes = opened?.entries.reduce((sum, { body }) => sum + body.length, 0);
    expect(bytes).toBeLessThan(2_500);
  });
  agent.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
  agent.end();
  await ended(server, 's', sent.run);
  const [, reply] = await allPages(server, 's');
  expect(reply && textOf(reply)).toBe(
    Array.from({ length: 100 }, (_, at) => `word ${at} `.repeat(5)).join(''),
  );
});

it('an answer that was stopped before its first word is not shown, and the session goes on', async () => {
  const agent = gatedAgent();
  const server = await serve({ agent: agent.agent });
  const sent = await server.send({ id: 's', message: userMessage('u1', 'go') });
  await postJson(`${server.api}/s/cancel`, { run: sent.run });
  await ended(server, 's', sent.run);
  const next = await server.send({ id: 's', message: userMessage('u2', 'again') });
  agent.emit(...answer('yes'));
  agent.end();
  await ended(server, 's', next.run);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['go', 'again', 'yes']);
});
