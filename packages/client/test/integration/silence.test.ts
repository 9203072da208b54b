import { type ChatTransportOptions, createChatTransport, type Environment } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import type { UIMessage } from 'ai';
import { expect, type MockInstance, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { observe } from '../support/chat.ts';
import { manualClock } from '../support/clock.ts';
import { behindProxy, type Host, routeOfNext, routeOnly } from '../support/hosts.ts';
import { lineOf } from '../support/room.ts';
import { freshId, text } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

/** Time goes so many times as fast: no faster, lest a busy machine look like a server that does not answer. */
const speed = 3;
const hurried: Partial<Environment> = {
  now: () => performance.now() * speed,
  random: () => 0.5,
  after: (ms, run) => {
    const timer = setTimeout(run, ms / speed);
    return () => clearTimeout(timer);
  },
};

/** The page of another site, as far as its socket says. */
class Foreign extends WebSocket {
  constructor(url: string, protocols: string[]) {
    super(url, protocols, { origin: 'https://elsewhere.example' });
  }
}

async function attached(): Promise<Host> {
  const host = await routeOnly();
  host.holdfast.attach(host.http);
  return host;
}

function muted(): MockInstance<typeof console.warn> {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  return warn;
}

function open({ api }: Host, options: ChatTransportOptions = {}) {
  const id = freshId();
  const transport = createChatTransport<UIMessage>({
    api,
    WebSocket,
    carrier: 'socket',
    environment: hurried,
    ...options,
  });
  onTestFinished(() => transport.close());
  return { id, transport, view: observe({ id, transport }) };
}

async function answered(host: Host, at = 0) {
  const run = await host.agent.run(at);
  run.emit({ type: 'start' }, ...text('t', 'ho'), { type: 'finish' });
  run.end();
  return run;
}

const mistakes: readonly (readonly [string, string, () => Promise<Host>, ChatTransportOptions])[] =
  [
    ['no gateway is attached', 'refused', routeOnly, {}],
    ['the server leaves upgrades without an answer', 'unanswered', routeOfNext, {}],
    ['a proxy passes no upgrades', 'refused', async () => behindProxy(await attached()), {}],
    ['the origin is refused', 'refused', attached, { WebSocket: Foreign }],
    ['nobody is at the address', 'refused', attached, { url: 'ws://127.0.0.1:9/holdfast' }],
  ];

test.each(mistakes)(
  'HF-CONN-15 HF-CONN-16 it is said in seconds that %s',
  async (_, reason, start, options) => {
    const warn = muted();
    const host = await start();
    const { id, transport, view } = open(host, options);
    const sync = syncChat(view.chat, transport);
    onTestFinished(() => sync.stop());
    const sent = view.chat.sendMessage({ text: 'hi' });
    const run = await host.agent.run(0);
    await sent;
    expect(view.chat.status).toBe('error');
    expect(view.errors).toHaveLength(1);
    expect(view.errors[0]?.message).toMatch(new RegExp(`unable to connect: ${reason}; .* reload`));
    expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: true, isError: true }]);
    expect(transport.connection.trouble).toMatchObject({ reason, error: { code: 'unavailable' } });
    await vi.waitFor(() => expect(warn).toHaveBeenCalled());
    const [words] = warn.mock.calls[0] as string[];
    for (const part of [
      /ws:\/\/127.0.0.1:\d+\/holdfast/,
      /holdfast\.attach/,
      /proxy/,
      /origins/,
      /docs\/troubleshooting\.md/,
    ])
      expect(words).toMatch(part);
    // Nothing was stopped, and what was sent is there after a reload.
    expect(run.context.signal.aborted).toBe(false);
    await answered(host);
    await vi.waitFor(async () => {
      const { messages } = await transport.snapshot(id);
      expect(messages.map(lineOf)).toEqual(['user: hi', 'assistant: ho']);
    });
    const { attempt } = transport.connection.trouble ?? { attempt: 0 };
    await vi.waitFor(() => expect(transport.connection.trouble?.attempt).toBeGreaterThan(attempt), {
      timeout: 20_000,
    });
    expect(warn).toHaveBeenCalledTimes(1);
  },
);

test.each([
  ['refuses', routeOnly],
  ['leaves unanswered', routeOfNext],
])(
  'HF-CONN-16 the answer shows up once a gateway is there where a server %s sockets',
  async (_, start) => {
    muted();
    const host = await start();
    const { transport, view } = open(host);
    const sync = syncChat(view.chat, transport);
    onTestFinished(() => sync.stop());
    const sent = view.chat.sendMessage({ text: 'hi' });
    await host.agent.run(0);
    await sent;
    expect(view.chat.status).toBe('error');
    host.holdfast.attach(host.http);
    await answered(host);
    await vi.waitFor(
      () => {
        expect(transport.connection.getSnapshot()).toBe('online');
        expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: ho']);
      },
      { timeout: 20_000 },
    );
    expect(transport.connection.trouble).toBeNull();
    // What comes next streams as ever.
    const next = view.chat.sendMessage({ text: 'more' });
    await answered(host, 1);
    await next;
    expect(view.chat.status).toBe('ready');
  },
);

test('HF-CONN-16 what is sent before the next try is not told of the one that failed', async () => {
  muted();
  const host = await routeOnly();
  const { view } = open(host, { environment: { ...hurried, random: () => 0.99 } });
  const sent = view.chat.sendMessage({ text: 'hi' });
  await answered(host);
  await sent;
  expect(view.chat.status).toBe('error');
  host.holdfast.attach(host.http);
  const next = view.chat.sendMessage({ text: 'more' });
  await answered(host, 1);
  await next;
  expect(view.errors).toHaveLength(1);
  expect(view.chat.status).toBe('ready');
});

test('HF-CONN-16 a send that was answered is told as well where no token for a socket can be had', async () => {
  muted();
  const host = await attached();
  const { transport, view } = open(host, {
    // Of requests these say who it is.
    headers: { authorization: 'Bearer key' },
    token: () => Promise.reject(new Error('no key')),
  });
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  await sent;
  expect(view.chat.status).toBe('error');
  expect(view.errors).toHaveLength(1);
  expect(view.errors[0]?.message).toMatch(/unable to connect: token; .* reload/);
  expect(transport.connection.trouble).toMatchObject({ reason: 'token' });
  expect(run.context.signal.aborted).toBe(false);
});

test('HF-CONN-16 a stream that is resumed once a socket is there brings the whole answer', async () => {
  muted();
  const host = await routeOnly();
  const { transport, view } = open(host);
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'ho'));
  await sent;
  expect(view.chat.status).toBe('error');
  host.holdfast.attach(host.http);
  transport.reconnect();
  const resumed = view.chat.resumeStream();
  await view.until(() => view.text === 'ho');
  run.emit({ type: 'finish' });
  run.end();
  await resumed;
  expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: ho']);
});

test('HF-CONN-16 a send that waits for its turn is told as well, and stays in the queue', async () => {
  muted();
  const host = await routeOnly({ whileBusy: 'queue' });
  const { id, transport, view } = open(host);
  const posted = open(host, { environment: { random: () => 0 } });
  const first = posted.transport.enqueue(id, 'first');
  await host.agent.run(0);
  await first;
  await view.chat.sendMessage({ text: 'second' });
  expect(view.chat.status).toBe('error');
  expect(view.errors).toMatchObject([{ code: 'unavailable' }]);
  const { queue } = (await transport.snapshot(id)) as unknown as { queue: readonly unknown[] };
  expect(queue).toHaveLength(1);
});

test('HF-CONN-16 a gateway that was there and is away for a while ends no stream', async () => {
  const warn = muted();
  const host = await attached();
  let isAway = false;
  const wire = sockets();
  class Cut extends wire.WebSocket {
    constructor(url: string, protocols: string[]) {
      super(isAway ? url.replace(/:\d+/, ':9') : url, protocols);
    }
  }
  const { transport, view } = open(host, { WebSocket: Cut, environment: { random: () => 0.2 } });
  const sync = syncChat(view.chat, transport);
  onTestFinished(() => sync.stop());
  await vi.waitFor(() => expect(transport.connection.getSnapshot()).toBe('online'));
  isAway = true;
  wire.cut();
  const sent = view.chat.sendMessage({ text: 'hi' });
  await answered(host);
  await vi.waitFor(() => expect(transport.connection.trouble?.attempt).toBeGreaterThan(4), {
    timeout: 20_000,
  });
  expect(transport.connection.trouble).toEqual({ reason: 'refused', attempt: 5, error: undefined });
  expect(view.chat.status).toBe('submitted');
  isAway = false;
  transport.reconnect();
  await sent;
  expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: ho']);
  expect(warn).not.toHaveBeenCalled();
});

test('HF-CONN-16 a network that is only slow is no mistake', async () => {
  const warn = muted();
  const host = await routeOnly();
  const held: unknown[][] = [];
  host.http.on('upgrade', (...upgrade) => held.push(upgrade));
  const clock = manualClock();
  const { transport, view } = open(host, { environment: clock.environment });
  const sent = view.chat.sendMessage({ text: 'hi' });
  await answered(host);
  await vi.waitFor(() => expect(held).toHaveLength(1));
  clock.advance(7_900);
  expect(transport.connection.trouble).toBeNull();
  expect(view.chat.status).toBe('submitted');
  host.http.removeAllListeners('upgrade');
  host.holdfast.attach(host.http);
  host.http.emit('upgrade', ...(held[0] ?? []));
  await sent;
  expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: ho']);
  expect(warn).not.toHaveBeenCalled();
});

test('HF-CONN-15 a refused token is named as what it is', async () => {
  const warn = muted();
  const host = await routeOnly({
    authorize: ({ action }) => (action === 'connect' ? null : { id: 'user-1' }),
  });
  host.holdfast.attach(host.http);
  const { transport, view } = open(host);
  const sent = view.chat.sendMessage({ text: 'hi' });
  await answered(host);
  await sent;
  expect(transport.connection.getSnapshot()).toBe('failed');
  expect(transport.connection.trouble).toMatchObject({ reason: 'unauthorized' });
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(1));
  expect(warn.mock.calls[0]?.[0]).toMatch(/action `connect`/);
});

test('HF-HTTP-4 one function of the server is given the token over both carriers', async () => {
  const asked: string[] = [];
  const host = await routeOnly({
    authorize: ({ action, token }) => {
      asked.push(`${action} ${token}`);
      return token === 'of-user-1' ? { id: 'user-1' } : null;
    },
  });
  host.holdfast.attach(host.http);
  const { id, transport, view } = open(host, { token: async () => 'of-user-1' });
  const sent = view.chat.sendMessage({ text: 'hi' });
  await answered(host);
  await sent;
  expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: ho']);
  await transport.snapshot(id);
  for (const action of ['connect', 'send', 'read']) expect(asked).toContain(`${action} of-user-1`);
  expect(asked.every((each) => each.endsWith(' of-user-1'))).toBe(true);
});
