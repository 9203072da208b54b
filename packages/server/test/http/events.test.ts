import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { EventClient } from '../support/event-client.ts';
import { answer, gatedAgent, saying } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { Shown } from '../support/shown.ts';

async function follow(
  server: TestServer,
  query = '',
  headers: Record<string, string> = {},
): Promise<EventClient> {
  return new EventClient(await fetch(`${server.api}/s1/events${query}`, { headers }));
}

it('HF-EVT-1: a session is streamed as a socket would be sent it, with a position for each entry', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const client = await follow(server);
  expect(client.response.status).toBe(200);
  expect(Object.fromEntries(client.response.headers)).toMatchObject({
    'content-type': 'text/event-stream',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
  });
  await client.next('live');
  expect(client.frames.map(({ t }) => t)).toEqual(['welcome', 'subbed', 'snap', 'live']);
  expect(client.frames[1]).toMatchObject({ r: 1 });
  expect(client.lastEventId).toBe(':0-0');
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  gated.emit(...answer('Hello'));
  gated.end();
  const end = await client.entry('run-end');
  const epoch = client.lastEventId.split(':')[0];
  expect(client.lastEventId).toBe(`${epoch}:${end.i}`);
  expect(server.holdfast.connections).toBe(1);
  await client.leave();
  await expect.poll(() => server.holdfast.connections).toBe(0);
});

it('HF-EVT-2: Last-Event-ID, or a position, goes on behind it in mid-answer', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const first = await follow(server);
  await first.next('live');
  const shown = new Shown();
  const { run } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  gated.emit({ type: 'text-delta', id: 't', delta: 'Hel' });
  await first.until((frame) => frame.t === 'entry' && JSON.stringify(frame.d).includes('Hel'));
  await first.leave();
  for (const frame of first.frames) shown.receive(frame);
  gated.emit({ type: 'text-delta', id: 't', delta: 'lo' });
  const at = first.lastEventId;
  const second = await follow(server, '?r=7&pos=gone:1-1', { 'last-event-id': at });
  await second.next('live');
  expect(second.frames[1]).toMatchObject({ t: 'subbed', r: 7, mode: 'replay', recovered: true });
  gated.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
  gated.end();
  await second.entry('run-end');
  for (const frame of second.frames) shown.receive(frame);
  expect(shown.breaks).toEqual([]);
  expect(shown.text(run)).toBe('Hello');
  const third = await follow(server, `?pos=${at}`);
  await third.entry('run-end');
  expect(third.entries).toEqual(second.entries);
  await Promise.all([second.leave(), third.leave()]);
});

it.each([
  ['of another session', 'epoch', (_: string, other: string) => other],
  ['of another epoch', 'epoch', (own: string) => `x${own}`],
  ['that the log has not come to', 'ahead', (own: string) => own.replace(/:\d+/, ':999')],
  ['whose entry was another one', 'diverged', (own: string) => own.replace(/\d+$/, '7')],
] as const)(
  'HF-EVT-2, HF-SUB-3: a Last-Event-ID %s is reset, and all there is comes instead',
  async (_, why, forge) => {
    await using server = await startServer({ agent: saying('Hello') });
    const told = async (session: string, headers: Record<string, string> = {}) => {
      const response = await fetch(`${server.api}/${session}/events`, { headers });
      const client = new EventClient(response);
      await client.next('live');
      await client.leave();
      return client;
    };
    for (const id of ['s1', 's2']) {
      await server.send({ id, message: userMessage(`${id}-m`, 'Hi') });
      const states = async () => (await server.holdfast.session(id).state()).runs;
      await expect.poll(states).toMatchObject([{ state: 'finished' }]);
    }
    const [own, other] = [await told('s1'), await told('s2')];
    const forged = forge(own.lastEventId, other.lastEventId);
    const again = await told('s1', { 'last-event-id': forged });
    const [, subbed, reset, ...rest] = again.frames;
    expect(subbed).toMatchObject({ t: 'subbed', s: 's1', mode: 'snapshot', recovered: false });
    expect(reset).toEqual({ t: 'reset', s: 's1', why });
    expect(rest).toEqual(own.frames.slice(2));
    expect(again.lastEventId).toBe(own.lastEventId);
  },
);

it('HF-EVT-3: what is refused before the subscription is answered has a status and words', async () => {
  await using server = await startServer({
    authorize: ({ token, sessionId }) => {
      if (token === undefined) return null;
      return sessionId === 'secret' ? null : { id: token };
    },
  });
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.api}/${path}`, { headers });
    const { error } = (await response.json()) as { error: { code: string } };
    return [response.status, error.code];
  };
  const authorization = 'Bearer ann';
  expect(await ask('s1/events')).toEqual([401, 'unauthorized']);
  expect(await ask('secret/events', { authorization })).toEqual([403, 'forbidden']);
  for (const query of ['r=x', 'r=-1', 'wait=25001', 'wait=', 'presence=away', 'pos=E1-7'])
    expect([query, ...(await ask(`s1/events?${query}`, { authorization }))]).toEqual([
      query,
      400,
      'bad_request',
    ]);
  const lost = { authorization, 'last-event-id': 'forged' };
  expect(await ask('s1/events', lost)).toEqual([400, 'bad_request']);
  expect(await ask('s1/events', { ...lost, origin: 'https://evil.example' })).toEqual([
    403,
    'forbidden',
  ]);
  expect(server.holdfast.connections).toBe(0);
  for (const method of ['HEAD', 'POST', 'DELETE']) {
    const response = await fetch(`${server.api}/s1/events`, { method, headers: { authorization } });
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, OPTIONS']);
  }
});

it('HF-EVT-3: a gateway whose places are taken, and one that closes, answer 503, a participant with too many 429', async () => {
  await using server = await startServer({ limits: { connections: 2, participantConnections: 1 } });
  const one = await follow(server);
  await one.next('live');
  const many = await fetch(`${server.api}/s1/events`);
  expect([many.status, await many.json()]).toMatchObject([429, { error: { code: 'limit' } }]);
  const other = await server.dial();
  const full = await fetch(`${server.api}/s1/events`);
  expect([full.status, full.headers.get('retry-after')]).toEqual([503, '5']);
  other.terminate();
  const closing = server.holdfast.close({ runsMs: 0 });
  expect(await one.ended).toEqual({ t: 'end', code: 1012, why: 'restart' });
  await closing;
  expect((await fetch(`${server.api}/s1/events`)).status).toBe(503);
});

it('HF-EVT-3: whoever has left before the stream begins holds nothing', async () => {
  await using server = await startServer();
  const request = new Request(`${server.api}/s1/events`, { signal: AbortSignal.abort() });
  const { status } = await server.holdfast.handle(request, { path: ['s1', 'events'] });
  expect([status, server.holdfast.connections]).toEqual([503, 0]);
});

it('HF-EVT-4: a reader that takes nothing is sent no more than fits, and hears why it was closed', async () => {
  const gated = gatedAgent();
  const limits = { windowBytes: 200_000, stallMs: 1, lagBytes: 100_000_000 };
  await using server = await startServer({ agent: gated.agent, limits });
  // Without a network, whose buffers take much.
  const request = new Request(`${server.api}/s1/events`);
  const slow = new EventClient(await server.holdfast.handle(request, { path: ['s1', 'events'] }));
  await slow.next('live');
  const { run } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  slow.hold();
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  for (let written = 0; written < 10; written++) {
    gated.emit({ type: 'text-delta', id: 't', delta: 'x'.repeat(60_000) });
    await vi.waitFor(() => expect(gated.pending).toBe(0));
  }
  await vi.waitFor(() => expect(slow.isOver || server.holdfast.connections).toBe(0), 5_000);
  slow.goOn();
  expect(await slow.ended).toEqual({ t: 'end', code: 4410, why: 'slow-consumer' });
  expect(JSON.stringify(slow.entries).length).toBeLessThan(200_000);
  gated.end();
  const shown = new Shown();
  for (const frame of slow.frames) shown.receive(frame);
  const rest = await follow(server, '', { 'last-event-id': slow.lastEventId });
  await rest.next('live');
  for (const frame of rest.frames) shown.receive(frame);
  expect(shown.breaks).toEqual([]);
  expect(shown.text(run)).toHaveLength(600_000);
  await rest.leave();
});

it('HF-EVT-5: a right that ends ends the stream, and so does a token that expires', async () => {
  let expiresInMs: number | undefined;
  await using server = await startServer({
    authorize: () => ({ id: 'ann', ...(expiresInMs === undefined ? {} : { expiresInMs }) }),
  });
  const one = await follow(server);
  await one.next('live');
  await server.holdfast.disconnect({ participant: 'ann', session: 's1' });
  expect(await one.ended).toBe('ended');
  expect(one.frames.at(-1)).toEqual({ t: 'closed', s: 's1', why: 'forbidden' });
  const two = await follow(server);
  await two.next('live');
  await server.holdfast.disconnect({ participant: 'ann' });
  expect(await two.ended).toEqual({ t: 'end', code: 4403, why: 'forbidden' });
  expiresInMs = 1;
  const three = await follow(server);
  expect(await three.ended).toEqual({ t: 'end', code: 4419, why: 'token-expired' });
  expiresInMs = undefined;
  await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const four = await follow(server);
  await four.next('live');
  await fetch(`${server.api}/s1`, { method: 'DELETE' });
  expect(await four.ended).toBe('ended');
  expect(four.frames.at(-1)).toMatchObject({ t: 'closed', why: 'deleted' });
  expect(server.errors).toEqual([]);
});

it('HF-EVT-3: a right that ends before the subscription is answered is told at once', async () => {
  const inner = createMemoryLog();
  const asked = Promise.withResolvers<void>();
  const goOn = Promise.withResolvers<void>();
  const log = changed(inner, {
    open: async (...of) => {
      asked.resolve();
      await goOn.promise;
      return await inner.open(...of);
    },
  });
  await using server = await startServer({ log });
  const following = follow(server);
  await asked.promise;
  await server.holdfast.disconnect({ session: 's1' });
  const client = await following;
  expect(await client.ended).toBe('ended');
  expect(client.frames.map(({ t }) => t)).toEqual(['welcome', 'closed']);
  goOn.resolve();
});

it('HF-EVT-6: a body with wait ends when it has something, or the time is over', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const poll = async (query: string, id = '') => {
    const client = await follow(server, query, id === '' ? {} : { 'last-event-id': id });
    expect(await client.ended).toBe('ended');
    return client;
  };
  const types = ({ frames }: EventClient) => frames.map(({ t }) => t);
  const none = await poll('?wait=0&pos=:0-0');
  expect(types(none)).toEqual(['welcome', 'subbed', 'snap', 'live']);
  // A session that has not begun has nothing new.
  expect(types(await poll('?wait=1', none.lastEventId))).toEqual(types(none));
  const waiting = poll('?wait=25000', none.lastEventId);
  const { run } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const shown = new Shown();
  let last = await waiting;
  for (const frame of last.frames) shown.receive(frame);
  gated.emit(...answer('Hello'));
  gated.end();
  while (shown.projection.run(run)?.state !== 'finished') {
    last = await poll('?wait=25000', last.lastEventId);
    expect(types(last)).toContain('entry');
    for (const frame of last.frames) shown.receive(frame);
  }
  expect(shown.text(run)).toBe('Hello');
  expect(shown.breaks).toEqual([]);
  expect(types(await poll('?wait=1', last.lastEventId))).toEqual(['welcome', 'subbed', 'live']);
  await expect.poll(() => server.holdfast.connections).toBe(0);
});

it.each([
  ['another session’s', (other: string) => other.replace('0-0', '1-1')],
  ['another epoch’s', () => 'gone:1-1'],
  ['a forged one', (_: string, own: string) => own.replace('0-0', '1-1')],
])('HF-EVT-2: a Last-Event-ID that is %s is reset, and a snapshot follows', async (_, forge) => {
  await using server = await startServer({ agent: saying('Hello') });
  const other = await server.send({ id: 's2', message: userMessage('m1', 'Hi') });
  const own = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const at = forge(other.position, own.position);
  const client = await follow(server, '', { 'last-event-id': at });
  await client.next('live');
  expect(client.frames.slice(1, 3)).toMatchObject([
    { t: 'subbed', mode: 'snapshot', recovered: false },
    { t: 'reset' },
  ]);
  expect(client.lastEventId.split(':')[0]).toBe(own.position.split(':')[0]);
  await client.leave();
});

it('HF-EVT-5: a stream that is asked to move on is told, and ended when its process closes', async () => {
  await using server = await startServer();
  const client = await follow(server);
  await client.next('live');
  const closing = server.holdfast.close({ drainMs: 50 });
  expect((await client.next('drain')).spreadMs).toBe(50);
  expect(await client.ended).toEqual({ t: 'end', code: 1012, why: 'restart' });
  await closing;
});
