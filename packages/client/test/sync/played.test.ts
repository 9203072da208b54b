import { syncChat } from '@holdfast/client/sync';
import type { UIMessage } from 'ai';
import { expect, onTestFinished, test, vi } from 'vitest';
import { observe } from '../support/chat.ts';
import {
  again,
  delta,
  opening,
  reading,
  s,
  says,
  setUp,
  shows,
  snapshot,
  start,
  subscribe,
  subscribed,
  tell,
  user,
  word,
} from '../support/played-chat.ts';
import { lineOf } from '../support/room.ts';

const end = (run: string, outcome = 'finished') => ({
  k: 'run-end',
  run,
  attempt: 1,
  outcome,
  at: 0,
});
const closing = { type: 'text-end', id: 't' };
const infoOf = (run: string, messageId: string, state = 'running') => ({
  run,
  attempt: 1,
  agent: 'a',
  messageId,
  command: `of ${run}`,
  state,
});

const settled = { id: 'M1', message: { id: 'M1', role: 'assistant', parts: word('one two') } };

test('a reply that is settled when the snapshot comes is shown whole, and its stream ends well', async () => {
  const { view, lines, reset } = await reading();
  reset({ items: [{ id: 'u1', message: user('u1') }, settled, { id: 'u2', message: user('u2') }] });
  await shows(lines, ['user: u1', 'assistant: one two', 'user: u2']);
  await vi.waitFor(() => expect(view.chat.status).toBe('ready'));
  expect(view.errors).toEqual([]);
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: false, isError: false }]);
});

test('without a sync the stream of a reply that is settled ends as an error: its rest is not shown', async () => {
  const { view, sync, reset } = await reading();
  sync.stop();
  reset({ items: [{ id: 'u1', message: user('u1') }, settled, { id: 'u2', message: user('u2') }] });
  await vi.waitFor(() => expect(view.chat.status).toBe('error'));
  expect(view.errors).toMatchObject([{ code: 'conflict' }]);
});

test('a reply that was settled because it was stopped ends as stopped', async () => {
  const { view, reset } = await reading();
  reset({ items: [settled], runs: [infoOf('r1', 'M1', 'stopped')] });
  await vi.waitFor(() => expect(view.chat.status).toBe('ready'));
  expect(view.finishes).toEqual([{ isAbort: true, isDisconnect: false, isError: false }]);
});

test('a log that says something else than was shown is believed, and the chat goes on with it', async () => {
  const { clock, view, lines, reset, entry } = await reading();
  const segments = [{ run: 'r1', chunks: [...opening('M1'), delta('other ')] }];
  const items = [
    { id: 'u1', message: user('u1') },
    { id: 'M1', segments },
  ];
  reset({ items, runs: [infoOf('r1', 'M1')] });
  await shows(lines, ['user: u1', 'assistant: other ']);
  clock.advance(1_000);
  await vi.waitFor(() => expect(view.chat.status).toBe('streaming'));
  entry(says('r1', delta('words'), closing), end('r1'));
  await shows(lines, ['user: u1', 'assistant: other words']);
  await vi.waitFor(() => expect(view.chat.status).toBe('ready'));
  expect(view.errors).toEqual([]);
});

test.each([
  ['a seed', { k: 'seed', count: 3, at: 0 }],
  ['a cut behind a message that is older than what is held', { k: 'truncate', after: 'u0', at: 0 }],
  ['a run that goes on with an older message', start('r9', 'M0', { continues: true })],
  ['an answer to an older message', { k: 'answer', messageId: 'M0', chunks: [], at: 0 }],
])('%s needs a snapshot, and gets it', async (_, entry) => {
  const set = await setUp();
  const told = await tell(set, {
    items: [{ id: 'u1', message: user('u1') }],
    before: 'E1:1-xxxxxxxx',
  });
  await shows(set.lines, ['user: u1']);
  told.entry(entry);
  await told.peer.expect('unsub');
  await set.clock.waiting(1);
  set.clock.advance(1_000);
  const sub = await subscribe(told.peer, { items: [{ id: 'u9', message: user('u9') }] });
  expect(sub).not.toHaveProperty('pos');
  await shows(set.lines, ['user: u9']);
});

test('HF-HTTP-35 older messages are refused with the session, where it is read anew for them', async () => {
  const set = await setUp();
  const { clock, gateway, sync } = set;
  const { peer } = await tell(set, {
    items: [{ id: 'u1', message: user('u1') }],
    before: 'E1:1-xxxxxxxx',
  });
  await shows(set.lines, ['user: u1']);
  const loaded = expect(sync.loadOlder()).rejects.toMatchObject({ code: 'forbidden' });
  const gone = { code: 'conflict', message: 'unable to read: the cursor is gone' };
  (await gateway.posts.take()).answer(409, { error: gone });
  await peer.expect('unsub');
  clock.advance(1_000);
  const { r } = await peer.expect('sub');
  const err = { code: 'forbidden', message: 'unable to follow: not yours' };
  peer.say({ t: 'res', r, err });
  await loaded;
  await vi.waitFor(() => expect(sync.getSnapshot().isLoadingOlder).toBe(false));
  expect(set.lines()).toEqual(['user: u1']);
  // Nothing is read anew any more, and that is no reason to wait for it.
  const again = expect(sync.loadOlder()).rejects.toMatchObject({ code: 'forbidden' });
  (await gateway.posts.take()).answer(409, { error: gone });
  await again;
});

test('a run that goes on with a message that is settled needs a snapshot', async () => {
  const set = await setUp();
  const told = await tell(set, { items: [settled] });
  await shows(set.lines, ['assistant: one two']);
  told.entry(start('r2', 'M1', { continues: true }));
  await told.peer.expect('unsub');
});

test('a session that the server does not know leaves the chat as the app made it', async () => {
  const messages = [user('u1'), user('u2')] as unknown as UIMessage[];
  const { gateway, view, sync } = await setUp({}, { messages });
  const peer = await gateway.accept();
  await peer.welcome();
  await subscribe(peer, { epoch: '', through: '0-0' });
  await vi.waitFor(() => expect(sync.getSnapshot().isSynced).toBe(true));
  expect(view.chat.messages).toBe(messages);
});

test('a session that is deleted clears the chat, also of what a stream still writes', async () => {
  const { view, peer, sync } = await reading();
  peer.say({ t: 'closed', s, why: 'deleted' });
  await vi.waitFor(() => expect(view.chat.status).toBe('error'));
  await vi.waitFor(() => expect(view.chat.messages).toEqual([]));
  expect(sync.getSnapshot()).toMatchObject({ isSynced: false, runs: [], participants: [] });
});

test('a session that one may not read any more leaves what is shown', async () => {
  const { view, peer, lines } = await reading();
  peer.say({ t: 'closed', s, why: 'forbidden' });
  await vi.waitFor(() => expect(view.chat.status).toBe('error'));
  expect(lines()).toEqual(['user: u1', 'assistant: one ']);
});

test('a stream that cannot be had is asked for three times, then the reply is shown without', async () => {
  const set = await setUp();
  const { clock, transport, view, lines } = set;
  const resume = vi.spyOn(view.chat, 'resumeStream').mockResolvedValue();
  const told = await tell(set);
  told.entry(start('r1', 'M1'), says('r1', ...opening('M1'), delta('one ')));
  for (const [tries, pauseMs] of [
    [1, 1_000],
    [2, 4_000],
    [3, 20_000],
  ] as const) {
    await vi.waitFor(() => expect(resume).toHaveBeenCalledTimes(tries));
    await clock.waiting(1);
    clock.advance(pauseMs - 1);
    expect(resume).toHaveBeenCalledTimes(tries);
    clock.advance(1);
  }
  told.entry(says('r1', delta('two'), closing));
  await shows(lines, ['assistant: one two']);
  expect(resume).toHaveBeenCalledTimes(3);
  expect(transport.session(s).runs).toMatchObject([{ state: 'running' }]);
});

test('a stream that cannot be had is asked for again in time where the clock is set back in between', async () => {
  const set = await setUp();
  const { clock, view } = set;
  const resume = vi.spyOn(view.chat, 'resumeStream').mockResolvedValue();
  const told = await tell(set);
  told.entry(start('r1', 'M1'), says('r1', ...opening('M1'), delta('one ')));
  await vi.waitFor(() => expect(resume).toHaveBeenCalledTimes(1));
  clock.setBack(3_600_000);
  clock.advance(1_000);
  told.entry(says('r1', delta('two'), closing));
  await vi.waitFor(() => expect(resume).toHaveBeenCalledTimes(2));
});

test('of two chats of one session one streams a reply, and the other shows it as it grows', async () => {
  const set = await setUp();
  const other = observe({ id: s, transport: set.transport });
  const sync = syncChat(other.chat, set.transport, { environment: set.clock.environment });
  onTestFinished(() => sync.stop());
  const { entry } = await tell(set);
  entry({ k: 'message', message: user('u1'), at: 0 }, start('r1', 'M1'));
  const chats = [set.view.chat, other.chat];
  const both = async (reply: string) => {
    for (const chat of chats)
      await shows(() => chat.messages.map(lineOf), ['user: u1', `assistant: ${reply}`]);
  };
  entry(says('r1', ...opening('M1'), delta('one ')));
  await both('one ');
  entry(says('r1', delta('two')));
  await both('one two');
  expect(chats.map(({ status }) => status).sort()).toEqual(['ready', 'streaming']);
  entry(says('r1', closing), end('r1'));
  await vi.waitFor(() => expect(chats.map(({ status }) => status)).toEqual(['ready', 'ready']));
  await both('one two');
});

test('HF-ENT-5: a second attempt takes the place of what the first one wrote, without an error', async () => {
  const set = await setUp();
  const { entry } = await tell(set);
  entry({ k: 'message', message: user('u1'), at: 0 }, start('r1', 'm1'));
  entry(says('r1', ...opening('m1'), delta('Hello, ol')));
  await vi.waitFor(() => expect(set.lines()).toEqual(['user: u1', 'assistant: Hello, ol']));
  entry(start('r1', 'm1', { attempt: 2 }));
  // What a dead process had on its way to the log.
  entry(says('r1', delta('d')));
  entry(again('r1', ...opening('m1'), delta('Hello, new')));
  await vi.waitFor(() => expect(set.lines()).toEqual(['user: u1', 'assistant: Hello, new']));
  entry(again('r1', delta(' world'), closing, { type: 'finish' }));
  entry({ ...end('r1'), attempt: 2 });
  await vi.waitFor(() => expect(set.lines()).toEqual(['user: u1', 'assistant: Hello, new world']));
  await vi.waitFor(() => expect(set.view.chat.status).toBe('ready'));
  expect(set.view.errors).toEqual([]);
  expect(set.sync.getSnapshot().runs).toMatchObject([{ run: 'r1', attempt: 2, state: 'finished' }]);
});

test('HF-ENT-5: what is sealed stays, in streams and in snapshots, and the next attempt goes on behind it', async () => {
  const set = await setUp();
  const { entry } = await tell(set);
  entry({ k: 'message', message: user('u1'), at: 0 }, start('r1', 'm1'));
  entry(says('r1', ...opening('m1'), delta('Planned.'), closing));
  entry({ k: 'step', run: 'r1', name: 'part plan', seals: true, at: 0 });
  entry(says('r1', { type: 'text-start', id: 'u' }, { ...delta('Brok'), id: 'u' }));
  await vi.waitFor(() => expect(set.lines()).toEqual(['user: u1', 'assistant: Planned.Brok']));
  entry(start('r1', 'm1', { attempt: 2 }));
  entry(again('r1', { type: 'text-start', id: 'u' }, { ...delta('Done.'), id: 'u' }));
  await vi.waitFor(() => expect(set.lines()).toEqual(['user: u1', 'assistant: Planned.Done.']));
  entry({ ...end('r1'), attempt: 2 });
  await vi.waitFor(() => expect(set.view.chat.status).toBe('ready'));
  expect(set.lines()).toEqual(['user: u1', 'assistant: Planned.Done.']);
  expect(set.view.errors).toEqual([]);
});

test('a cut behind a message that is not here is no cut of nothing: the session is asked for anew', async () => {
  const set = await setUp();
  const { peer, entry } = await tell(set, { items: [{ id: 'u1', message: user('u1') }] });
  entry({ k: 'message', message: user('u2'), at: 0 });
  await shows(set.lines, ['user: u1', 'user: u2']);
  entry({ k: 'truncate', after: 'an answer that showed nothing', at: 0 });
  await peer.expect('unsub');
  set.clock.advance(1_000);
  await subscribed(peer);
  snapshot(peer, { through: '3-1', items: [{ id: 'u1', message: user('u1') }] });
  await shows(set.lines, ['user: u1']);
});
