import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createHoldfast, type HoldfastOptions } from '../src/index.ts';
import { toNodeHandler } from '../src/node/index.ts';
import { Reach } from '../src/reach.ts';
import { createConsoleReport } from '../src/report.ts';
import { startOwnServer } from './support/own-server.ts';
import { postJson } from './support/post.ts';
import { userMessage } from './support/server.ts';

let warned: (Error & { code?: string })[] = [];
const hear = (warning: Error): void => void warned.push(warning);
const of = (code: string): string[] =>
  warned.filter((warning) => warning.code === code).map(({ message }) => message);

beforeEach(() => {
  warned = [];
  Reflect.deleteProperty(globalThis, Symbol.for('holdfast.server.told.1'));
  process.on('warning', hear);
});
afterEach(() => {
  process.off('warning', hear);
  vi.unstubAllEnvs();
});

const send = () => ({
  id: `s-${crypto.randomUUID()}`,
  command: crypto.randomUUID(),
  trigger: 'submit-message',
  message: userMessage(crypto.randomUUID(), 'hi'),
});

/** The chat route alone, of sessions in memory that no other test has. */
async function routeOnly(options: HoldfastOptions = {}) {
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: () => ({ id: 'user-1' }),
    ...options,
  });
  const handle = toNodeHandler(holdfast, {
    agent: () => (async function* () {})(),
  });
  const http = createServer((incoming, outgoing) => {
    void handle(incoming, outgoing);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    http.closeAllConnections();
    await holdfast.close({ runsMs: 0 });
    await new Promise((resolve) => http.close(resolve));
  });
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/api/chat`;
  const post = (body: unknown, headers = {}) => postJson(url, body, { ...headers });
  return { holdfast, http, post };
}

describe('a refused origin', () => {
  it('is told of once, with the option that lets it in, whatever door it came to', async () => {
    const server = await startOwnServer();
    const headers = { 'content-type': 'application/json', origin: 'https://app.example' };
    expect((await server.post(send(), { headers })).status).toBe(403);
    expect((await server.post(send(), { headers })).status).toBe(403);
    await expect(server.dial({ headers: { origin: headers.origin } })).rejects.toThrow(/403/);
    await vi.waitFor(() => expect(of('HOLDFAST_ORIGIN')).toHaveLength(1));
    expect(of('HOLDFAST_ORIGIN')[0]).toMatch(/origins: \["https:\/\/app\.example"\]/);
    expect(of('HOLDFAST_ORIGIN')[0]).toContain(new URL(server.origin).host);
  });

  it('is told of for so many that strangers fill no console, and at no length', async () => {
    const { post } = await routeOnly();
    for (let at = 0; at < 20; at++)
      await post(send(), { origin: `https://${'x'.repeat(1_000 + at)}${at}.example` });
    for (let at = 0; at < 20; at++) await post(send(), { origin: `https://${at}.example` });
    await vi.waitFor(() => expect(of('HOLDFAST_ORIGIN').length).toBeGreaterThan(0));
    expect(of('HOLDFAST_ORIGIN')).toHaveLength(8);
    for (const words of of('HOLDFAST_ORIGIN')) expect(words.length).toBeLessThan(1_000);
  });

  it('is not told of one that is let in', async () => {
    const { post } = await routeOnly({ origins: ['https://app.example'] });
    expect((await post(send(), { origin: 'https://app.example' })).status).toBe(200);
    expect(of('HOLDFAST_ORIGIN')).toEqual([]);
  });
});

describe('a missing `authorize`', () => {
  it.each([
    ['production', /every request and every socket is refused/],
    ['development', /others .* nothing/],
  ])('is told of once in %s, with the cure', async (mode, words) => {
    vi.stubEnv('NODE_ENV', mode);
    const { post } = await routeOnly({ authorize: undefined as never });
    const answers = [await post(send()), await post(send())];
    await vi.waitFor(() => expect(of('HOLDFAST_AUTHORIZE')).toHaveLength(1));
    expect(of('HOLDFAST_AUTHORIZE')[0]).toMatch(words);
    expect(of('HOLDFAST_AUTHORIZE')[0]).toMatch(/Give it a function/);
    for (const { status } of answers) expect(status).toBe(mode === 'production' ? 403 : 200);
  });
});

describe('sends that nobody in the process can show', () => {
  it('are told of once, with the cure', async () => {
    const { post } = await routeOnly();
    for (let time = 0; time < 3; time++) expect((await post(send())).status).toBe(200);
    await vi.waitFor(() => expect(of('HOLDFAST_GATEWAY')).toHaveLength(1), { timeout: 20_000 });
    expect(of('HOLDFAST_GATEWAY')[0]).toMatch(/holdfast\.attach\(server\)/);
  });

  const reach = () => {
    let pass = (): void => {};
    const passed = new Promise<void>((resolve) => {
      pass = resolve;
    });
    return { reach: new Reach({ wait: () => passed }), pass };
  };

  it('are none where a gateway is attached, also a moment later', async () => {
    const before = reach();
    before.reach.found();
    await before.reach.sent();
    const behind = reach();
    const sent = behind.reach.sent();
    behind.reach.found();
    behind.pass();
    await sent;
    await new Promise((resolve) => setImmediate(resolve));
    expect(of('HOLDFAST_GATEWAY')).toEqual([]);
  });

  it('are none where their session is followed over HTTP', async () => {
    const found = vi.spyOn(Reach.prototype, 'found');
    onTestFinished(() => found.mockRestore());
    const { holdfast, post } = await routeOnly();
    const { id, ...sent } = send();
    const request = new Request(`http://localhost/api/chat/${id}/events`);
    const response = await holdfast.handle(request, { path: [id, 'events'] });
    expect(found).toHaveBeenCalledOnce();
    expect((await post({ id, ...sent })).status).toBe(200);
    await response.body?.cancel();
  });

  it('are seen by every copy of the same sessions in one process', async () => {
    const prefix = crypto.randomUUID();
    const { post } = await routeOnly({ prefix });
    const { holdfast, http } = await routeOnly({ prefix });
    holdfast.attach(http);
    const sent = vi.spyOn(Reach.prototype, 'sent');
    onTestFinished(() => sent.mockRestore());
    expect((await post(send())).status).toBe(200);
    await Promise.all(sent.mock.results.map(({ value }) => value as Promise<void>));
    expect(sent).toHaveBeenCalledTimes(1);
    expect(of('HOLDFAST_GATEWAY')).toEqual([]);
  });

  it('are no sends of stock clients, which read the response', async () => {
    const sent = vi.spyOn(Reach.prototype, 'sent');
    onTestFinished(() => sent.mockRestore());
    const { post } = await routeOnly();
    const { id, message } = send();
    const answer = await post({ id, messages: [message], trigger: 'submit-message' });
    expect(answer.status).toBe(200);
    await answer.text();
    expect(sent).not.toHaveBeenCalled();
  });
});

describe('faults that no `onError` is told of', () => {
  it('are written to the console once for each kind', () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    const report = createConsoleReport();
    const fail = (words: string, cause?: unknown) => new Error(words, { cause });
    for (let at = 0; at < 5; at++) {
      report(fail(`unable to write run r-${at}0a: it has ended`), { run: `r${at}` });
      report(fail('unable to answer: a fault', new TypeError('one')), {});
      report(fail('unable to answer: a fault', new RangeError('two')), {});
    }
    expect(error.mock.calls.map(([, { message, cause }]) => [message, cause?.name])).toEqual([
      ['unable to write run r-00a: it has ended', undefined],
      ['unable to answer: a fault', 'TypeError'],
      ['unable to answer: a fault', 'RangeError'],
    ]);
  });

  it('are told of each to an `onError`', async () => {
    const errors: unknown[] = [];
    const { post } = await routeOnly({
      authorize: () => Promise.reject(new Error('the database is away')),
      onError: (error) => errors.push(error),
    });
    for (let time = 0; time < 3; time++) expect((await post(send())).status).toBe(500);
    expect(errors).toHaveLength(3);
  });

  it('and by default of the first, for who runs the server', async () => {
    const error = vi.spyOn(console, 'error').mockImplementation(() => {});
    onTestFinished(() => error.mockRestore());
    const { post } = await routeOnly({
      authorize: () => Promise.reject(new Error('the database is away')),
    });
    for (let time = 0; time < 3; time++) expect((await post(send())).status).toBe(500);
    expect(error).toHaveBeenCalledTimes(1);
  });
});
