import { expect, test, vi } from 'vitest';
import { askedFor, call, outputs, stateOf } from '../support/asked-tool.ts';
import { refusedTab } from '../support/offline-tab.ts';
import { queued, told, working } from '../support/queued-tabs.ts';
import { openRoom } from '../support/room.ts';

// For the SDK from 7 on: the version before answers the last message of a chat only, which here is one that waits.

test('an answer that is given while a message of the chat waits is posted, since its turn waits for that', async () => {
  const { room, a, b, sent, run, finish } = await working();
  run.emit(call);
  await vi.waitFor(() => expect(stateOf(b)).toBe('input-available'));
  const waiting = b.chat.sendMessage({ text: 'two' }, queued);
  for (const tab of [a, b]) await told(tab, ['two']);
  finish(run);
  await sent;
  // What is still being streamed into the chat would take the answer away again.
  const one = expect.objectContaining({ text: 'one', state: 'done' });
  await vi.waitFor(() => expect(b.chat.messages[1]?.parts).toContainEqual(one));
  const { streams } = b.transport.session(room.id);
  await vi.waitFor(() => expect(streams.size).toBe(0));
  await outputs(b);
  await vi.waitFor(() => expect(stateOf(a)).toBe('output-available'));
  await b.chat.stop();
  await waiting;
});

test('an answer is posted beside a message that was refused', async () => {
  const room = await openRoom();
  const other = room.join();
  await askedFor(room, other, call);
  const { tab } = await refusedTab(room);
  await vi.waitFor(() => expect(tab.lines).toEqual(['user: hi', 'assistant: ', 'user: one']));
  await outputs(tab);
  await vi.waitFor(() => expect(stateOf(other)).toBe('output-available'));
});
