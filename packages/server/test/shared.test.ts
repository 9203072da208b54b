import { expect, it, vi } from 'vitest';
import { createHoldfast } from '../src/index.ts';
import { shareByKey } from '../src/shared.ts';
import { answer, replying } from './support/gated-agent.ts';
import { userMessage } from './support/server.ts';

it('shares a thing by key until its last share is given back', async () => {
  const close = vi.fn(async () => {});
  const make = vi.fn(() => ({}));
  const one = shareByKey('test', make, close);
  const two = shareByKey('test', make, close);
  expect(two.value).toBe(one.value);
  await one.release();
  await one.release();
  expect(close).not.toHaveBeenCalled();
  await two.release();
  expect(close).toHaveBeenCalledTimes(1);
  const three = shareByKey('test', make, close);
  expect(three.value).not.toBe(one.value);
  await three.release();
});

it('copies of Holdfast in one process share the sessions in memory, as hot reload needs', async () => {
  const options = { authorize: () => ({ id: 'ann' }), prefix: 'shared-test' };
  const server = createHoldfast(options);
  const route = createHoldfast(options);
  const post = new Request('http://localhost/api/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id: 's1',
      command: 'm1',
      trigger: 'submit-message',
      message: userMessage('m1', 'Hi'),
    }),
  });
  expect((await route.handle(post, { agent: replying(...answer('Hello')), path: [] })).status).toBe(
    200,
  );
  await route.close();
  const read = new Request('http://localhost/api/chat/s1');
  const snapshot = await server.handle(read, { agent: replying(), path: ['s1'] });
  expect((await snapshot.json()).messages).toHaveLength(2);
  await server.close();
});
