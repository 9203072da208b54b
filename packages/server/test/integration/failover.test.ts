import type { SessionLog } from '@holdfast/log';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import type { Agent, Job } from '../../src/index.ts';
import { LosingLog } from '../support/failover.ts';
import { changed, deaf } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';
import { Shown } from '../support/shown.ts';
import { textOf } from '../support/talk.ts';
import type { WireClient } from '../support/wire-client.ts';

const session = 's1';

/** Answers at once unless the last message says `hold`, and keeps what it was given. */
function recordingAgent() {
  const given: (readonly string[])[] = [];
  const held = Promise.withResolvers<void>();
  const agent: Agent = ({ messages }) => {
    given.push(messages.map((message) => `${message.id}: ${textOf(message as never)}`));
    const isHeld = given.at(-1)?.at(-1)?.startsWith('hold');
    return (async function* (): AsyncGenerator<UIMessageChunk> {
      if (isHeld) await held.promise;
      yield { type: 'start' };
      yield { type: 'text-start', id: 't' };
      yield { type: 'text-delta', id: 't', delta: `answer ${given.length}` };
      yield { type: 'text-end', id: 't' };
      yield { type: 'finish' };
    })();
  };
  return { given, agent, release: held.resolve };
}

/** Feeds what a client gets to what it shows. */
async function untilLive(client: WireClient, shown: Shown): Promise<void> {
  await client.next('live');
  for (const frame of client.frames) shown.receive(frame);
}

const ended = (losing: LosingLog, runs: number) =>
  vi.waitFor(() =>
    expect(losing.entries(session).filter(({ entry }) => entry?.k === 'run-end')).toHaveLength(
      runs,
    ),
  );

it('HF-POS-5, F7: a client that applied an entry of a lost tail, which was repeated behind another one, is reset (trace T7)', async () => {
  const losing = new LosingLog();
  const { log } = losing;
  await using server = await startServer({ log });
  const note = (nonce: number, entry: object) => ({ nonce, body: JSON.stringify(entry) });
  const message = (id: string, nonce: number) => ({
    command: id,
    entries: [note(nonce, { k: 'message', message: userMessage(id, id), at: 0 })],
  });
  const start = {
    k: 'run-start',
    run: 'r',
    attempt: 1,
    agent: 'agent',
    messageId: 'a',
    command: 'm',
  };
  await log.send(session, {
    command: 'm',
    entries: [note(1, { ...start, at: 0 })],
    run: { run: 'r', info: '{}', leaseMs: 60_000, stopped: note(2, {}) },
  });
  const c = [
    { type: 'start' },
    { type: 'text-start', id: 't' },
    { type: 'text-delta', id: 't', delta: 'x' },
  ];
  const chunks = note(3, { k: 'chunks', run: 'r', attempt: 1, c });
  const append = () => log.append(session, { run: 'r', attempt: 1, seq: 1, entry: chunks });
  const back = losing.replica(session);
  await log.send(session, message('lost', 4));
  await append();
  const shown = new Shown();
  const first = await server.greet();
  first.send({ t: 'sub', r: 1, s: session });
  await untilLive(first, shown);
  const pos = `${shown.position?.epoch}:${shown.position?.id}`;
  first.terminate();

  back();
  await log.send(session, message('other', 5));
  expect(await append()).toMatchObject({ kind: 'appended' });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: session, pos });
  expect(await client.next('subbed')).toMatchObject({ mode: 'snapshot', recovered: false });
  expect(await client.next('reset')).toMatchObject({ why: 'diverged' });
  const snap = await client.next('snap');
  shown.receive(snap);
  const said = (await shown.messages()).map((each) => `${each.id}: ${textOf(each)}`);
  expect(said).toEqual(await losing.shownAt(session));
  expect(said).toContain('other: other');
});

it.each([
  ['as long as what was lost', ['hold'], 0],
  ['as long as what was lost, and more is written then', ['hold'], 1],
  ['shorter', ['lost', 'hold'], 0],
  ['shorter, of answers that had ended', ['lost', 'lost too'], 0],
  ['longer', ['hold'], 3],
])(
  'HF-POS-6, F7: an agent that starts after a failover is given the session as it is: %s',
  async (_, lost, others) => {
    const losing = new LosingLog();
    const { log } = losing;
    const { given, agent, release } = recordingAgent();
    await using elsewhere = await startServer({ log, agent });
    // Its feed has not noticed yet.
    await using server = await startServer({ log: deaf(log), agent });
    const ask = (id: string, by = elsewhere) =>
      by.send({ id: session, command: id, message: userMessage(id, id) });
    await ask('m1');
    await ended(losing, 1);
    const back = losing.replica(session);
    for (const [at, id] of lost.entries()) {
      await ask(id);
      if (id === 'hold') await vi.waitFor(() => expect(given.at(-1)?.at(-1)).toBe('hold: hold'));
      else await ended(losing, 2 + at);
    }
    // Somebody follows, so that the process goes on with what it knows.
    const follower = await server.greet();
    follower.send({ t: 'sub', r: 1, s: session });
    await follower.next('live');
    back();
    for (let at = 0; at < others; at++) {
      const body = JSON.stringify({ k: 'message', message: userMessage(`o${at}`, 'other'), at: 0 });
      await log.send(session, { command: `o${at}`, entries: [{ nonce: 9, body }] });
    }
    const before = await losing.shownAt(session);
    await ask('m2', server);
    await ended(losing, 2);
    expect(given.at(-1)).toEqual([...before, 'm2: m2']);
    release();
  },
);

it('HF-POS-6: a reset that comes while a snapshot is made is not forgotten', async () => {
  const losing = new LosingLog();
  const held = Promise.withResolvers<void>();
  const opened = vi.fn();
  const open: SessionLog['open'] = async (id, request) => {
    const found = await losing.log.open(id, request);
    opened();
    await held.promise;
    return found;
  };
  await using server = await startServer({ log: changed(losing.log, { open }) });
  let nonces = 0;
  const say = (id: string) =>
    losing.log.send(session, {
      command: id,
      entries: [
        {
          nonce: ++nonces,
          body: JSON.stringify({ k: 'message', message: userMessage(id, id), at: 0 }),
        },
      ],
    });
  await say('m1');
  const back = losing.replica(session);
  await say('lost');
  await say('lost too');
  const shown = new Shown();
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: session });
  await vi.waitFor(() => expect(opened).toHaveBeenCalled());
  back();
  await say('other');
  // The feed has read the log since.
  const follower = await server.greet();
  follower.send({ t: 'sub', r: 1, s: session, pos: await topOf(losing) });
  await follower.next('live');
  held.resolve();
  const expected = await losing.shownAt(session);
  let received = 0;
  await vi.waitFor(async () => {
    for (const frame of client.frames.slice(received)) shown.receive(frame);
    received = client.frames.length;
    const said = (await shown.messages()).map((each) => `${each.id}: ${textOf(each)}`);
    expect(said).toEqual(expected);
  });
});

it('HF-SUB-7, F7: a client that knows more than was delivered is reset when that is lost, although nothing comes', async () => {
  const losing = new LosingLog();
  await using server = await startServer({ log: deaf(losing.log), limits: { pollMs: 50 } });
  const say = (id: string, nonce: number) =>
    losing.log.send(session, {
      command: id,
      entries: [
        { nonce, body: JSON.stringify({ k: 'message', message: userMessage(id, id), at: 0 }) },
      ],
    });
  await say('m1', 1);
  const back = losing.replica(session);
  // Its feed stands in front of what is lost; polls are too seldom to tell it.
  const open = losing.log.head.bind(losing.log);
  const before = await open(session);
  losing.log.head = async () => before;
  const follower = await server.greet();
  follower.send({ t: 'sub', r: 1, s: session });
  await follower.next('live');
  await say('lost', 2);
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: session });
  await client.next('live');
  back();
  losing.log.head = open;
  expect(await client.next('reset')).toMatchObject({ why: 'ahead' });
  const shown = new Shown();
  shown.receive(await client.next('snap'));
  expect((await shown.messages()).map(({ id }) => id)).toEqual(['m1']);
});

async function topOf({ log }: LosingLog): Promise<string> {
  const head = await log.head(session);
  return `${head?.epoch}:${head?.top}`;
}

it('HF-POS-6, F7: a worker whose run the log has lost asks no agent, and the repeated send is given its question', async () => {
  const losing = new LosingLog();
  const { given, agent } = recordingAgent();
  const jobs: Job[] = [];
  const dispatch = { add: async (job: Job) => void jobs.push(job) };
  await using route = await startServer({ log: losing.log, agent, dispatch });
  const ask = () => route.send({ id: session, command: 'm2', message: userMessage('m2', 'm2') });
  await route.send({ id: session, command: 'm1', message: userMessage('m1', 'm1') });
  await route.holdfast.work(jobs[0] as Job);
  await ended(losing, 1);
  const back = losing.replica(session);
  await ask();
  // The failover comes between the worker's taking of the run and its look at the session.
  const log = changed(losing.log, {
    renew: async (id, lease) => {
      const outcome = await losing.log.renew(id, lease);
      if (lease.holder !== undefined && given.length === 1) back();
      return outcome;
    },
  });
  await using worker = await startServer({ log, agent, dispatch });
  await worker.holdfast.work(jobs[1] as Job);
  expect(given).toHaveLength(1);
  await ask();
  expect(jobs).toHaveLength(3);
  await route.holdfast.work(jobs[2] as Job);
  await ended(losing, 2);
  expect(given.at(-1)).toEqual(['m1: m1', expect.stringContaining('answer 1'), 'm2: m2']);
});

it.each(['a session that it knows', 'a session that it comes to'])(
  'HF-POS-6, F7: an agent whose question the log has lost is given it, once it is written again: %s',
  async (which) => {
    const losing = new LosingLog();
    const { given, agent } = recordingAgent();
    await using elsewhere = await startServer({ log: losing.log, agent });
    await elsewhere.send({ id: session, command: 'm1', message: userMessage('m1', 'm1') });
    await ended(losing, 1);
    const log = changed(deaf(losing.log), {
      send: async (id, command) => {
        const back = losing.replica(session);
        const outcome = await losing.log.send(id, command);
        if (command.command === 'm2' && outcome.kind === 'accepted' && !isLost) {
          isLost = true;
          back();
        }
        return outcome;
      },
    });
    let isLost = false;
    await using server = await startServer({ log, agent });
    if (which === 'a session that it knows') {
      const follower = await server.greet();
      follower.send({ t: 'sub', r: 1, s: session });
      await follower.next('live');
      // Written by another process, and not delivered.
      const body = JSON.stringify({ k: 'message', message: userMessage('o', 'other'), at: 0 });
      await losing.log.send(session, { command: 'o', entries: [{ nonce: 9, body }] });
    }
    const before = await losing.shownAt(session);
    await server.send({ id: session, command: 'm2', message: userMessage('m2', 'm2') });
    await ended(losing, 2);
    expect(isLost).toBe(true);
    expect(given.at(-1)).toEqual([...before, 'm2: m2']);
    expect(given).toHaveLength(2);
    expect((await losing.shownAt(session)).slice(0, -1)).toEqual([...before, 'm2: m2']);
  },
);
