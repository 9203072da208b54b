import { createChatTransport } from '@holdfast/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startGateway } from './support/gateway.ts';
import { memoryStorage } from './support/storage.ts';

const loading = vi.hoisted(() => ({ isAway: true }));

vi.mock('../src/outbox/storage.ts', async (original) => {
  if (loading.isAway) throw new Error('the file is away');
  return await original();
});

async function setUp() {
  const storage = memoryStorage();
  const gateway = await startGateway();
  const errors: unknown[] = [];
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
  return { gateway, errors, storage, transport };
}

const notLoaded = { code: 'unavailable', message: 'unable to keep messages: not loaded' };

test('a storage for which nothing can be loaded is as good as none, and that is told', async () => {
  const { gateway, errors, storage, transport } = await setUp();
  const posted = transport.post('s1', 'hi');
  const { body, answer } = await gateway.posts.take();
  expect(storage.length).toBe(0);
  answer(200, { state: 'posted', command: body.command, position: 'E1:1-1' });
  expect(await posted).toEqual({ state: 'posted' });
  expect(errors[0]).toMatchObject(notLoaded);
});

// The last one: what has been loaded once stays.
test('what an earlier page kept goes out as soon as it can be loaded', async () => {
  const { gateway, errors, storage, transport } = await setUp();
  const send = { id: 's1', command: 'c1', trigger: 'submit-message' };
  const kept = JSON.stringify({ v: 1, at: Date.now(), send });
  storage.setItem(`holdfast ${JSON.stringify([gateway.api, ''])} s1 c1`, kept);
  transport.hold('s1')();
  await vi.waitFor(() => expect(errors).toMatchObject([notLoaded]));
  loading.isAway = false;
  transport.hold('s1')();
  const { body, answer } = await gateway.posts.take();
  expect(body.command).toBe('c1');
  answer(200, { state: 'posted', command: 'c1', position: 'E1:1-1' });
  await vi.waitFor(() => expect(storage.length).toBe(0));
});
