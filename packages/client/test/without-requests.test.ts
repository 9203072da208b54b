import { createChatTransport } from '@holdfast/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { manualClock } from './support/clock.ts';
import { startGateway } from './support/gateway.ts';

const loading = vi.hoisted(() => ({ tries: 0, fails: 0 }));

vi.mock('../src/commands/session-requests.ts', async (original) => {
  if (loading.tries++ < loading.fails) throw new Error('the file is away');
  return await original();
});

async function setUp(fails: number) {
  Object.assign(loading, { tries: 0, fails });
  const gateway = await startGateway();
  const clock = manualClock();
  const transport = createChatTransport({
    api: gateway.api,
    WebSocket,
    environment: clock.environment,
  });
  onTestFinished(async () => {
    transport.close();
    await gateway[Symbol.asyncDispose]();
  });
  return { gateway, clock, transport };
}

/** Waits for the pause behind each try, and passes it. */
async function passPauses(clock: ReturnType<typeof manualClock>, tries: number): Promise<void> {
  for (let at = 0; at < tries; at++) {
    await clock.waiting(1);
    clock.advance(10_000);
  }
}

test('what cannot be loaded at all is told as a network that failed, in words', async () => {
  const { gateway, clock, transport } = await setUp(Number.POSITIVE_INFINITY);
  const handedOff = expect(transport.handOff('s1', 'agents')).rejects.toThrow(/^network failed: ./);
  await passPauses(clock, 19);
  await handedOff;
  expect(loading.tries).toBe(20);
  expect(gateway.posts.size).toBe(0);
});

test('messages need nothing that is loaded later', async () => {
  const { gateway, transport } = await setUp(Number.POSITIVE_INFINITY);
  const queued = transport.enqueue('s1', 'hi');
  expect(await transport.withdraw('s1', String((await gateway.posts.take()).body.command))).toBe(
    true,
  );
  expect((await queued).state).toBe('withdrawn');
  expect(loading.tries).toBe(0);
});

test('a transport that is closed meanwhile loads nothing more', async () => {
  const { clock, transport } = await setUp(Number.POSITIVE_INFINITY);
  const handedOff = expect(transport.handOff('s1', 'agents')).rejects.toMatchObject({
    name: 'AbortError',
  });
  await clock.waiting(1);
  transport.close();
  await handedOff;
  expect(loading.tries).toBe(1);
});

// The last one: what has been loaded once stays.
test('what a request needs is loaded again, as the request is asked again', async () => {
  const { gateway, clock, transport } = await setUp(2);
  const handedOff = transport.handOff('s1', 'agents');
  await passPauses(clock, 2);
  (await gateway.posts.take()).answer(200, { operator: null });
  expect(await handedOff).toBeNull();
});
