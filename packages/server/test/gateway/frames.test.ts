import { closeCodes } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

it('HF-FRM-2: closes a socket that sends too fast, and hurts no other', async () => {
  await using server = await startServer({
    limits: { framesPerSecond: 1, framesBurst: 10, subscriptions: 2 },
  });
  const attacker = await server.greet();
  const other = await server.greet();
  other.send({ t: 'sub', r: 1, s: 's1' });
  await other.next('live');
  for (let count = 0; count < 20; count++) attacker.send({ t: 'ping' });
  other.send({ t: 'ping' });
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  expect((await attacker.closed).code).toBe(closeCodes.tooMany.code);
  await other.entry('run-end');
  other.send({ t: 'ping' });
  await other.until(() => other.frames.filter(({ t }) => t === 'pong').length === 2);
});

it('HF-FRM-2: acknowledgements of what is new do not count, those of nothing do', async () => {
  const gated = gatedAgent();
  await using server = await startServer({
    agent: gated.agent,
    limits: { framesPerSecond: 1, framesBurst: 10, subscriptions: 2 },
  });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const chunks = answer('A good many letters, each of them an entry.');
  gated.emit(...chunks.slice(0, 2));
  for (const chunk of chunks.slice(2)) {
    gated.emit(chunk);
    const { i } = await client.entry('chunks');
    client.send({ t: 'ack', s: 's1', i });
  }
  client.send({ t: 'ping' });
  await client.next('pong');
  const last = client.entries.at(-1)?.i;
  for (let count = 0; count < 20; count++) client.send({ t: 'ack', s: 's1', i: last });
  expect((await client.closed).code).toBe(closeCodes.tooMany.code);
  gated.end();
});

it('HF-FRM-3: has no frame by which a client writes chunks', async () => {
  await using server = await startServer();
  for (const frame of [
    { t: 'chunks', s: 's1', run: 'r', c: [] },
    { t: 'entry', s: 's1', p: '0-0', i: '1-1', d: { k: 'chunks', run: 'r', attempt: 1, c: [] } },
    { t: 'send', s: 's1', message: userMessage('m', 'x') },
  ]) {
    const client = await server.greet();
    client.send(frame);
    expect((await client.closed).code).toBe(4400);
  }
});

it('HF-FRM-4: stops a run, answers each who asks, and writes one cancel (traces T3 and T4)', async () => {
  let signal: AbortSignal | undefined;
  await using server = await startServer({
    // Deaf to the signal, so that the run is still there when the second tab asks.
    agent: (context) => {
      signal = context.signal;
      return (async function* () {
        yield* answer('Hello').slice(0, 4);
        await new Promise(() => {});
      })();
    },
  });
  const [one, two] = [await server.greet(), await server.greet()];
  one.send({ t: 'sub', r: 1, s: 's1' });
  await one.next('live');
  const { run } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  await one.entry('chunks');
  one.send({ t: 'cancel', r: 2, s: 's1', run });
  two.send({ t: 'cancel', r: 2, s: 's1', run });
  expect((await two.next('res')).ok).toEqual({ state: 'stopping' });
  expect(await one.entry('run-end')).toMatchObject({ d: { run, outcome: 'stopped' } });
  expect(one.frames).toContainEqual({ t: 'res', r: 2, ok: { state: 'stopping' } });
  two.send({ t: 'cancel', r: 3, s: 's1', run });
  expect((await two.next('res')).ok).toEqual({ state: 'finished' });
  expect(signal?.aborted).toBe(true);
  expect(one.entries.filter((entry) => entry.d.k === 'cancel')).toHaveLength(1);
});

it('HF-FRM-5: a cancel that comes before its command stops the run before it starts', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const client = await server.greet();
  client.send({ t: 'cancel', r: 1, s: 's1', command: 'm1' });
  expect(await client.next('res')).toMatchObject({ ok: { state: 'stopping' } });
  const sent = await server.send({ id: 's1', command: 'm1', message: userMessage('m1', 'Hi') });
  expect(sent.state).toBe('stopped');
  const { messages } = await (await fetch(`${server.api}/s1`)).json();
  expect(messages).toEqual([userMessage('m1', 'Hi')]);
  expect(gated.calls).toHaveLength(0);
});

it('HF-FRM-6: asks for every sub and cancel, with one answer for forbidden and missing', async () => {
  const rights = new Set(['mine']);
  await using server = await startServer({
    agent: replying(...answer('x')),
    authorize: ({ action, sessionId }) =>
      action === 'connect' || rights.has(sessionId) ? { id: 'ann' } : null,
  });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 'theirs' });
  const forbidden = await client.next('res');
  expect(forbidden.err?.code).toBe('forbidden');
  client.send({ t: 'sub', r: 2, s: 'missing' });
  expect((await client.next('res')).err).toEqual(forbidden.err);
  client.send({ t: 'cancel', r: 3, s: 'theirs', run: 'r' });
  expect((await client.next('res')).err?.code).toBe('forbidden');
  client.send({ t: 'cancel', r: 4, s: 'mine', run: 'missing' });
  expect((await client.next('res')).err?.code).toBe('forbidden');
  client.send({ t: 'sub', r: 5, s: 'mine' });
  await client.next('live');
  rights.clear();
  // A position is no permission: what was withdrawn during a drop stays withdrawn.
  const later = await server.greet();
  later.send({ t: 'sub', r: 1, s: 'mine', pos: 'E1:0-0' });
  expect((await later.next('res')).err?.code).toBe('forbidden');
});

it('answers a second sub of one session, one too many, and a position that cannot be read', async () => {
  await using server = await startServer({ limits: { subscriptions: 1 } });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1', pos: 'forged' });
  expect((await client.next('res')).err?.code).toBe('bad_request');
  client.send({ t: 'sub', r: 2, s: 's1' });
  await client.next('live');
  client.send({ t: 'sub', r: 3, s: 's1' });
  expect((await client.next('res')).err?.code).toBe('conflict');
  client.send({ t: 'sub', r: 4, s: 's2' });
  expect((await client.next('res')).err?.code).toBe('limit');
  client.send({ t: 'unsub', s: 's1' });
  client.send({ t: 'unsub', s: 'never' });
  client.send({ t: 'sub', r: 5, s: 's2' });
  await client.next('live');
});

it('who has left a session is not told that it was deleted', async () => {
  await using server = await startServer();
  const [stays, leaves] = [await server.greet(), await server.greet()];
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  for (const client of [stays, leaves]) {
    client.send({ t: 'sub', r: 1, s: 's1' });
    await client.next('live');
  }
  leaves.send({ t: 'unsub', s: 's1' });
  leaves.send({ t: 'ping' });
  await leaves.next('pong');
  await server.holdfast.session('s1').delete();
  expect(await stays.next('closed')).toMatchObject({ s: 's1', why: 'deleted' });
  leaves.send({ t: 'ping' });
  const next = await leaves.until(({ t }) => t === 'pong' || t === 'closed');
  expect(next.t).toBe('pong');
});
