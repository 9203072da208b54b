import { lastAssistantMessageIsCompleteWithToolCalls } from 'ai';
import { expect, test, vi } from 'vitest';
import { all, answer, openRoom, type Room, turn } from '../support/room.ts';
import { text } from '../support/server.ts';

const operator = (room: Room, name = 'ann') => room.join({}, { headers: { 'x-operator': name } });

test('an operator takes over, answers in every tab, and hands back', async () => {
  const room = await openRoom();
  const user = room.join();
  const ann = operator(room);
  await turn(room, user, 'hi', 'hello');
  await all([user, ann], ['user: hi', 'assistant: hello']);
  expect(await ann.transport.handOff(room.id, 'me')).toEqual({ id: 'ann', role: 'operator' });
  for (const tab of [user, ann])
    await vi.waitFor(() => expect(tab.sync.getSnapshot().operator?.id).toBe('ann'));
  await user.chat.sendMessage({ text: 'a human?' });
  expect(user.chat.status).toBe('ready');
  expect(user.chat.error).toBeUndefined();
  await ann.chat.sendMessage({ text: 'Ann here.' });
  const lines = ['user: hi', 'assistant: hello', 'user: a human?', 'assistant: Ann here.'];
  const late = room.join();
  await all([user, ann, late], lines);
  expect(late.sync.getSnapshot().operator?.id).toBe('ann');
  expect(user.chat.lastMessage).not.toHaveProperty('metadata');
  expect(user.sync.getSnapshot().authorOf(user.chat.lastMessage?.id ?? '')).toEqual({
    id: 'ann',
    role: 'operator',
  });
  expect(room.agent.started).toBe(1);
  expect(await ann.transport.handOff(room.id, 'agents')).toBeNull();
  await vi.waitFor(() => expect(user.sync.getSnapshot().operator).toBeNull());
  await turn(room, user, 'thanks', 'welcome');
  await all([user, ann, late], [...lines, 'user: thanks', 'assistant: welcome']);
});

test('a second operator is told who answers, and a user may not take over', async () => {
  const room = await openRoom();
  const [ann, bob, user] = [operator(room), operator(room, 'bob'), room.join()];
  await ann.transport.handOff(room.id, 'me');
  await expect(bob.transport.handOff(room.id, 'me')).rejects.toMatchObject({ code: 'conflict' });
  await expect(user.transport.handOff(room.id, 'me')).rejects.toMatchObject({ code: 'forbidden' });
  await vi.waitFor(() => expect(bob.sync.getSnapshot().operator?.id).toBe('ann'));
});

test('a message for people is in every tab and wakes nobody', async () => {
  const room = await openRoom();
  const [a, b] = [room.join(), room.join()];
  expect(await a.transport.post(room.id, 'between us')).toEqual({ state: 'posted' });
  await all([a, b], ['user: between us']);
  expect(room.agent.started).toBe(0);
  const sent = b.chat.sendMessage({ text: 'and now?' });
  const run = await room.agent.run(0);
  expect(run.context.messages).toHaveLength(2);
  run.end();
  await sent;
});

test('what the queue holds waits for the agents', async () => {
  const room = await openRoom();
  const [user, ann] = [room.join(), operator(room)];
  const sent = user.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  await user.transport.enqueue(room.id, 'later');
  await ann.transport.handOff(room.id, 'me');
  run.end();
  await sent;
  await vi.waitFor(() => expect(ann.sync.getSnapshot().queue).toHaveLength(1));
  await ann.transport.handOff(room.id, 'agents');
  await answer(room, 1, 'here');
  await all([user, ann], ['user: hi', 'user: later', 'assistant: here']);
});

test('a tool is answered while an operator does, and the reply goes on when that is over', async () => {
  const room = await openRoom();
  const auto = { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls };
  const [user, ann] = [room.join(auto), operator(room)];
  const sent = user.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(0);
  run.emit({ type: 'start' }, { type: 'start-step' });
  run.emit({ type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} });
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await sent;
  await ann.transport.handOff(room.id, 'me');
  await vi.waitFor(() => expect(user.sync.getSnapshot().operator?.id).toBe('ann'));
  await user.chat.addToolOutput({ tool: 'ask', toolCallId: 'c', output: 'yes' as never });
  await vi.waitFor(() =>
    expect(ann.chat.lastMessage?.parts.at(-1)).toMatchObject({ output: 'yes' }),
  );
  // It waits for the agents.
  expect(user.chat.status).toBe('submitted');
  expect(user.errors).toEqual([]);
  expect(room.agent.started).toBe(1);
  await ann.transport.handOff(room.id, 'agents');
  const next = await room.agent.run(1);
  next.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', 'after'));
  next.emit({ type: 'finish-step' }, { type: 'finish' });
  next.end();
  await all([user, ann], ['user: hi', 'assistant: after']);
  expect(room.agent.started).toBe(2);
});
