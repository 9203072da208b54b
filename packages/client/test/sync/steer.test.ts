import { expect, test, vi } from 'vitest';
import { all, answer, openRoom, type Room, type Tab, turn } from '../support/room.ts';

/** Two tabs, and a run of the first that has said something. */
async function working(options: Parameters<Room['join']>[1] = {}) {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join({}, options)];
  const sent = a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  for (const tab of [a, b]) await tab.until(() => tab.text === 'one');
  return { room, a, b, sent, run };
}

const steersOf = (tab: Tab) => tab.sync.getSnapshot().runs.at(-1)?.steers ?? [];
const statesOf = (tab: Tab) => steersOf(tab).map(({ state }) => state);

const told = (tab: Tab, states: readonly string[]) =>
  new Promise<void>((resolve) => {
    const look = () => {
      if (JSON.stringify(statesOf(tab)) !== JSON.stringify(states)) return;
      unsubscribe();
      resolve();
    };
    const unsubscribe = tab.sync.subscribe(look);
    look();
  });

test('a message for a run is seen to wait, and then to be consumed, in every tab', async () => {
  const { a, b, sent, run } = await working();
  const outcome = b.transport.steer(b.chat.id, 'Be brief.');
  for (const tab of [a, b]) await told(tab, ['waiting']);
  const [steer] = steersOf(a);
  expect(steer?.message).toMatchObject({ role: 'user', parts: [{ text: 'Be brief.' }] });
  run.emit({ type: 'data-steering', id: steer?.id ?? '', data: { parts: steer?.message.parts } });
  expect(await outcome).toEqual({ state: 'consumed', run: expect.any(String) });
  for (const tab of [a, b]) await told(tab, ['consumed']);
  run.emit({ type: 'text-end', id: 't' });
  run.end();
  await sent;
  await all([a, b], ['user: hi', 'assistant: one']);
});

test('a message that its run does not get to is told to be unconsumed', async () => {
  const { room, a, b, sent, run } = await working();
  const outcome = b.transport.steer(b.chat.id, { id: 'own', parts: [{ type: 'text', text: 'x' }] });
  await told(a, ['waiting']);
  run.emit({ type: 'text-end', id: 't' });
  run.end();
  expect(await outcome).toMatchObject({ state: 'unconsumed' });
  await sent;
  for (const tab of [a, b]) await told(tab, ['unconsumed']);
  expect(await b.transport.steer(b.chat.id, 'Too late.')).toEqual({ state: 'ended' });
  await turn(room, a, 'next', 'reply');
  // Of a run that is not told of any more the server knows the outcome still.
  expect(
    await b.transport.steer(b.chat.id, { id: 'own', parts: [{ type: 'text', text: 'x' }] }),
  ).toMatchObject({ state: 'unconsumed' });
});

test('a tab without a network learns the outcome when it is back', async () => {
  const { a, b, sent, run } = await working();
  const outcome = b.transport.steer(b.chat.id, 'Be brief.');
  await told(b, ['waiting']);
  await told(a, ['waiting']);
  const back = b.goOffline();
  run.emit({ type: 'text-end', id: 't' });
  run.end();
  await sent;
  back();
  expect(await outcome).toMatchObject({ state: 'unconsumed' });
  await all([a, b], ['user: hi', 'assistant: one']);
});

test('a message whose answer comes when its run is told of no more is told what became of it', async () => {
  let release = (): void => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  const slow: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (String(input).endsWith('/steer')) await released;
    return response;
  };
  const { room, a, b, sent, run } = await working({ fetch: slow });
  const outcome = b.transport.steer(b.chat.id, 'Be brief.');
  for (const tab of [a, b]) await told(tab, ['waiting']);
  run.emit({ type: 'text-end', id: 't' });
  run.end();
  await sent;
  await turn(room, a, 'next', 'reply');
  await all([a, b], ['user: hi', 'assistant: one', 'user: next', 'assistant: reply']);
  release();
  expect(await outcome).toMatchObject({ state: 'unconsumed' });
});

test('closing the transport ends the waiting, and nothing else', async () => {
  const { a, b, run } = await working();
  const outcome = b.transport.steer(b.chat.id, 'Be brief.');
  await told(b, ['waiting']);
  b.transport.close();
  await expect(outcome).rejects.toMatchObject({ name: 'AbortError' });
  const [steer] = steersOf(a);
  run.emit({ type: 'data-steering', id: steer?.id ?? '', data: {} });
  await told(a, ['consumed']);
  run.end();
});

test.each([
  ['in its run', {}],
  ['in the queue', { otherwise: 'queue' }],
] as const)(
  'a message that waits %s is waited for no longer than its session is there',
  async (_, options) => {
    const { room, a, b, run } = await working();
    const steered = b.transport.steer(b.chat.id, text('late'), options);
    const refused = expect(steered).rejects.toMatchObject({ code: 'conflict' });
    await told(b, ['waiting']);
    const deleted = await fetch(`${room.api}/${room.id}`, { method: 'DELETE' });
    expect(deleted.ok).toBe(true);
    await refused;
    await vi.waitFor(() => expect(a.lines).toEqual([]));
    run.end();
  },
);

test('a message that the server does not take is refused', async () => {
  const { b, run } = await working();
  await expect(b.transport.steer(b.chat.id, { parts: [] })).rejects.toMatchObject({
    code: 'bad_request',
  });
  run.end();
});

const text = (id: string) => ({ id, parts: [{ type: 'text' as const, text: id }] });

test('a message that waits when its run does not get to it is consumed, or asked by itself', async () => {
  const { room, a, b, sent, run } = await working();
  const heard = b.transport.steer(b.chat.id, text('heard'), { otherwise: 'queue' });
  await told(a, ['waiting']);
  run.emit({ type: 'data-steering', id: 'heard', data: { parts: [] } });
  expect(await heard).toEqual({ state: 'consumed' });
  const late = b.transport.steer(b.chat.id, text('late'), { otherwise: 'queue' });
  await told(a, ['consumed', 'waiting']);
  expect(a.sync.getSnapshot().queue.map(({ id }) => id)).toEqual(['late']);
  // Whoever sent it is gone before its turn comes.
  b.transport.close();
  await expect(late).rejects.toMatchObject({ name: 'AbortError' });
  run.emit({ type: 'text-end', id: 't' });
  run.end();
  await sent;
  await answer(room, 1, 'two');
  await all([a], ['user: hi', 'assistant: one', 'user: late', 'assistant: two']);
  expect(room.agent.started).toBe(2);
});

test('a message that waits is told to be queued when its run is over, or when there is none', async () => {
  const { room, a, b, sent, run } = await working();
  const late = b.transport.steer(b.chat.id, text('late'), { otherwise: 'queue' });
  await told(a, ['waiting']);
  run.emit({ type: 'text-end', id: 't' });
  run.end();
  expect(await late).toEqual({ state: 'queued' });
  await Promise.all([sent, answer(room, 1, 'two')]);
  await all([a, b], ['user: hi', 'assistant: one', 'user: late', 'assistant: two']);
  const at = b.transport.steer(b.chat.id, text('now'), { otherwise: 'queue' });
  await answer(room, 2, 'three');
  expect(await at).toEqual({ state: 'queued' });
});

test('one who was away learns from the messages what became of it', async () => {
  const { room, a, b, sent, run } = await working();
  const heard = b.transport.steer(b.chat.id, text('heard'), { otherwise: 'queue' });
  await told(a, ['waiting']);
  await told(b, ['waiting']);
  const back = b.goOffline();
  run.emit({ type: 'data-steering', id: 'heard', data: { parts: [] } });
  run.emit({ type: 'text-end', id: 't' });
  run.end();
  await sent;
  await turn(room, a, 'next', 'reply');
  b.transport.session(room.id).startOver();
  back();
  expect(await heard).toEqual({ state: 'consumed' });
});

test('a stop leaves alone what is seen to wait, though the answer to its send is still under way', async () => {
  const room = await openRoom();
  const answered = Promise.withResolvers<void>();
  const slowly: typeof fetch = async (input, init) => {
    const response = await fetch(input, init);
    if (String(init?.body).includes('"late"')) await answered.promise;
    return response;
  };
  const a = room.join({}, { fetch: slowly });
  const sent = a.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one' });
  await a.until(() => a.text === 'one');
  const late = a.transport.steer(a.chat.id, text('late'), { otherwise: 'queue' });
  await told(a, ['waiting']);
  expect(await a.transport.cancel(a.chat.id)).toBe('stopping');
  answered.resolve();
  await answer(room, 1, 'two');
  expect(await late).toEqual({ state: 'queued' });
  await sent;
  await all([a], ['user: hi', 'assistant: one', 'user: late', 'assistant: two']);
});
