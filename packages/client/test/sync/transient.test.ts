import { expect, test, vi } from 'vitest';
import { all, openRoom, turn } from '../support/room.ts';
import { text } from '../support/server.ts';
import { bursts } from '../support/sockets.ts';

const note = (data: string) => ({ type: 'data-note' as const, data, transient: true });

/** Two tabs, of which the second one hears all that the next answer begins with in one breath, and what it is given. */
async function twoTabs() {
  const room = await openRoom();
  const asking = room.join();
  const wire = bursts();
  const seen: unknown[] = [];
  const other = room.join({ onData: ({ data }) => seen.push(data) }, { WebSocket: wire.WebSocket });
  await turn(room, asking, 'hi', 'hello');
  await all([asking, other], ['user: hi', 'assistant: hello']);
  const ask = async () => {
    const asked = asking.chat.sendMessage({ text: 'and' });
    return { asked, run: await room.agent.run(1) };
  };
  return { room, asking, other, wire, seen, ask };
}

const lines = ['user: hi', 'assistant: hello', 'user: and', 'assistant: last'];

test('HF-FOLD-3: transient data first of all reaches the tabs that did not ask, in one breath with the start', async () => {
  const { asking, other, wire, seen, ask } = await twoTabs();
  wire.hold('"last"');
  const { asked, run } = await ask();
  run.emit(note('one'), note('two'), ...text('t', 'last'));
  await wire.given();
  await other.until(() => other.text === 'last');
  run.end();
  await asked;
  await all([asking, other], lines);
  expect(seen).toEqual(['one', 'two']);
});

test('HF-FOLD-3: what comes behind it is given once, and in its order', async () => {
  const { asking, other, wire, seen, ask } = await twoTabs();
  wire.hold('"one"');
  const { asked, run } = await ask();
  run.emit({ type: 'start' }, note('one'));
  await wire.given();
  await vi.waitFor(() => expect(seen).toEqual(['one']));
  run.emit(note('two'));
  await vi.waitFor(() => expect(seen).toEqual(['one', 'two']));
  run.emit(note('three'), ...text('t', 'last'));
  run.end();
  await asked;
  await all([asking, other], lines);
  expect(seen).toEqual(['one', 'two', 'three']);
});

test('HF-FOLD-3: a tab that joins later is given none of it', async () => {
  const { room, asking, other, seen, ask } = await twoTabs();
  const { asked, run } = await ask();
  run.emit({ type: 'start' }, note('one'), { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'la' });
  await other.until(() => other.text === 'la');
  const late: unknown[] = [];
  const joined = room.join({ onData: ({ data }) => late.push(data) });
  await joined.until(() => joined.text === 'la');
  run.emit(
    note('two'),
    { type: 'text-delta', id: 't', delta: 'st' },
    { type: 'text-end', id: 't' },
  );
  run.end();
  await asked;
  await all([asking, other, joined], lines);
  expect(seen).toEqual(['one', 'two']);
  expect(late).toEqual(['two']);
});
