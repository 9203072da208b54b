import { type ChatTransportOptions, createChatTransport, type Environment } from '@holdfast/client';
import { syncChat } from '@holdfast/client/sync';
import type { UIMessage } from 'ai';
import fc from 'fast-check';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { observe } from '../support/chat.ts';
import { begin, scripted } from '../support/events-route.ts';
import { behindProxy, type Host, routeOfNext, routeOnly } from '../support/hosts.ts';
import { open as openPage } from '../support/http-page.ts';
import { type Fault, type HttpProxy, httpProxy } from '../support/http-proxy.ts';
import { lineOf, plain } from '../support/room.ts';
import { freshId, text } from '../support/server.ts';

/** Time goes so many times as fast. */
const speed = 3;
const hurried: Partial<Environment> = {
  now: () => performance.now() * speed,
  after: (ms, run) => {
    const timer = setTimeout(run, ms / speed);
    return () => clearTimeout(timer);
  },
};

function open({ api }: Pick<Host, 'api'>, options: ChatTransportOptions = {}, id = freshId()) {
  const transport = createChatTransport<UIMessage>({
    api,
    WebSocket,
    ...options,
    environment: { random: () => 0, ...options.environment },
  });
  const view = observe({ id, transport });
  const sync = syncChat(view.chat, transport);
  onTestFinished(() => {
    sync.stop();
    transport.close();
  });
  return { id, transport, view, sync };
}

async function attached(): Promise<Host> {
  const host = await routeOnly();
  host.holdfast.attach(host.http);
  return host;
}

test.each([
  ['no gateway is attached', 'unreachable', routeOnly],
  ['the server leaves upgrades without an answer', 'silent', routeOfNext],
  ['a proxy passes no upgrades', 'unreachable', async () => behindProxy(await attached())],
])('HF-CAR-1 a chat goes on over HTTP where %s', async (_, why, start) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const host = await start();
  const { id, transport, view } = open(host);
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'ho'));
  await view.until(() => view.text === 'ho');
  expect(transport.connection.getSnapshot()).toBe('online');
  expect(transport.connection).toMatchObject({
    carrier: 'http',
    carrierReason: why,
    trouble: null,
  });
  const other = open(host, {}, id);
  await other.view.until(() => other.view.text === 'ho');
  run.emit({ type: 'finish' });
  run.end();
  await sent;
  expect(view.chat.messages.map(lineOf)).toEqual(['user: hi', 'assistant: ho']);
  expect(warn).not.toHaveBeenCalled();
});

const words = Array.from({ length: 40 }, (_, at) => `${at} `);

/** Has an agent say forty words, and a client behind a proxy follow; each is there once, in order. */
async function everyWord(
  faultOf: (at: number) => Fault,
  between: (at: number, proxy: HttpProxy) => void = () => {},
): Promise<HttpProxy> {
  const host = await routeOnly();
  const proxy = await httpProxy(host.api, faultOf);
  const { transport, view } = open(proxy, { carrier: 'http', environment: hurried });
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  for (const [at, delta] of words.entries()) {
    run.emit({ type: 'text-delta', id: 't', delta });
    if (at % 8 === 0) await view.until(() => view.text.endsWith(delta));
    between(at, proxy);
  }
  run.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
  run.end();
  await sent;
  expect(view.text).toBe(words.join(''));
  expect(view.errors).toEqual([]);
  const { messages } = await transport.snapshot(view.chat.id);
  expect(plain(view.chat.messages)).toEqual(messages);
  return proxy;
}

test.each([
  ['ends each stream behind 1,200 bytes', () => ({ end: 1_200 })],
  [
    'ends each stream behind a few more bytes than the one before',
    (at) => ({ end: 900 + at * 61 }),
  ],
  ['breaks each stream off behind 1,200 bytes', () => ({ cut: 1_200 })],
  [
    'ends some streams at once, and breaks off others',
    (at) => (at % 3 ? { cut: at * 70 } : { end: 0 }),
  ],
] satisfies [string, (at: number) => Fault][])(
  'F1 HF-CAR-4 every word comes once through a proxy that %s',
  async (_, faultOf) => {
    const { streams } = await everyWord(faultOf);
    expect(streams.length).toBeGreaterThan(2);
  },
);

test('F1 HF-CAR-4 every word comes once through a proxy that ends and breaks off streams at random', async () => {
  const fault = fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 3_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(fault, { maxLength: 12 }), async (faults) => {
      await everyWord((at) => {
        const [isClean, bytes = 0] = faults[at] ?? [];
        if (isClean === undefined) return 'pass';
        return isClean ? { end: bytes } : { cut: bytes };
      });
    }),
    { numRuns: 12, seed: 16 },
  );
});

test.each(['end', 'cut'] as const)(
  'F1 HF-CAR-4 every word comes once where functions are cut by age (%s)',
  async (how) => {
    const { streams } = await everyWord(
      () => 'pass',
      (at, proxy) => {
        if (at % 5 === 4) proxy.age(how);
      },
    );
    expect(streams.length).toBeGreaterThan(3);
    // None but the first asks for all.
    expect(streams.slice(1).every((query) => query.has('pos'))).toBe(true);
  },
);

test('F1 HF-CAR-5 every word comes once through a proxy that buffers, and later one that does not', async () => {
  let isBuffering = true;
  const { streams } = await everyWord(
    () => (isBuffering ? 'buffer' : 'pass'),
    (at) => {
      if (at === 20) isBuffering = false;
    },
  );
  const waits = streams.map((query) => query.get('wait'));
  expect(waits.slice(0, 2)).toEqual([null, '0']);
  expect(waits.slice(2)).toContain('20000');
});

test('HF-CAR-5 what holds streams back is not tried again because a chat is idle', async () => {
  // Each answer comes in one piece, and only one for which a wait was asked has an end.
  const host = await scripted((url, response) => {
    if (!url.searchParams.has('wait')) return;
    begin(url, response);
    response.end();
  });
  const page = openPage(host, {
    carrier: 'http',
    environment: {
      now: () => 1,
      after: (ms, run) => {
        const timer = setTimeout(run, ms === 2_000 ? 1 : ms);
        return () => clearTimeout(timer);
      },
    },
  });
  await vi.waitFor(() => expect(page.asked.length).toBeGreaterThan(3));
  const waits = page.asked.map((url) => new URL(url).searchParams.get('wait'));
  expect(waits.slice(0, 4)).toEqual([null, '0', '20000', '20000']);
});

test('HF-CAR-5 a chat goes on where the `fetch` of a host gives no streams', async () => {
  const host = await routeOnly();
  const { view } = open(host, {
    carrier: 'http',
    environment: hurried,
    fetch: async (input, init) =>
      Object.defineProperty(await fetch(input, init), 'body', { value: null }),
  });
  const sent = view.chat.sendMessage({ text: 'hi' });
  const run = await host.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'ho'), { type: 'finish' });
  run.end();
  await sent;
  expect(view.text).toBe('ho');
  expect(view.errors).toEqual([]);
});
