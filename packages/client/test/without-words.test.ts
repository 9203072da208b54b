import { createChatTransport } from '@holdfast/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { manualClock } from './support/clock.ts';
import { startGateway } from './support/gateway.ts';
import { memoryStorage } from './support/storage.ts';

// As behind a deployment that took the file away: what says in words what is wrong cannot be loaded.
vi.mock('../src/faults.ts', () => {
  throw new Error('the file is gone');
});

async function setUp(options: Parameters<typeof createChatTransport>[0] = {}) {
  const gateway = await startGateway();
  const clock = manualClock();
  const transport = createChatTransport({
    api: gateway.api,
    WebSocket,
    carrier: 'socket',
    environment: clock.environment,
    ...options,
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  return { gateway, clock, transport };
}

test('HF-CONN-15 why there is no connection is told in short', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const { clock, transport } = await setUp({ url: 'ws://127.0.0.1:9/holdfast' });
  transport.hold('s1');
  await vi.waitFor(() => {
    clock.advance(4_000);
    expect(warn).toHaveBeenCalled();
  });
  const [[prefix, error]] = warn.mock.calls as [[string, Error]];
  expect(prefix).toBe('holdfast:');
  expect(error.message).toMatch(/^unable to connect: refused;/);
});

test.each([401, 403, 429])(
  'a refusal of the application (%i) loses nothing that is stored',
  async (status) => {
    const storage = memoryStorage();
    const { gateway, transport } = await setUp({ outbox: { storage } });
    const posted = transport.post('s1', 'hi');
    (await gateway.posts.take()).answer(status, { error: 'Not today' });
    await expect(posted).rejects.toMatchObject({
      code: 'forbidden',
      message: `unable to ask the server: ${status}`,
    });
    expect(storage.length).toBe(1);
  },
);

test('what is a fault of a server is repeated', async () => {
  const { gateway, clock, transport } = await setUp();
  const posted = transport.post('s1', 'hi');
  (await gateway.posts.take()).answer(502, 'upset');
  await clock.waiting(1);
  await vi.waitFor(() => {
    clock.advance(1_000);
    expect(gateway.posts.size).toBe(1);
  });
  const again = await gateway.posts.take();
  again.answer(200, { state: 'posted', command: again.body.command, position: 'E1:1-1' });
  expect(await posted).toEqual({ state: 'posted' });
});
