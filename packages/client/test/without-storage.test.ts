import { createChatTransport } from '@holdfast/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway } from './support/gateway.ts';
import { memoryStorage } from './support/storage.ts';

vi.mock('../src/outbox/storage.ts', () => {
  throw new Error('the file is away');
});

test('a storage for which nothing can be loaded is as good as none, and that is told', async () => {
  const gateway = await startGateway();
  const errors: unknown[] = [];
  const storage = memoryStorage();
  const transport = createChatTransport({
    api: gateway.api,
    WebSocket,
    outbox: { storage },
    onError: (error) => errors.push(error),
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  const posted = transport.post('s1', 'hi');
  const { body, answer } = await gateway.posts.take();
  expect(storage.length).toBe(0);
  answer(200, { state: 'posted', command: body.command, position: 'E1:1-1' });
  expect(await posted).toEqual({ state: 'posted' });
  expect(errors[0]).toMatchObject({
    code: 'unavailable',
    message: 'unable to keep messages: not loaded',
  });
});
