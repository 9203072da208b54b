import { RedisServer } from '@holdfast/testkit/redis-harness';
import { expect, test } from 'vitest';
import { newSessionId } from '../lib/session-id.ts';
import { Deployed } from './support/deployed.ts';
import { freePort, Program } from './support/program.ts';
import { until } from './support/until.ts';

const programs: readonly (readonly [file: string, ready: RegExp])[] = [
  ['worker.ts', /worker is ready/],
  ['gateway.ts', /gateway on/],
  ['server.ts', /demo on/],
];

const start = async (file: string, ready: RegExp, redis: RedisServer): Promise<Program> => {
  const env = { HOST: '127.0.0.1', PORT: String(await freePort()), OPENAI_API_KEY: '' };
  const workers = file === 'gateway.ts' ? '' : '1';
  const program = new Program([file], { ...env, REDIS_URL: redis.url, WORKERS: workers }, ready);
  await program.start();
  return program;
};

test.each(programs)('%s ends when it is told to', async (file, ready) => {
  await using redis = await RedisServer.start();
  await using program = await start(file, ready, redis);
  expect(await program.stop()).toBe(0);
});

test.each(programs)('%s ends when it is told to and its Redis is dead', async (file, ready) => {
  await using redis = await RedisServer.start();
  await using program = await start(file, ready, redis);
  await redis.kill();
  // A worker has noticed, for it listens all the time; the others are told of it when they are used.
  if (file === 'worker.ts')
    await until(() => /ECONNREFUSED|closed|unavailable/i.test(program.output), 'noticed');
  expect(await program.stop()).toBe(0);
});

/** The stream of an answer of 40 words, once it has begun. */
async function asked(origin: string): Promise<ReadableStreamDefaultReader<string>> {
  const response = await fetch(`${origin}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: newSessionId(),
      trigger: 'submit-message',
      messages: [{ id: 'm', role: 'user', parts: [{ type: 'text', text: 'A story of 40 words' }] }],
    }),
  });
  const stream = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  if (!stream) throw new Error(`no answer: ${response.status}`);
  for (;;) {
    const { done, value } = await stream.read();
    if (done) throw new Error(`no answer: ${response.status}`);
    if (value.includes('text-delta')) return stream;
  }
}

async function restOf(stream: ReadableStreamDefaultReader<string>): Promise<string> {
  let text = '';
  for (let read = await stream.read(); !read.done; read = await stream.read()) text += read.value;
  return text;
}

test.each(['server.ts', 'worker.ts'])(
  '%s lets an answer that it writes end before it does',
  async (file) => {
    await using demo = await Deployed.begin({ onWorkers: file === 'worker.ts' });
    const origin = await demo.startServer();
    const worker = file === 'worker.ts' ? await demo.startWorker() : null;
    const stream = await asked(origin);
    const [code, rest] = await Promise.all([(worker ?? demo.server).stop(), restOf(stream)]);
    expect(code).toBe(0);
    expect(rest).toMatch(/"finishReason":"stop"/);
    expect(rest).not.toMatch(/"abort"|"error"/);
  },
);
