import { expect, test, vi } from 'vitest';
import { textOf } from '../support/chat.ts';
import { gatedFetch } from '../support/gate.ts';
import { offlineTab, pendingOf, say } from '../support/offline-tab.ts';
import { all, answer, openRoom } from '../support/room.ts';

test('messages that are sent offline wait in order, and each becomes one message and one run', async () => {
  const room = await openRoom();
  const { tab, goOnline } = offlineTab(room);
  const sent = ['one', 'two', 'three'].map((text) => say(tab, text));
  await vi.waitFor(() =>
    expect(pendingOf(tab)).toEqual(['one sending', 'two waiting', 'three waiting']),
  );
  expect(tab.lines).toEqual(['user: one', 'user: two', 'user: three']);
  goOnline();
  const runs = await Promise.all([0, 1, 2].map((at) => room.agent.run(at)));
  const asked = runs.map(({ context }) => context.messages.findLast(({ role }) => role === 'user'));
  expect(asked.map(textOf)).toEqual(['one', 'two', 'three']);
  for (const run of runs) run.end();
  await Promise.allSettled(sent);
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual([]));
  await all([tab, room.join()], ['user: one', 'user: two', 'user: three']);
  expect(room.agent.started).toBe(3);
});

test('a message that never left is taken back without a trace', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  const first = say(tab, 'one');
  const second = say(tab, 'two');
  const request = await gate.next();
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one sending', 'two waiting']));
  const [, two] = tab.sync.getSnapshot().pending;
  expect(await tab.transport.withdraw(room.id, two?.command ?? '')).toBe(true);
  await second;
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: one']));
  request.pass();
  await Promise.all([first, answer(room, 0, 'hello')]);
  await all([tab, room.join()], ['user: one', 'assistant: hello']);
  expect(room.agent.started).toBe(1);
  expect(await tab.transport.withdraw(room.id, two?.command ?? '')).toBe(false);
});

test('a message that may have arrived is taken back by a stop', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  const sent = say(tab, 'one');
  const request = await gate.next();
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['one sending']));
  const [one] = tab.sync.getSnapshot().pending;
  expect(await tab.transport.withdraw(room.id, one?.command ?? '')).toBe(true);
  await sent;
  await vi.waitFor(() => expect(tab.lines).toEqual([]));
  await tab.transport.cancel(room.id, { command: one?.command ?? '' });
  // The request was on its way all the time.
  request.pass();
  await all([tab, room.join()], ['user: one']);
  expect(room.agent.started).toBe(0);
});

test('a message whose body is still being made is taken back without a trace', async () => {
  const room = await openRoom();
  let make = (): void => {};
  const made = new Promise<object>((resolve) => {
    make = () => resolve({});
  });
  const posts: unknown[] = [];
  const tab = room.join(
    {},
    {
      body: () => made,
      fetch: (input, init) => {
        if (init?.method === 'POST') posts.push(input);
        return fetch(input, init);
      },
    },
  );
  const message = {
    id: 'm1',
    role: 'user' as const,
    parts: [{ type: 'text' as const, text: 'x' }],
  };
  const sent = tab.chat.sendMessage(message);
  await vi.waitFor(() => expect(tab.transport.session(room.id).acts.size).toBe(1));
  expect(await tab.transport.withdraw(room.id, 'm1')).toBe(true);
  expect(await tab.transport.withdraw(room.id, 'm1')).toBe(false);
  make();
  await sent;
  await vi.waitFor(() => expect(tab.lines).toEqual([]));
  await Promise.all([say(tab, 'next'), answer(room, 0, 'hello')]);
  await all([tab, room.join()], ['user: next', 'assistant: hello']);
  expect(posts).toHaveLength(1);
});

test('a message that was refused leaves, and the next one goes', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const tab = room.join({}, { fetch: gate.fetch });
  const [first, second] = [say(tab, 'one'), say(tab, 'two')];
  (await gate.next()).refuse(413, 'too_large');
  await first;
  const request = await gate.next();
  expect(pendingOf(tab)).toEqual(['two sending']);
  request.pass();
  await Promise.all([second, answer(room, 0, 'hello')]);
  await all([room.join()], ['user: two', 'assistant: hello']);
});

test('a transport that is closed sends nothing more, however much waits', async () => {
  const room = await openRoom();
  const requests: string[] = [];
  const tab = room.join(
    {},
    {
      fetch: (input, init) => {
        if (init?.method === 'POST') requests.push(String(input));
        return new Promise(() => {});
      },
    },
  );
  const sent = ['one', 'two', 'three'].map((text) => tab.transport.enqueue(room.id, text));
  await vi.waitFor(() => expect(requests).toHaveLength(1));
  tab.transport.close();
  const outcomes = await Promise.allSettled(sent);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(requests).toHaveLength(1);
});

test('the same message twice at once is one send', async () => {
  const room = await openRoom();
  const tab = room.join();
  const message = { id: 'm1', parts: [{ type: 'text' as const, text: 'hi' }] };
  const both = await Promise.all([1, 2].map(() => tab.transport.enqueue(room.id, message)));
  expect(both.map(({ command }) => command)).toEqual(['m1', 'm1']);
  await answer(room, 0, 'hello');
  await all([tab], ['user: hi', 'assistant: hello']);
  expect(room.agent.started).toBe(1);
});

test('what is to wait in the queue shows as pending, and not among the messages', async () => {
  const room = await openRoom();
  const { tab, goOnline } = offlineTab(room);
  const queued = tab.transport.enqueue(room.id, 'later');
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['later sending']));
  expect(tab.lines).toEqual([]);
  const taken = tab.transport.enqueue(room.id, 'never');
  await vi.waitFor(() => expect(pendingOf(tab)).toEqual(['later sending', 'never waiting']));
  const command = tab.sync.getSnapshot().pending[1]?.command ?? '';
  await tab.transport.withdraw(room.id, command);
  expect(await taken).toEqual({ state: 'withdrawn', command });
  goOnline();
  await queued;
  await answer(room, 0, 'hello');
  await all([tab], ['user: later', 'assistant: hello']);
});

test('more than 100 that wait are refused', async () => {
  const room = await openRoom();
  const { tab } = offlineTab(room);
  const sent = Array.from({ length: 100 }, (_, at) => tab.transport.enqueue(room.id, `m${at}`));
  await vi.waitFor(() => expect(pendingOf(tab)).toHaveLength(100));
  await expect(tab.transport.enqueue(room.id, 'one more')).rejects.toMatchObject({ code: 'limit' });
  tab.transport.close();
  await Promise.allSettled(sent);
});

test('HF-CLI-3: a message that was left on its way ends with its transport, as who asks next may be another', async () => {
  const room = await openRoom();
  const gate = gatedFetch();
  const posts: string[] = [];
  const counted: typeof fetch = (input, init) => {
    posts.push(String(input));
    return posts.length === 1 ? gate.fetch(input, init) : fetch(input, init);
  };
  const tab = room.join({}, { fetch: counted });
  const sent = say(tab, 'one');
  const request = await gate.next();
  // The component goes, which is no stop.
  tab.sync.stop();
  await tab.chat.stop();
  await sent;
  tab.transport.close();
  request.refuse(503, 'unavailable');
  const other = room.join();
  await Promise.all([say(other, 'two'), answer(room, 0, 'well')]);
  await all([other, room.join()], ['user: two', 'assistant: well']);
  expect(posts).toHaveLength(1);
});
