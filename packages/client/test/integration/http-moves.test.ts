import { expect, onTestFinished, test, vi } from 'vitest';
import { begin, event, scripted } from '../support/events-route.ts';
import { closingWith, routeOfNext, routeOnly } from '../support/hosts.ts';
import { impatient, online, open } from '../support/http-page.ts';
import { lineOf } from '../support/room.ts';
import { text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

/** Timers, and how many of a length wait. */
function countedTimers() {
  const waiting = new Set<{ readonly ms: number }>();
  return {
    waitingFor: (ms: number) => [...waiting].filter((each) => each.ms === ms).length,
    after: (ms: number, run: () => void) => {
      const mark = { ms };
      waiting.add(mark);
      const timer = setTimeout(() => {
        waiting.delete(mark);
        run();
      }, ms);
      return () => {
        waiting.delete(mark);
        clearTimeout(timer);
      };
    },
  };
}

test('HF-CAR-6 a page moves to a socket once a gateway answers over one, in mid-answer, and stays', async () => {
  const host = await routeOnly();
  const page = open(host, { environment: impatient });
  const { view, transport } = page;
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one ' });
  await view.until(() => view.text === 'one ');
  expect(transport.connection).toMatchObject({ carrier: 'http', carrierReason: 'unreachable' });
  host.holdfast.attach(host.http);
  await online(page, 'socket');
  expect(transport.connection.carrierReason).toBeNull();
  run.emit({ type: 'text-delta', id: 't', delta: 'two' }, { type: 'text-end', id: 't' });
  run.emit({ type: 'finish' });
  run.end();
  await sent;
  expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: one two']);
  // A socket has worked: nothing else is asked for again when it is lost.
  const { length } = page.asked;
  page.wire.cut();
  await vi.waitFor(() => expect(page.wire.open).toHaveLength(1));
  await online(page, 'socket');
  expect(page.asked).toHaveLength(length);
});

test('HF-CAR-6 a socket that opens and over which nobody speaks is not taken', async () => {
  const host = await routeOfNext();
  let upgrades = 0;
  host.http.removeAllListeners('upgrade');
  const { WebSocketServer } = await import('ws');
  const mute = new WebSocketServer({ noServer: true });
  host.http.on('upgrade', (request, socket, head) => {
    upgrades++;
    mute.handleUpgrade(request, socket, head, () => {});
  });
  onTestFinished(() => {
    for (const client of mute.clients) client.terminate();
  });
  const page = open(host, { environment: impatient });
  await online(page, 'http');
  expect(page.transport.connection.carrierReason).toBe('silent');
  const { length } = page.asked;
  await vi.waitFor(() => expect(upgrades).toBeGreaterThan(3));
  expect(page.transport.connection).toMatchObject({ carrier: 'http', carrierReason: 'silent' });
  expect(page.asked).toHaveLength(length);
});

test.each([1000, 1002, 1011])(
  'HF-CAR-2 a socket that opens and is closed with %i, not by a gateway, is one that failed',
  async (code) => {
    const page = open(await closingWith(code));
    await online(page, 'http');
    expect(page.transport.connection.carrierReason).toBe('unreachable');
  },
);

test.each([1012, 1013])(
  'HF-CAR-2 a socket that a gateway closes with %i is no reason for HTTP',
  async (code) => {
    const page = open(await closingWith(code));
    await vi.waitFor(() => expect(page.transport.connection.trouble?.attempt).toBeGreaterThan(1));
    expect(page.asked).toEqual([]);
  },
);

test('HF-CAR-2 a socket that a gateway closes for want of a token is no reason for HTTP', async () => {
  const host = await routeOnly({
    authorize: ({ action }) => (action === 'connect' ? null : { id: 'user-1' }),
  });
  host.holdfast.attach(host.http);
  const page = open(host);
  await vi.waitFor(() => expect(page.transport.connection.getSnapshot()).toBe('failed'));
  expect(page.transport.connection.trouble).toMatchObject({ reason: 'unauthorized' });
  expect(page.asked).toEqual([]);
});

test('HF-CAR-2 a page with a socket that works asks for nothing over HTTP, also while its server is away for a while', async () => {
  const host = await routeOnly();
  host.holdfast.attach(host.http);
  let isAway = false;
  const wire = sockets();
  class Cut extends wire.WebSocket {
    constructor(url: string, protocols: string[]) {
      super(isAway ? url.replace(/:\d+/, ':9') : url, protocols);
    }
  }
  const page = open(host, { WebSocket: Cut, environment: { random: () => 0.1 } });
  await online(page, 'socket');
  isAway = true;
  wire.cut();
  await vi.waitFor(() => expect(page.transport.connection.trouble?.attempt).toBeGreaterThan(2));
  isAway = false;
  page.transport.reconnect();
  await online(page, 'socket');
  expect(page.asked).toEqual([]);
});

test('HF-CAR-2 a page whose server is away is moved nowhere', async () => {
  const page = open({ api: 'http://127.0.0.1:9/api/chat' });
  await vi.waitFor(() => expect(page.transport.connection.trouble?.attempt).toBeGreaterThan(2));
  expect(page.transport.connection).toMatchObject({
    carrier: null,
    trouble: { reason: 'refused' },
  });
  // A socket is tried each time.
  expect(page.wire.all.length).toBeGreaterThan(2);
  expect(Math.abs(page.wire.all.length - page.asked.length)).toBeLessThan(2);
});

test('HF-CAR-7 a token that was refused is asked for anew, and each request bears the present one', async () => {
  const seen: string[] = [];
  const host = await routeOnly({
    authorize: ({ token, action }) => {
      seen.push(`${action} ${token}`);
      return token === 'new' ? { id: 'user-1' } : null;
    },
  });
  let token = 'old';
  const page = open(host, {
    carrier: 'http',
    token: () => {
      const now = token;
      if (seen.includes('connect old')) token = 'new';
      return now;
    },
  });
  await online(page, 'http');
  expect(seen).toContain('connect old');
  expect(seen).toContain('read new');
  expect(page.transport.connection.carrierReason).toBe('option');
});

test('HF-CAR-7 what refuses one session ends that one, and no other', async () => {
  const host = await routeOnly({
    authorize: ({ action, sessionId }) =>
      action === 'read' && sessionId === 'not-mine' ? null : { id: 'user-1' },
  });
  const page = open(host, { carrier: 'http' });
  await online(page, 'http');
  const refused = page.transport.reconnectToStream({ chatId: 'not-mine' });
  await expect(refused).rejects.toMatchObject({ code: 'forbidden' });
  const sent = page.view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'ho'), { type: 'finish' });
  run.end();
  await sent;
  expect(page.view.text).toBe('ho');
});

test('HF-CAR-7 an end is the close of a socket with its code', async () => {
  const tokens: string[] = [];
  const poses: (string | null)[] = [];
  const host = await scripted((url, response, at) => {
    poses.push(url.searchParams.get('pos'));
    begin(url, response);
    if (at === 0) response.end(event({ t: 'end', code: 4419, why: 'token expired' }));
    if (at === 1) response.end(event({ t: 'end', code: 4403, why: 'rights ended' }));
  });
  const page = open(host, {
    carrier: 'http',
    token: () => {
      tokens.push('token');
      return 'token';
    },
  });
  await vi.waitFor(() => expect(page.transport.connection.getSnapshot()).toBe('failed'));
  expect(page.transport.connection.trouble).toMatchObject({ reason: 'forbidden' });
  expect(poses).toEqual([null, 'E1:1-1']);
});

test('HF-CAR-7 a page that wakes begins its streams anew, and is online all the while', async () => {
  const host = await scripted((url, response) => begin(url, response));
  const waking = new Set<() => void>();
  const states: string[] = [];
  const { after, waitingFor } = countedTimers();
  const page = open(host, {
    carrier: 'http',
    environment: {
      after,
      page: {
        isOnline: () => true,
        isVisible: () => true,
        listen: ({ wake }) => {
          waking.add(wake);
          return () => waking.delete(wake);
        },
      },
    },
  });
  await online(page, 'http');
  page.transport.connection.subscribe(() => states.push(page.transport.connection.getSnapshot()));
  for (const wake of [...waking]) wake();
  // It is asked whether it lives, and answers.
  expect(waitingFor(2_500)).toBe(1);
  await vi.waitFor(() => expect(page.asked).toHaveLength(2));
  expect(page.asked[1]).toContain('pos=E1%3A1-1');
  await vi.waitFor(() => expect(waitingFor(2_500)).toBe(0));
  expect(states).toEqual([]);
});

test('HF-CAR-4 a snapshot that nobody asked for takes the place of what is known', async () => {
  const host = await scripted((url, response, at) => {
    const s = url.pathname.split('/').at(-2);
    const items = (words: string) => [
      { id: 'm1', message: { id: 'm1', role: 'user', parts: [{ type: 'text', text: words }] } },
    ];
    url.searchParams.delete('pos');
    const { write } = response;
    response.write = ((data: string) =>
      write.call(
        response,
        data.replace('"items":[]', `"items":${JSON.stringify(items(at ? 'new' : 'old'))}`),
        'utf8',
      )) as never;
    begin(url, response);
    if (at === 0) response.end();
    expect(s).toBeTruthy();
  });
  const page = open(host, { carrier: 'http' });
  await vi.waitFor(() => expect(page.view.chat.messages.map(lineOf)).toEqual(['user: new']));
  expect(page.asked).toHaveLength(2);
});

test.each([
  ['a route that does not serve events', 404, { error: { code: 'not_found', message: 'no' } }],
  ['a page in the place of events', 200, '<html>'],
  ['a process that closes', 503, { error: { code: 'unavailable', message: 'closing' } }],
])('HF-CAR-7 the connection is lost, and tried again, behind %s', async (_, status, body) => {
  let isWell = false;
  const host = await scripted((url, response) => {
    if (isWell) return begin(url, response);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  const page = open(host);
  await vi.waitFor(() => expect(page.transport.connection.trouble?.attempt).toBeGreaterThan(1));
  expect(page.transport.connection.trouble?.reason).toBe('refused');
  isWell = true;
  await online(page, 'http');
});

test('HF-CAR-4 streams that never bring all there is count as lost after a few', async () => {
  const host = await scripted((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(event({ t: 'welcome', v: 1, conn: 'c', heartbeatMs: 25_000 }));
  });
  const page = open(host, { carrier: 'http' });
  const { connection } = page.transport;
  let askedBefore = 0;
  connection.subscribe(() => {
    if (connection.trouble) askedBefore ||= page.asked.length;
  });
  await vi.waitFor(() => expect(askedBefore).toBe(7));
});

test('HF-CAR-5 a stream that is idle is given the time of a socket before it counts as held back', async () => {
  const host = await scripted((url, response) => begin(url, response));
  const { after, waitingFor } = countedTimers();
  const page = open(host, { carrier: 'http', environment: { after } });
  await online(page, 'http');
  // The connection leaves it to its streams.
  await vi.waitFor(() => expect(waitingFor(35_000)).toBe(1));
});
