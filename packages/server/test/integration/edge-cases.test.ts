import { createMemoryLog } from '@holdfast/log';
import { type Chunk, type Entry, encodeFrame, type Message, seqOf } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { startEchoServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { type TestServer, userMessage } from '../support/server.ts';
import { allPages, ended, join, say, textOf } from '../support/talk.ts';

// What others got wrong first: each of these was a bug of some product that streams answers.

it('edge case 2: sequence numbers go on across turns, on every gateway', async () => {
  const log = createMemoryLog();
  const [one, two] = [await startEchoServer({ log }), await startEchoServer({ log })];
  const followers = [await one.greet(), await two.greet()];
  for (const follower of followers) {
    follower.send({ t: 'sub', r: 1, s: 's' });
    await follower.next('live');
  }
  for (const [at, server] of [one, two, one].entries()) await say(server, 's', `m${at}`);
  for (const { entries } of followers) {
    await vi.waitFor(() => expect(entries.filter(({ d }) => d.k === 'run-end')).toHaveLength(3));
    expect(entries.map(({ i }) => seqOf(i))).toEqual(entries.map((_, at) => at + 1));
    expect(entries.slice(1).map(({ p }) => p)).toEqual(entries.slice(0, -1).map(({ i }) => i));
  }
});

it('edge case 6: a stop that comes too late says so, and never reaches the next run', async () => {
  const agent = gatedAgent();
  const server = await startEchoServer({ agent: agent.agent });
  const first = await server.send({ id: 's', message: userMessage('u1', 'one') });
  agent.emit(...answer('first'));
  agent.end();
  await ended(server, 's', first.run);
  const second = await server.send({ id: 's', message: userMessage('u2', 'two') });
  await vi.waitFor(() => expect(agent.calls).toHaveLength(2));
  for (const target of [{ run: first.run }, { command: first.command }]) {
    const response = await postJson(`${server.api}/s/cancel`, target);
    expect(await response.json()).toEqual({ state: 'finished' });
  }
  agent.emit(...answer('second'));
  agent.end();
  await ended(server, 's', second.run);
  expect((await allPages(server, 's')).map(textOf)).toEqual(['one', 'first', 'two', 'second']);
});

it('edge case 7: outputs of parallel tool calls from two devices are both kept, with all around them', async () => {
  const call = (toolCallId: string): Chunk => ({
    type: 'tool-input-available',
    toolCallId,
    toolName: 'ask',
    input: { of: toolCallId },
  });
  const asking = [
    { type: 'start' },
    ...answer('thinking').slice(1, -1),
    call('c1'),
    call('c2'),
    { type: 'finish' },
  ] as Parameters<typeof replying>;
  let turn = 0;
  const agent: Agent = (context) =>
    (turn++ === 0 ? replying(...asking) : replying(...answer(`turn ${turn}`)))(context);
  const log = createMemoryLog();
  const [phone, desktop] = [
    await startEchoServer({ log, agent }),
    await startEchoServer({ log, agent }),
  ];
  const asked = await say(phone, 's', 'ask');
  const { messageId } = asked;
  const give = (server: TestServer, toolCallId: string) =>
    postJson(`${server.api}/s/answer`, {
      messageId,
      answers: [{ type: 'tool-output-available', toolCallId, output: `of ${toolCallId}` }],
    });
  const given = await Promise.all([give(phone, 'c1'), give(desktop, 'c2')]);
  expect(given.map(({ status }) => status)).toEqual([200, 200]);
  const goOn = (server: TestServer) =>
    server.send({ id: 's', command: 'both', continues: messageId, answers: [] });
  const [{ run }, other] = await Promise.all([goOn(phone), goOn(desktop)]);
  expect(other.run).toBe(run);
  await ended(phone, 's', run);
  const reply = (await allPages(desktop, 's')).at(-1) as Message;
  const parts = reply.parts as { toolCallId?: string; input?: unknown; output?: unknown }[];
  expect(parts.filter(({ toolCallId }) => toolCallId)).toMatchObject([
    { toolCallId: 'c1', input: { of: 'c1' }, output: 'of c1' },
    { toolCallId: 'c2', input: { of: 'c2' }, output: 'of c2' },
  ]);
  expect(textOf(reply)).toMatch(/^thinking/);
});

it('edge case 8: a run whose process vanished is ended, keeps its words, and blocks nobody', async () => {
  const log = createMemoryLog();
  const server = await startEchoServer({ log, limits: { pollMs: 20 } });
  const note = (entry: Entry) => ({ nonce: 7, body: JSON.stringify(entry) });
  const base = { run: 'ghost', attempt: 1 };
  await log.send('s', {
    command: 'c1',
    entries: [
      note({ k: 'message', message: userMessage('u1', 'hello'), at: 0 }),
      note({ k: 'run-start', ...base, agent: 'a', messageId: 'a1', command: 'c1', at: 0 }),
    ],
    run: { run: 'ghost', info: '{"messageId":"a1"}', leaseMs: 1, stopped: note({} as Entry) },
  });
  const c = answer('half of it').slice(0, -2) as Chunk[];
  await log.append('s', { ...base, seq: 1, entry: note({ k: 'chunks', ...base, c }) });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.until(
    (frame) =>
      (frame.t === 'entry' && frame.d.k === 'run-end' && frame.d.outcome === 'lost') ||
      (frame.t === 'snap' && frame.runs?.[0]?.state === 'lost'),
  );
  const late = await log.append('s', { ...base, seq: 2, entry: note({ k: 'chunks', ...base, c }) });
  expect(late).toEqual({ kind: 'closed' });
  await say(server, 's', 'next');
  expect((await allPages(server, 's')).map(textOf)).toEqual([
    'hello',
    'half of it',
    'next',
    're: next',
  ]);
});

it('edge case 9: a joining client is sent a page in small frames, however much there is', async () => {
  const log = createMemoryLog();
  const server = await startEchoServer({ log });
  const text = 'x'.repeat(20_000);
  const messages = Array.from({ length: 200 }, (_, at) => userMessage(`u${at}`, text));
  await server.holdfast.session('s').seed(messages as never);
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's' });
  await client.next('live');
  const sizes = client.frames.map((frame) => encodeFrame(frame).length);
  expect(Math.max(...sizes)).toBeLessThan(100_000);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(500_000);
  expect((await join(server, 's')).items).toHaveLength(20);
  client.terminate();
  await vi.waitFor(() => expect(server.holdfast.connections).toBe(0));
});
