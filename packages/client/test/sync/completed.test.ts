import { lastAssistantMessageIsCompleteWithToolCalls } from 'ai';
import { expect, test, vi } from 'vitest';
import { says, setUp, start, tell, user } from '../support/played-chat.ts';

const call = (toolCallId: string) => ({
  type: 'tool-input-available',
  toolCallId,
  toolName: 'ask',
  input: {},
});
const output = (toolCallId: string) => ({
  type: 'tool-output-available',
  toolCallId,
  output: 'yes',
});
const answered = (...calls: readonly string[]) => ({
  k: 'answer',
  messageId: 'M1',
  chunks: calls.map(output),
  at: 0,
});

/** A chat that goes on by itself, in which two calls stand open. */
async function asked() {
  const sendAutomaticallyWhen = lastAssistantMessageIsCompleteWithToolCalls;
  const set = await setUp({}, { sendAutomaticallyWhen });
  const told = await tell(set);
  const calls = [{ type: 'start-step' }, call('c1'), call('c2'), { type: 'finish-step' }];
  told.entry({ k: 'message', message: user('u1'), at: 0 }, start('r1', 'M1'));
  told.entry(says('r1', { type: 'start', messageId: 'M1' }, ...calls, { type: 'finish' }));
  told.entry({ k: 'run-end', run: 'r1', attempt: 1, outcome: 'finished', at: 0 });
  await vi.waitFor(() => {
    expect(set.view.chat.lastMessage?.parts).toHaveLength(3);
    expect(set.view.chat.status).toBe('ready');
  });
  return { ...set, ...told };
}

test('who has answered nothing goes on with what others have completed 2 s later', async () => {
  const { clock, gateway, entry } = await asked();
  entry(answered('c1', 'c2'));
  await vi.waitFor(() => expect(clock.due).toContain(2_000));
  clock.advance(2_000);
  expect((await gateway.posts.take()).body).toMatchObject({ continues: 'M1' });
});

test('who has answered a part of it goes on after 30 ms', async () => {
  const { clock, gateway, entry, view } = await asked();
  await view.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'yes' as never });
  await vi.waitFor(() => expect(clock.due).toContain(30));
  clock.advance(30);
  const post = await gateway.posts.take();
  expect(post.body.answers).toMatchObject([{ toolCallId: 'c1' }]);
  post.answer(200, { answers: [output('c1')] });
  entry(answered('c1'), answered('c2'));
  await vi.waitFor(() => expect(clock.due).toContain(30));
  expect(clock.due).not.toContain(2_000);
  clock.advance(30);
  expect((await gateway.posts.take()).body).toMatchObject({ continues: 'M1' });
});

test('an answer is posted in time however fast entries come meanwhile', async () => {
  const { clock, gateway, entry, view } = await asked();
  await view.chat.addToolOutput({ tool: 'ask', toolCallId: 'c1', output: 'yes' as never });
  await vi.waitFor(() => expect(clock.due).toContain(30));
  clock.advance(20);
  entry({ k: 'message', message: user('u2'), at: 0 });
  await vi.waitFor(() => expect(view.chat.lastMessage?.id).toBe('u2'));
  clock.advance(10);
  expect((await gateway.posts.take()).body.answers).toMatchObject([{ toolCallId: 'c1' }]);
});
