import { expect, onTestFinished, test, vi } from 'vitest';
import { observe } from './support/chat.ts';
import { all, answer, openRoom, turn } from './support/room.ts';
import { text } from './support/server.ts';

// What others got wrong first: each of these was a bug of some product that streams answers. Those
// of the server are in its own edge-cases.test.ts, the tenth is in react/sync.test.tsx too.

test('edge case 1: whoever joins at any moment of a stream misses nothing and repeats nothing', async () => {
  const room = await openRoom();
  const first = room.join();
  const sent = first.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  const tabs = [first];
  for (let at = 0; at < 40; at++) {
    run.emit({ type: 'text-delta', id: 't', delta: `${at} ` });
    if (at % 4 === 0) tabs.push(room.join());
    // Lets joins meet the stream in every state: asked, snapshot taken, caught up.
    await new Promise(setImmediate);
  }
  run.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
  run.end();
  await sent;
  const whole = Array.from({ length: 40 }, (_, at) => `${at} `).join('');
  await all(tabs, ['user: hi', `assistant: ${whole}`]);
});

test('edge case 3: a replay goes on where the message is, and never onto the one before', async () => {
  const room = await openRoom();
  const tab = room.join();
  await turn(room, tab, 'first', 'whole');
  const sent = tab.chat.sendMessage({ text: 'second' });
  const run = await room.agent.run(1);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'half ' });
  await tab.until(() => tab.text === 'half ');
  for (const delta of ['a ', 'b ', 'c ']) {
    tab.wire.cut();
    run.emit({ type: 'text-delta', id: 't', delta });
    await tab.until(() => tab.text.endsWith(delta));
  }
  run.emit({ type: 'text-end', id: 't' }, { type: 'finish' });
  run.end();
  await sent;
  const lines = ['user: first', 'assistant: whole', 'user: second', 'assistant: half a b c '];
  await all([tab, room.join()], lines);
});

test('edge case 4: an end that came while offline ends the stream, a first step does not', async () => {
  const room = await openRoom();
  const tab = room.join();
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('t', 'one '));
  run.emit({ type: 'finish-step' }, { type: 'start-step' }, ...text('u', 'two'));
  await tab.until(() => tab.lines.at(-1) === 'assistant: one two');
  expect(tab.chat.status).toBe('streaming');
  const comeBack = tab.goOffline();
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  comeBack();
  await sent;
  expect(tab.chat.status).toBe('ready');
  await all([tab, room.join()], ['user: hi', 'assistant: one two']);
});

test('edge case 5: leaving stops nothing, and a late stop never stops the next run', async () => {
  const room = await openRoom();
  const [tab, leaving] = [room.join(), room.join()];
  void tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, ...text('t', 'one'));
  await leaving.until(() => leaving.text === 'one');
  leaving.sync.stop();
  leaving.transport.close();
  expect(run.context.signal.aborted).toBe(false);
  run.end();
  await all([tab], ['user: hi', 'assistant: one']);
  const target = tab.transport.session(room.id).runs.at(-1)?.run;
  if (target === undefined) throw new Error('the run is not known');
  void tab.chat.sendMessage({ text: 'again' });
  const next = await room.agent.run(1);
  expect(await tab.transport.cancel(room.id, { run: target })).toBe('finished');
  expect(next.context.signal.aborted).toBe(false);
  await answer(room, 1, 'two');
  await all([tab], ['user: hi', 'assistant: one', 'user: again', 'assistant: two']);
});

test('edge case 10: a chat that is made anew in mid-stream is the same chat', async () => {
  const room = await openRoom();
  const tab = room.join();
  void tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
  run.emit({ type: 'text-delta', id: 't', delta: 'one ' });
  await tab.until(() => tab.text === 'one ');
  const again = observe({ id: room.id, transport: tab.transport });
  onTestFinished(() => again.chat.stop());
  void again.chat.resumeStream();
  await again.until(() => again.text === 'one ');
  run.emit({ type: 'text-delta', id: 't', delta: 'two' }, { type: 'text-end', id: 't' });
  run.end();
  await again.until(() => again.chat.status === 'ready');
  await vi.waitFor(() => expect(again.text).toBe('one two'));
  await all([tab], ['user: hi', 'assistant: one two']);
});
