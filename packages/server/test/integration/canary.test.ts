import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createOpenAI } from '@ai-sdk/openai';
import { createRedisLog } from '@holdfast/log/redis';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import type {} from '@holdfast/testkit/redis-global-setup';
import { APICallError, convertToModelMessages, streamText } from 'ai';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, inject, it, onTestFinished, vi } from 'vitest';
import type { Agent, Authorize } from '../../src/index.ts';
import { reportToConsole } from '../../src/report.ts';
import { allOf, canaries, captureOutput } from '../support/canaries.ts';
import { uniquePrefix } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

const words = canaries(
  ...(['prompt', 'metadata', 'body', 'header', 'cookie', 'token', 'toolOutput'] as const),
  ...(['apiKey', 'answer', 'password', 'wrongPassword', 'info'] as const),
);

const admin = new Redis(inject('redisUrl'));
const { port } = new URL(inject('redisUrl'));
const user = `canary-${crypto.randomUUID()}`;
const withoutChannels = `${user}-without-channels`;

beforeAll(async () => {
  const rules = ['on', `>${words.password}`, '~*', '+@all'];
  await admin.call('ACL', 'SETUSER', user, ...rules, '&*');
  await admin.call('ACL', 'SETUSER', withoutChannels, ...rules, 'resetchannels');
});
afterAll(async () => {
  await admin.call('ACL', 'DELUSER', user, withoutChannels);
  admin.disconnect();
});

const redisUrl = (to: number | string, name = user, password = words.password): string =>
  `redis://${name}:${password}@127.0.0.1:${to}`;

/** A provider that repeats in its refusal what it was asked, as providers do. */
async function failingProvider(): Promise<string> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const message = `${words.answer}: cannot read ${Buffer.concat(chunks).toString()}`;
    response.writeHead(400, { 'content-type': 'application/json', 'x-answer': words.answer });
    response.end(JSON.stringify({ error: { message, type: 'invalid', param: null, code: null } }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

type Failing = (provider: string) => Agent;

const failings: Readonly<Record<string, Failing>> = {
  'the real provider refuses':
    (baseURL) =>
    async ({ messages, signal }) => {
      const openai = createOpenAI({ baseURL, apiKey: words.apiKey });
      const options = {
        model: openai('gpt-4o'),
        messages: await convertToModelMessages(messages),
        abortSignal: signal,
        maxRetries: 0,
        // Without it the SDK itself tells the console; that is the application's to choose.
        onError: () => {},
      };
      return streamText(options as Parameters<typeof streamText>[0]);
    },
  'an agent throws what a provider answered': () => async () => {
    throw new APICallError({
      message: `${words.answer} ${words.prompt}`,
      url: `https://api.example/?key=${words.apiKey}`,
      requestBodyValues: { prompt: words.prompt },
      responseBody: words.answer,
      statusCode: 400,
    });
  },
  'a stream breaks behind the output of a tool': () =>
    async function* () {
      yield { type: 'start' };
      yield { type: 'tool-input-available', toolCallId: 'c1', toolName: 't', input: {} };
      yield { type: 'tool-output-available', toolCallId: 'c1', output: words.toolOutput };
      yield { type: 'data-words', data: { far: 1n, words: words.toolOutput } };
    } as unknown as Agent,
  'an agent cannot read an answer': () => async () => JSON.parse(`{"a": ${words.answer}`),
};

/** Ann writes; bob may see his own sessions only. */
const authorize: Authorize = ({ request, token, sessionId }) => {
  const name = request.headers.get('x-user') ?? token?.split(' ')[0];
  if (sessionId !== null && !sessionId.startsWith(String(name))) return null;
  return name ? { id: name, info: { secret: name === 'ann' ? words.info : '' } } : null;
};

const annsHeaders = {
  'content-type': 'application/json',
  'x-user': 'ann',
  'x-secret': words.header,
  authorization: `Bearer ${words.token}`,
  cookie: `session=${words.cookie}`,
};

async function setUp(redis: string, agent: Agent) {
  const reports: unknown[] = [];
  const log = createRedisLog({ redis, prefix: uniquePrefix() });
  onTestFinished(() => log.close());
  const server = await startOwnServer({
    ...{ log, agent, authorize, limits: { pollMs: 50 } },
    onError: (error, where) => {
      reports.push([error, where]);
      reportToConsole(error, where);
    },
  });
  const send = (session: string, command: string) =>
    server.post(
      JSON.stringify({
        ...{ id: session, command, trigger: 'submit-message' },
        ...{ metadata: { secret: words.metadata }, body: { secret: words.body } },
        message: userMessage(command, `${words.prompt} ${command}`),
      }),
      { headers: annsHeaders },
    );
  return { server, reports, send };
}

/** What is shown of none of these words. */
function expectNone(what: string, texts: readonly string[], allowed: readonly string[] = []): void {
  const text = texts.join('\n');
  for (const [name, word] of Object.entries(words))
    if (!allowed.includes(word)) expect(text.includes(word), `${name} in ${what}`).toBe(false);
  expect(text, what).not.toMatch(/Redis at|127\.0\.0\.1:|localhost/);
}

it.each(Object.keys(failings))(
  'S13: nothing that was said, and no secret, is in outputs, reports, or what others are told, when %s',
  async (name) => {
    const told = captureOutput();
    const agent = failings[name]?.(await failingProvider()) as Agent;
    const { server, reports, send } = await setUp(redisUrl(port), agent);
    const bob = await server.greet('bob');
    bob.send({ t: 'sub', r: 1, s: 'bob-1' });
    await bob.next('live');
    bob.send({ t: 'sub', r: 2, s: 'ann-1' });
    const ann = await server.greet(`ann ${words.token}`);
    ann.send({ t: 'sub', r: 1, s: 'ann-1' });
    await ann.next('live');
    expect((await send('ann-1', 'c1')).ok).toBe(true);
    await vi.waitFor(() => expect(JSON.stringify(ann.frames)).toContain('"run-end"'));
    await vi.waitFor(() => expect(reports).not.toEqual([]));
    const others = await Promise.all(
      ['', '/ann-1', '/bob-1', '/ann-1/stream'].map(async (path) => {
        const response = await fetch(`${server.api}${path}`, { headers: { 'x-user': 'bob' } });
        return `${allOf([...response.headers])} ${await response.text()}`;
      }),
    );
    expectNone('what bob is told', [...others, JSON.stringify(bob.frames)]);
    expectNone('the outputs', told);
    expectNone('the reports', reports.map(allOf));
    // What ann reads of the failure has nothing of the provider.
    expectNone(
      'what ann is told of it',
      [JSON.stringify(ann.frames)],
      [...[words.prompt, words.toolOutput, words.info]],
    );
    expect(told.join('\n')).toContain('holdfast (session ann-1');
  },
);

it.each([
  ['is cut off', () => redisUrl(port), true],
  ['refuses the password', () => redisUrl(port, user, words.wrongPassword), false],
  ['gives too few rights', () => redisUrl(port, withoutChannels), false],
  ['is not there', () => redisUrl(1), false],
] as const)(
  'S13, HF-ERR-2: nobody is told where Redis is, or a secret, when it %s',
  async (_, url, isCut) => {
    const told = captureOutput();
    const proxy = await FaultProxy.start({ port: Number(port) });
    onTestFinished(() => proxy[Symbol.asyncDispose]());
    const redis = isCut ? redisUrl(proxy.port) : url();
    const agent: Agent = () => (async function* () {})();
    const { server, reports, send } = await setUp(redis, agent);
    if (isCut) await server.holdfast.ready();
    if (isCut) await proxy.refuse();
    const ann = await server.greet(`ann ${words.token}`);
    ann.send({ t: 'sub', r: 1, s: 'ann-1' });
    const sent = await send('ann-1', 'c1');
    expect([500, 503]).toContain(sent.status);
    const read = await fetch(`${server.api}/ann-1`, { headers: annsHeaders });
    expect([500, 503]).toContain(read.status);
    await vi.waitFor(() => expect(JSON.stringify(ann.frames)).toContain('"err"'), {
      timeout: 20_000,
    });
    const bodies = [await sent.text(), await read.text(), JSON.stringify(ann.frames)];
    expectNone('what clients are told', bodies);
    expect(bodies[0]).toMatch(/unable to do this.*try again/);
    // Whoever runs the server is told where, and not by which password.
    const all = [...told, ...reports.map(allOf)].join('\n');
    for (const [name, word] of Object.entries(words)) expect(all, name).not.toContain(word);
    expect(all).toContain('Redis at 127.0.0.1:');
  },
  60_000,
);
