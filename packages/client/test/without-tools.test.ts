import { expect, test, vi } from 'vitest';
import { answersOf, askedFor, auto, call, goesOn, outputs, stateOf } from './support/asked-tool.ts';
import { manualClock } from './support/clock.ts';
import { all, openRoom } from './support/room.ts';

const loading = vi.hoisted(() => ({ tries: 0, fails: 0 }));

vi.mock('../src/sync/tool-calls.ts', async (original) => {
  if (loading.tries++ < loading.fails) throw new Error('the file is away');
  return await original();
});

async function setUp(fails: number) {
  Object.assign(loading, { tries: 0, fails });
  const room = await openRoom();
  const clock = manualClock();
  const { after, now } = clock.environment;
  const errors: unknown[] = [];
  const tools = { ask: () => 'here' };
  const options = { onError: (error: unknown) => void errors.push(error) };
  const tab = room.join(auto, options, { tools, environment: { after, now } });
  return { room, clock, tab, errors };
}

test('a chat without calls loads nothing for them', async () => {
  const { room, tab } = await setUp(0);
  await askedFor(room, tab);
  expect(loading.tries).toBe(0);
});

test('what cannot be loaded at all is asked for 20 times; the chat itself still answers', async () => {
  const { room, clock, tab, errors } = await setUp(Number.POSITIVE_INFINITY);
  await askedFor(room, tab, call);
  for (let tries = 1; tries < 20; tries++) {
    await vi.waitFor(() => expect(clock.due).toContain(5_000));
    clock.advance(5_000);
  }
  await vi.waitFor(() => expect(errors).toHaveLength(20));
  expect(stateOf(tab)).toBe('input-available');
  await outputs(tab);
  await goesOn(room, 1);
  await all([tab], ['user: hi', 'assistant: after']);
  expect(loading.tries).toBe(20);
});

// The last one: what has been loaded once stays.
test('what calls need is loaded again later, its fault is told, and the call is executed', async () => {
  const { room, clock, tab, errors } = await setUp(2);
  await askedFor(room, tab, call);
  for (const tries of [1, 2]) {
    await vi.waitFor(() => expect(loading.tries).toBe(tries));
    await vi.waitFor(() => expect(clock.due).toContain(5_000));
    clock.advance(5_000);
  }
  await vi.waitFor(() => expect(answersOf(tab)).toEqual(['here']));
  expect(errors.map(String)).toEqual([
    expect.stringMatching(/^TypeError: network failed: ./),
    expect.stringMatching(/^TypeError: network failed: ./),
  ]);
});
