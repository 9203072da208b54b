import type { UIMessage } from 'ai';
import { expect, test } from 'vitest';
import { live, said, snap } from '../support/followed-session.ts';
import { answer, setUp, user } from '../support/http-chat.ts';

const answered: UIMessage = {
  id: 'a1',
  role: 'assistant',
  parts: [
    { type: 'tool-ask', toolCallId: 'c1', state: 'output-available', input: {}, output: 'yes' },
  ],
};

test('answers that were kept for an operator are sent again when that has handed back, and not before', async () => {
  const { gateway, send } = await setUp();
  const stream = send([user, answered]);
  const post = await gateway.posts.take();
  const { command } = post.body;
  post.answer(200, { state: 'posted', command, position: 'E1:2-1' });
  const peer = await gateway.accept();
  await peer.welcome();
  const sub = await peer.expect('sub');
  const subbed = { t: 'subbed', r: sub.r, s: 's1', epoch: 'E1', top: '2-1', mode: 'snapshot' };
  const operator = { id: 'ann', role: 'operator' };
  peer.say({ ...subbed, recovered: true }, { ...snap('2-1'), operator }, live);
  await said(peer);
  expect(gateway.posts.size).toBe(0);
  const d = { k: 'handoff', to: null, at: 0 };
  peer.say({ t: 'entry', s: 's1', p: '2-1', i: '3-1', d });
  const again = await gateway.posts.take();
  expect(again.body).toMatchObject({ command, continues: 'a1' });
  again.answer(200, { ...answer, command, position: 'E1:3-1' });
  await stream;
});
