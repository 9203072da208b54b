import { expect, test, vi } from 'vitest';
import { begin, event, scripted } from '../support/events-route.ts';
import { routeOnly } from '../support/hosts.ts';
import { impatient, online, open } from '../support/http-page.ts';
import { lineOf } from '../support/room.ts';
import { text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

test('HF-CAR-9 a page whose socket has worked goes on over HTTP where none opens any more, and moves back', async () => {
  const host = await routeOnly();
  host.holdfast.attach(host.http);
  const wire = sockets();
  let isBlocked = false;
  class Blocked extends wire.WebSocket {
    constructor(url: string, protocols: string[]) {
      super(isBlocked ? url.replace(/:\d+/, ':9') : url, protocols);
    }
  }
  const page = open(host, { WebSocket: Blocked, environment: impatient });
  const { view, transport } = page;
  await online(page, 'socket');
  const troubles: unknown[] = [];
  transport.connection.subscribe(() => troubles.push(transport.connection.trouble?.error));
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'one'));
  await view.until(() => view.text === 'one');
  isBlocked = true;
  wire.cut();
  await online(page, 'http');
  expect(transport.connection.carrierReason).toBe('unreachable');
  // It was not told that there is no connection.
  expect(troubles.filter((error) => error)).toEqual([]);
  run.emit(...text('u', ' two'), { type: 'finish' });
  run.end();
  await sent;
  expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: one two']);
  isBlocked = false;
  await online(page, 'socket');
});

test('HF-CAR-9 a page that wants sockets only asks for nothing else, however long none opens', async () => {
  const host = await routeOnly();
  const page = open(host, { carrier: 'socket' });
  await vi.waitFor(() => expect(page.transport.connection.trouble?.attempt).toBeGreaterThan(9));
  expect(page.asked).toEqual([]);
});

test('HF-CAR-10 a page whose server is ending goes on with the next one, and nothing of that is told', async () => {
  const refused = { code: 'unavailable', message: 'closing', retryMs: 1_500 };
  let drain = (): void => {};
  const host = await scripted((url, response, at) => {
    if (at === 0) drain = () => response.write(event({ t: 'drain', spreadMs: 0 }));
    if (at === 0 || at > 2) return begin(url, response);
    response.writeHead(503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: refused }));
  });
  const pauses: number[] = [];
  const page = open(host, {
    carrier: 'http',
    environment: {
      after: (ms, run) => {
        if (ms === 1_500) pauses.push(ms);
        const timer = setTimeout(run, ms === 1_500 ? 1 : ms);
        return () => clearTimeout(timer);
      },
    },
  });
  await online(page, 'http');
  const troubles: unknown[] = [];
  const { connection } = page.transport;
  connection.subscribe(() => troubles.push(connection.trouble));
  drain();
  await vi.waitFor(() => expect(page.asked).toHaveLength(4));
  await online(page, 'http');
  expect(pauses).toHaveLength(2);
  expect(troubles.filter((trouble) => trouble)).toEqual([]);
});

test('HF-CAR-10 a server that is ending for ever is told of', async () => {
  const refused = { code: 'unavailable', message: 'closing', retryMs: 100 };
  const host = await scripted((_, response) => {
    response.writeHead(503, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: refused }));
  });
  const page = open(host, { carrier: 'http' });
  const { connection } = page.transport;
  let told: unknown;
  connection.subscribe(() => {
    if (connection.trouble) told ??= { ...connection.trouble, asked: page.asked.length };
  });
  await vi.waitFor(() => expect(told).toMatchObject({ reason: 'refused', asked: 7 }));
});

test('HF-CAR-4 a snapshot that was cut in its middle is asked for anew, and not what stands behind it', async () => {
  const frames = { t: 'snap', epoch: 'E1', through: '9-9', runs: [] };
  const said = (id: string) => ({
    id,
    message: { id, role: 'user', parts: [{ type: 'text', text: id }] },
  });
  let cut = (): void => {};
  const host = await scripted((url, response, at) => {
    const s = url.pathname.split('/').at(-2);
    if (at === 0) {
      cut = () => response.destroy();
      return begin(url, response);
    }
    if (url.searchParams.has('pos') && at > 1) return begin(url, response);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(event({ t: 'welcome', v: 1, conn: 'c', heartbeatMs: 25_000 }));
    const r = Number(url.searchParams.get('r'));
    const subbed = { t: 'subbed', r, s, epoch: 'E1', top: '9-9', mode: 'snapshot' };
    response.write(event({ ...subbed, recovered: true }));
    response.write(event({ ...frames, s, items: [said('m1')], more: true }));
    // The first one breaks off behind half of it.
    if (at === 1) return response.end();
    response.write(event({ ...frames, s, items: [said('m2')], more: false }, 'E1:9-9'));
    response.write(event({ t: 'live', s, i: '9-9' }, 'E1:9-9'));
  });
  const page = open(host, { carrier: 'http' });
  await online(page, 'http');
  await vi.waitFor(() => expect(page.asked).toHaveLength(1));
  cut();
  await page.view.until(() => page.view.chat.messages.length === 2);
  expect(page.view.chat.messages.map(lineOf)).toEqual(['user: m1', 'user: m2']);
  expect(page.asked.map((url) => new URL(url).searchParams.get('pos'))).toEqual([
    null,
    'E1:1-1',
    null,
  ]);
});
