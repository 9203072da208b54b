import { expect, test } from 'vitest';
import { observe, textOf } from './support/chat.ts';
import { setUp } from './support/wire.ts';
import {
  chunks,
  delta,
  end,
  entry,
  opening,
  resumed,
  start,
  streaming,
} from './support/wire-chat.ts';

const info = { run: 'r1', attempt: 1, agent: 'a', messageId: 'M1', command: 'c', state: 'running' };

test('T1: a drop resumes from the last entry applied, which is opaque (HF-POS-1, HF-SUB-2)', async () => {
  const { gateway, view, done, peer, clock } = await streaming(await setUp());
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  next.say({ ...(await resumed(next, 'E1:3-160')), mode: 'replay' });
  next.say(
    entry('3-160', '4-28', chunks(delta('two '), { type: 'text-end', id: 't' })),
    entry('4-28', '5-226', end),
    { t: 'live', s: 's1', i: '5-226' },
  );
  await done;
  expect(view.text).toBe('one two ');
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: false, isError: false }]);
});

test('T2: a lost tail: the reply goes on once the log has caught up with what was shown', async () => {
  const { view, done, peer } = await streaming(await setUp(), 'one two ');
  peer.say({ t: 'reset', s: 's1', why: 'diverged' });
  const segments = [{ run: 'r1', chunks: [...opening, delta('one ')] }];
  const items = [
    { id: 'u', message: { id: 'u', role: 'user', parts: [] } },
    { id: 'M1', segments },
  ];
  const snap = { t: 'snap', s: 's1', epoch: 'E1', through: '9-208' };
  peer.say({ ...snap, items: items.slice(0, 1), more: true });
  peer.say({ ...snap, items: items.slice(1), runs: [info], more: false });
  peer.say(entry('9-208', '10-1', chunks(delta('two '))));
  peer.say(entry('10-1', '11-1', chunks(delta('three'), { type: 'text-end', id: 't' })));
  peer.say(entry('11-1', '12-1', end));
  await done;
  expect(view.text).toBe('one two three');
  expect(view.errors).toEqual([]);
});

test('a reset in mid-stream continues with what is new in the snapshot (HF-SUB-3)', async () => {
  const { view, done, peer } = await streaming(await setUp());
  const segments = [{ run: 'r1', chunks: [...opening, delta('one two ')] }];
  peer.say(
    { t: 'reset', s: 's1', why: 'lag' },
    {
      t: 'snap',
      s: 's1',
      epoch: 'E2',
      through: '9-2',
      items: [{ id: 'M1', segments }],
      runs: [info],
      more: false,
    },
    entry('9-2', '10-1', chunks(delta('three'), { type: 'text-end', id: 't' })),
    entry('10-1', '11-1', end),
  );
  await done;
  expect(view.text).toBe('one two three');
});

test.each([
  ['the last', [{ ...info, state: 'finished' }], []],
  ['an earlier', [], [{ id: 'u2', message: { id: 'u2', role: 'user', parts: [] } }]],
])(
  '%s reply that came to rest while nobody listened is completed from the snapshot',
  async (_, runs, later) => {
    const { view, done, peer } = await streaming(await setUp());
    const first = [...opening, delta('one two'), { type: 'text-end', id: 't' }];
    const second = [
      { type: 'text-start', id: 't2' },
      { type: 'text-delta', id: 't2', delta: 'three' },
      { type: 'text-end', id: 't2' },
    ];
    const item = { id: 'M1', segments: [{ run: 'r1', chunks: [...first, ...second] }] };
    const items = [item, ...later];
    peer.say(
      { t: 'reset', s: 's1', why: 'lag' },
      { t: 'snap', s: 's1', epoch: 'E1', through: '90-2', items, runs, more: false },
    );
    await done;
    expect(view.chat.lastMessage?.parts).toMatchObject([
      { type: 'text', text: 'one two', state: 'done' },
      { type: 'text', text: 'three', state: 'done' },
    ]);
    expect(view.errors).toEqual([]);
  },
);

test('a reply that was shown and that the log does not have ends the stream, and resuming mends it', async () => {
  const { view, done, peer } = await streaming(await setUp());
  const segments = [{ run: 'r1', chunks: [...opening, delta('other')] }];
  const snap = { t: 'snap', s: 's1', epoch: 'E1', through: '9-2', runs: [info], more: false };
  peer.say({ t: 'reset', s: 's1', why: 'diverged' }, { ...snap, items: [{ id: 'M1', segments }] });
  peer.say({ t: 'live', s: 's1', i: '9-2' });
  await done;
  expect(view.errors).toMatchObject([{ name: 'HoldfastError', code: 'conflict' }]);
  expect(view.finishes).toEqual([{ isAbort: false, isDisconnect: false, isError: true }]);
  const again = view.chat.resumeStream();
  await view.until(() => view.text === 'other');
  peer.say(entry('9-2', '10-1', chunks({ type: 'text-end', id: 't' })), entry('10-1', '11-1', end));
  await again;
  expect(view.chat.messages.map(textOf)).toEqual(['hi', 'other']);
});

test('a higher attempt that says the same goes on in the same stream (HF-ENT-5)', async () => {
  const { view, done, peer } = await streaming(await setUp());
  const second = (...c: readonly unknown[]) => ({ ...chunks(...c), attempt: 2 });
  peer.say(
    entry('3-160', '4-1', { ...start, attempt: 2, command: 'c' }),
    entry('4-1', '5-1', second(...opening)),
    entry('5-1', '6-1', chunks(delta('a zombie speaks'))),
    entry('6-1', '7-1', second(delta('one '))),
    entry('7-1', '8-1', second(delta('two'), { type: 'text-end', id: 't' })),
    entry('8-1', '9-1', { ...end, attempt: 2 }),
  );
  await done;
  expect(view.text).toBe('one two');
});

test('unknown frames, members, kinds and chunks are ignored, and the position advances (HF-VER-2, HF-VER-3)', async () => {
  const { gateway, clock, view, done, peer } = await streaming(await setUp());
  peer.say({ t: 'weather', s: 's1' });
  peer.say(entry('3-160', '4-1', { k: 'poll', question: '?' }));
  peer.say({
    ...entry('4-1', '5-1', { ...chunks({ type: 'mood', of: 'x' }), why: 1 }),
    extra: true,
  });
  peer.say(entry('5-1', '6-1', chunks(delta('two '))));
  await view.until(() => view.text === 'one two ');
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  next.say({ ...(await resumed(next, 'E1:6-1')), mode: 'replay' });
  next.say(entry('6-1', '7-1', end));
  await done;
});

test('what is no chunk is reported and passed over', async () => {
  const { view, done, peer, errors } = await streaming(await setUp());
  peer.say(entry('3-160', '4-1', chunks(null, { no: 'type' }, delta('two'))));
  peer.say(entry('4-1', '5-1', { k: 'chunks', run: 'r1', attempt: 1, c: 'nonsense' }));
  peer.say(entry('5-1', '6-1', end));
  await done;
  expect(view.text).toBe('one two');
  expect(errors).toMatchObject([{ code: 'bad_request' }, { code: 'bad_request' }]);
});

test('a broken chain subscribes again from the last position, at most once a second (HF-SUB-6)', async () => {
  const { clock, view, done, peer } = await streaming(await setUp());
  peer.say(entry('7-7', '8-1', chunks(delta('a hole'))));
  await peer.expect('unsub');
  await clock.waiting(1);
  clock.advance(999);
  peer.say(entry('8-1', '9-1', chunks(delta('still a hole'))));
  clock.advance(1);
  const { r, pos } = await peer.expect('sub');
  expect(pos).toBe('E1:3-160');
  peer.say({ t: 'subbed', r, s: 's1', epoch: 'E1', top: '4-1', mode: 'replay', recovered: true });
  peer.say(entry('3-160', '4-1', chunks(delta('two'))), entry('4-1', '5-1', end));
  await done;
  expect(view.text).toBe('one two');
});

test('a position that the server cannot read is given up for a snapshot (HF-POS-4)', async () => {
  const { clock, gateway, view, done, peer } = await streaming(await setUp());
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  await next.welcome();
  const { r, pos } = await next.expect('sub');
  expect(pos).toBe('E1:3-160');
  next.say({ t: 'res', r, err: { code: 'bad_request', message: 'unable to subscribe: damaged' } });
  await next.expect('unsub');
  await clock.waiting(1);
  clock.advance(1_000);
  expect((await next.expect('sub')).pos).toBeUndefined();
  expect(view.errors).toEqual([]);
  await view.chat.stop();
  await done;
});

test('a session that begins while it is followed gets its epoch (HF-SUB-4)', async () => {
  const { gateway, transport } = await setUp();
  const view = observe({ id: 's1', transport });
  const resumed = view.chat.resumeStream();
  const peer = await gateway.accept();
  await peer.welcome();
  const { r } = await peer.expect('sub');
  const snap = { t: 'snap', s: 's1', through: '0-0', items: [], runs: [], more: false };
  peer.say({ t: 'subbed', r, s: 's1', epoch: '', top: '0-0', mode: 'snapshot', recovered: true });
  peer.say({ ...snap, epoch: '' }, { t: 'live', s: 's1', i: '0-0' });
  await resumed;
  expect(transport.session('s1').position).toBeNull();
  const done = view.chat.sendMessage({ text: 'hi' });
  const { body } = await gateway.posts.take();
  peer.say({ ...snap, epoch: 'E1' });
  peer.say(
    entry('0-0', '1-1', { ...start, command: body.command }),
    entry('1-1', '2-1', chunks(...opening, delta('one'), { type: 'text-end', id: 't' })),
    entry('2-1', '3-1', end),
  );
  await done;
  expect(view.text).toBe('one');
  expect(transport.session('s1').position).toBe('E1:3-1');
});

test.each([
  ['deleted', 'conflict'],
  ['forbidden', 'forbidden'],
])('a session that is closed as %s ends its streams and is known no more', async (why, code) => {
  const { view, done, peer, transport } = await streaming(await setUp());
  expect(transport.session('s1').runs).toHaveLength(1);
  peer.say({ t: 'closed', s: 's1', why });
  await done;
  expect(view.errors).toMatchObject([{ name: 'HoldfastError', code }]);
  expect(transport.session('s1').runs).toEqual([]);
  expect(transport.session('s1').position).toBeNull();
});

test('a frame that is no frame is reported, and the next one is read', async () => {
  const { view, done, peer, errors } = await streaming(await setUp());
  peer.say([] as never, { t: 'snap', s: 's1' }, { t: 'entry', s: 's1', p: '3-160', i: '4-1' });
  peer.say(entry('4-1', '5-1', chunks(delta('two'))), entry('5-1', '6-1', end));
  await done;
  expect(view.text).toBe('one two');
  expect(errors.length).toBeGreaterThan(0);
});

test('an answer to another question is no answer to `sub` (HF-FRM-4)', async () => {
  const { gateway, view, done, peer, clock } = await streaming(await setUp());
  const refused = { code: 'forbidden', message: 'unable to do something else: no' };
  peer.say({ t: 'res', r: 99, err: refused });
  peer.terminate();
  await clock.waiting(1);
  clock.advance(20_000);
  const next = await gateway.accept();
  await next.welcome();
  const sub = await next.expect('sub');
  next.say({ t: 'res', r: sub.r + 90, err: refused });
  const subbed = { t: 'subbed', r: sub.r, s: 's1', epoch: 'E1', top: '3-160', recovered: true };
  next.say({ ...subbed, mode: 'replay' });
  // Nor is one that comes when it was answered.
  next.say({ t: 'res', r: sub.r, err: refused });
  next.say(
    entry('3-160', '4-28', chunks(delta('two '), { type: 'text-end', id: 't' })),
    entry('4-28', '5-226', end),
    { t: 'live', s: 's1', i: '5-226' },
  );
  await done;
  expect(view.text).toBe('one two ');
});
