import { expect } from 'vitest';
import { type ObservedChat, observe } from './chat.ts';
import type { Peer } from './gateway.ts';
import type { WireChat } from './wire.ts';

/** A chat of it that is in the middle of an answer. */
export interface StreamingChat extends WireChat {
  readonly view: ObservedChat;
  readonly done: Promise<void>;
  readonly peer: Peer;
}

export const start = { k: 'run-start', run: 'r1', attempt: 1, agent: 'a', messageId: 'M1', at: 0 };
export const chunks = (...c: readonly unknown[]): Record<string, unknown> => ({
  k: 'chunks',
  run: 'r1',
  attempt: 1,
  c,
});
export const delta = (words: string): Record<string, unknown> => ({
  type: 'text-delta',
  id: 't',
  delta: words,
});
export const opening = [
  { type: 'start', messageId: 'M1' },
  { type: 'text-start', id: 't' },
] as const;
export const end = { k: 'run-end', run: 'r1', attempt: 1, outcome: 'finished', at: 0 };
export const entry = (p: string, i: string, d: unknown): Record<string, unknown> => ({
  t: 'entry',
  s: 's1',
  p,
  i,
  d,
});

/** A chat that is being told `words` by run r1, up to entry 3-160. */
export async function streaming(set: WireChat, words = 'one '): Promise<StreamingChat> {
  const { gateway, transport } = set;
  const view = observe({ id: 's1', transport });
  const done = view.chat.sendMessage({ text: 'hi' });
  const post = await gateway.posts.take();
  const { command } = post.body;
  const peer = await gateway.accept();
  await peer.welcome();
  post.answer(200, { run: 'r1', messageId: 'M1', command, position: 'E1:0-0', state: 'running' });
  const sub = await peer.expect('sub');
  expect(sub).toMatchObject({ s: 's1', pos: 'E1:0-0' });
  const subbed = { t: 'subbed', r: sub.r, s: 's1', epoch: 'E1', top: '3-160', mode: 'replay' };
  peer.say({ ...subbed, recovered: true });
  peer.say(
    entry('0-0', '1-95', { k: 'message', message: view.chat.messages[0], at: 0 }),
    entry('1-95', '2-7', { ...start, command }),
    entry('2-7', '3-160', chunks(...opening, delta(words))),
    { t: 'live', s: 's1', i: '3-160' },
  );
  await view.until(() => view.text === words);
  return { ...set, view, done, peer };
}

export async function resumed(
  peer: Peer,
  pos: string | undefined,
): Promise<{
  t: string;
  r: number;
  s: string;
  epoch: string;
  top: string;
  recovered: boolean;
}> {
  await peer.welcome();
  const sub = await peer.expect('sub');
  expect(sub.pos).toBe(pos);
  return { t: 'subbed', r: sub.r, s: 's1', epoch: 'E1', top: '9-1', recovered: true };
}
