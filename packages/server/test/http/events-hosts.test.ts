import { createRedisLog } from '@holdfast/log/redis';
import type { ServerFrame } from '@holdfast/protocol';
import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { toRouteHandlers } from '../../src/next/index.ts';
import { EventClient } from '../support/event-client.ts';
import { fakeSocket } from '../support/fake-socket.ts';
import { answer, gatedAgent, saying } from '../support/gated-agent.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';
import { Shown } from '../support/shown.ts';

it('HF-EVT-1: routes are enough: those of Next, without a gateway, whose sockets another host serves', async () => {
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: () => ({ id: 'ann' }),
    origins: ['https://app.example'],
  });
  onTestFinished(() => holdfast.close());
  const { GET } = toRouteHandlers(holdfast, saying('Hello'));
  const ask = (init: RequestInit = {}) =>
    GET(new Request('http://x/api/chat/s1/events', init), {
      params: Promise.resolve({ path: ['s1', 'events'] }),
    });
  const page = await ask({ headers: { host: 'x', origin: 'https://app.example' } });
  expect(page.headers.get('access-control-allow-origin')).toBe('https://app.example');
  const client = new EventClient(page);
  await client.next('live');
  const socket = fakeSocket();
  holdfast.accept(socket, new Request('http://x/holdfast'));
  socket.say({ t: 'hello', v: 1 });
  socket.say({ t: 'sub', r: 1, s: 's1' });
  const send = { id: 's1', command: 'm1', trigger: 'submit-message' };
  const sent = await holdfast.handle(
    new Request('http://x/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...send, message: userMessage('m1', 'Hi') }),
    }),
    { path: [], agent: saying('Hello') },
  );
  expect(sent.status).toBe(200);
  const { i } = await client.entry('run-end');
  await vi.waitFor(() => expect(socket.frames.at(-1)).toMatchObject({ t: 'entry', i }));
  // A host may tell by the request's signal that its client has gone.
  const gone = new AbortController();
  const left = new EventClient(await ask({ signal: gone.signal }));
  await left.next('live');
  expect(holdfast.connections).toBe(3);
  gone.abort();
  expect(await left.ended).toBe('cut');
  expect((await ask({ signal: gone.signal })).status).toBe(503);
  await client.leave();
  expect(holdfast.connections).toBe(1);
});

it('HF-EVT-2: two processes on one Redis give one stream, whichever is asked', async () => {
  const prefix = uniquePrefix();
  const gated = gatedAgent();
  const start = () =>
    startServer({
      agent: gated.agent,
      log: createRedisLog({ redis: inject('redisUrl'), prefix }),
    });
  await using one = await start();
  await using two = await start();
  const shown = new Shown();
  const { run } = await one.send({ id: 's1', message: userMessage('m1', 'Hi') });
  let at = '';
  for (const [turn, chunk] of answer('To be').entries()) {
    gated.emit(chunk);
    const server = turn % 2 === 0 ? one : two;
    const headers: Record<string, string> = at === '' ? {} : { 'last-event-id': at };
    const client = new EventClient(await fetch(`${server.api}/s1/events`, { headers }));
    await client.next('live');
    await client.leave();
    at = client.lastEventId;
    for (const frame of client.frames) shown.receive(frame);
  }
  gated.end();
  const last = new EventClient(await fetch(`${two.api}/s1/events?pos=${at}`));
  if (shown.projection.run(run)?.state === 'running') await last.entry('run-end');
  for (const frame of last.frames) shown.receive(frame);
  expect(shown.text(run)).toBe('To be');
  expect(shown.breaks).toEqual([]);
  expect(shown.modes.slice(1)).toEqual(shown.modes.slice(1).map(() => 'replay'));
  await last.leave();
});

it('HF-EVT-2: a client may change the carrier in mid-answer, to and fro, and the other readers go on', async () => {
  const gated = gatedAgent();
  await using server = await startServer({ agent: gated.agent });
  const url = `${server.api}/s1/events`;
  const other = new EventClient(await fetch(url));
  await other.next('live');
  const shown = new Shown();
  const { run } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
  const say = (delta: string) => gated.emit({ type: 'text-delta', id: 't', delta });
  gated.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const told = (word: string) => (frame: ServerFrame) =>
    frame.t === 'entry' && JSON.stringify(frame.d).includes(word);
  const stream = new EventClient(await fetch(url), (frame) => shown.receive(frame));
  say('one ');
  await stream.until(told('one'));
  const socket = await server.greet();
  socket.send({ t: 'sub', r: 1, s: 's1', pos: stream.lastEventId });
  await socket.next('live');
  await stream.leave();
  say('two ');
  await socket.until(told('two'));
  const at = socket.entries.at(-1)?.i ?? '';
  for (const frame of socket.frames) shown.receive(frame);
  socket.terminate();
  say('three');
  gated.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
  gated.end();
  const pos = `${stream.lastEventId.split(':')[0]}:${at}`;
  const last = new EventClient(await fetch(`${url}?pos=${pos}`), (frame) => shown.receive(frame));
  await last.entry('run-end');
  expect(shown.text(run)).toBe('one two three');
  expect([shown.breaks, shown.modes.slice(1)]).toEqual([[], ['replay', 'replay']]);
  await other.entry('run-end');
  await Promise.all([other.leave(), last.leave()]);
});
