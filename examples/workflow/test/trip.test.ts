import { createHoldfast, type Holdfast } from '@holdfast/server';
import type { UIMessage } from 'ai';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { start } from 'workflow/api';
import { RedisServer } from '../../../packages/testkit/src/redis-harness.ts';
import { planTrip } from '../workflows/trip.ts';

let redis: RedisServer;
let holdfast: Holdfast;

beforeAll(async () => {
  redis = await RedisServer.start();
  process.env.REDIS_URL = redis.url;
  holdfast = createHoldfast({ redis: redis.url, authorize: () => ({ id: 'user' }) });
});
afterAll(async () => {
  await holdfast.close();
  await redis[Symbol.asyncDispose]();
});

const question: UIMessage = {
  id: 'q',
  role: 'user',
  parts: [{ type: 'text', text: 'Plan a trip to the islands' }],
};

/** A chat in which somebody has asked, and the workflow that answers. */
async function asked() {
  const chatId = `c-${crypto.randomUUID()}`;
  const session = holdfast.session(chatId);
  await session.seed([question]);
  const command = `trip ${chatId}`;
  const { returnValue } = await start(planTrip, [{ chatId, command }]);
  const answer = async () => {
    const { messages, authors, runs } = await session.state();
    const [message, ...more] = messages.slice(1);
    expect(more).toEqual([]);
    const texts = message?.parts.map((part) => (part.type === 'text' ? part.text : '')) ?? [];
    return { text: texts.join(''), state: runs.at(-1)?.state, by: authors[message?.id ?? ''] };
  };
  const until = (text: string) =>
    vi.waitFor(async () => expect((await answer()).text).toContain(text), 20_000);
  return { chatId, session, command, returnValue, answer, until };
}

const whole = 'Lisbon to Peniche. The one at ten. ';

it('is one message, live from the first step to the last', async () => {
  const { returnValue, answer, until } = await asked();
  await until('Peniche. ');
  expect(await answer()).toMatchObject({
    state: 'running',
    by: { id: 'trip planner', role: 'agent' },
  });
  expect(await returnValue).toBe('finished');
  expect(await answer()).toMatchObject({ state: 'finished', text: whole });
});

it('is whole when another process was at it, and the engine did a step again', async () => {
  const { session, command, returnValue, answer, until } = await asked();
  await until('Lisbon');
  await session.adopt({ agent: 'trip planner', command }, async () => {});
  expect(await returnValue).toBe('finished');
  expect(await answer()).toMatchObject({ state: 'finished', text: whole });
});

it('ends when somebody presses Stop, while the engine sleeps as well', async () => {
  const { chatId, session, returnValue, answer, until } = await asked();
  await until('Peniche. ');
  const { runs } = await session.state();
  const stop = await holdfast.handle(
    new Request('http://localhost/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ run: runs.at(-1)?.run }),
    }),
    { path: [chatId, 'cancel'] },
  );
  expect(stop.status).toBe(200);
  expect(await returnValue).toBe('stopped');
  expect(await answer()).toMatchObject({ state: 'stopped', text: 'Lisbon to Peniche. ' });
});
