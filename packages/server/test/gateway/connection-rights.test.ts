import { closeCodes, defaultLimits } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { answerTo, closed, connect, has, hello, typesOf } from '../support/connected.ts';
import { handled } from '../support/handled.ts';

type Asked = Parameters<NonNullable<HoldfastOptions['authorize']>>[0];
const sub = (r: number, s = 's') => ({ t: 'sub', r, s });
const subscriptions = 1;

/** Another socket says hello and is answered meanwhile. */
async function greeted(open: ReturnType<typeof connect>['open']): Promise<void> {
  const { socket } = open();
  socket.say(hello);
  await has(socket, 'welcome');
}

it('the application is asked with the request of the socket, and the token of its hello', async () => {
  const asked: Asked[] = [];
  const { socket } = connect({
    authorize: (given) => {
      asked.push(given);
      return { id: 'u' };
    },
  });
  socket.say({ ...hello, token: 'first' });
  socket.say(sub(1));
  await has(socket, 'live');
  socket.say({ t: 'auth', r: 2, token: 'second' });
  await answerTo(socket, 2);
  socket.say({ t: 'cancel', r: 3, s: 's', run: 'unknown' });
  expect(await answerTo(socket, 3)).toMatchObject({ err: { code: 'forbidden' } });
  expect(asked.map(({ action, sessionId, token }) => [action, sessionId, token])).toEqual([
    ['connect', null, 'first'],
    ['read', 's', 'first'],
    ['connect', null, 'second'],
    ['cancel', 's', 'second'],
  ]);
  for (const { request } of asked) expect(request.url).toBe('http://test/');
});

it('HF-FRM-4: what is asked to stop is named by its run, or by its command', async () => {
  const { socket, log } = connect();
  const cancel = vi.spyOn(log, 'cancel');
  socket.say(hello);
  socket.say({ t: 'cancel', r: 1, s: 's', run: 'r1' });
  socket.say({ t: 'cancel', r: 2, s: 's', command: 'c1' });
  expect(await answerTo(socket, 2)).toMatchObject({ ok: { state: 'stopping' } });
  expect(cancel.mock.calls.map(([, { target }]) => target)).toEqual([
    { run: 'r1' },
    { command: 'c1' },
  ]);
});

it('HF-CONN-6: welcome says what the socket may do, and under which name it is known', async () => {
  const { socket, open, core } = connect();
  const other = open().socket;
  for (const each of [socket, other]) each.say(hello);
  await has(other, 'welcome');
  const { heartbeatMs, framesPerSecond, framesBurst } = core.limits;
  expect(socket.frames).toEqual([
    {
      t: 'welcome',
      v: 1,
      conn: expect.stringMatching(/^.+$/),
      heartbeatMs,
      framesPerSecond,
      framesBurst,
      subscriptions: core.limits.subscriptions,
    },
  ]);
  expect(other.frames).not.toEqual(socket.frames);
});

it('HF-AUTH-3: new credentials have every right looked at again, at once', async () => {
  let mayRead = true;
  const { socket, tick } = connect({
    authorize: ({ action }) => (action === 'read' && !mayRead ? null : { id: 'u' }),
  });
  socket.say(hello);
  socket.say(sub(1));
  await has(socket, 'live');
  mayRead = false;
  tick(0);
  await handled(socket);
  expect(typesOf(socket)).not.toContain('closed');
  socket.say({ t: 'auth', r: 2, token: 'new' });
  await answerTo(socket, 2);
  tick(0);
  await has(socket, 'closed');
  expect(socket.frames.at(-1)).toEqual({ t: 'closed', s: 's', why: 'forbidden' });
});

it.each<[string, may: readonly string[], ends: readonly string[]]>([
  ['leaves the session to who may read by new ones', ['new'], []],
  ['ends it where these give no right either', [], ['closed']],
])('HF-AUTH-3: a refusal of credentials that were replaced meanwhile %s', async (_, may, ends) => {
  const refusal = Promise.withResolvers<null>();
  let isOld = false;
  const reads: (string | undefined)[] = [];
  const { socket, tick } = connect({
    limits: { ...defaultLimits, recheckMs: 1_000 },
    authorize: ({ action, token = '' }) => {
      if (action !== 'read' || !isOld) return { id: 'u' };
      reads.push(token);
      if (token === 'old') return refusal.promise;
      return may.includes(token) ? { id: 'u' } : null;
    },
  });
  socket.say({ ...hello, token: 'old' });
  socket.say(sub(1));
  await has(socket, 'live');
  isOld = true;
  tick(1_000);
  await vi.waitFor(() => expect(reads).toEqual(['old']));
  socket.say({ t: 'auth', r: 2, token: 'new' });
  await answerTo(socket, 2);
  refusal.resolve(null);
  await vi.waitFor(() => expect(reads).toEqual(['old', 'new']));
  await handled(socket);
  expect(typesOf(socket).filter((type) => type === 'closed')).toEqual(ends);
});

it('HF-AUTH-3: credentials that are refused end the socket, and are no fault', async () => {
  const { socket, errors, open } = connect({
    authorize: ({ token }) => (token === undefined ? { id: 'u' } : null),
  });
  socket.say(hello);
  await has(socket, 'welcome');
  socket.say({ t: 'auth', r: 1, token: 'bad' });
  await closed(socket, 'unauthorized');
  await greeted(open);
  expect(errors).toEqual([]);
});

it('HF-AUTH-3: a right that ends, ends in one session, or everywhere and the socket with it', async () => {
  const { socket, core } = connect();
  socket.say(hello);
  for (const r of [1, 2, 3]) socket.say(sub(r, `s${r}`));
  await has(socket, 'live', 3);
  const ended = () => socket.frames.flatMap((each) => (each.t === 'closed' ? [each] : []));
  const of = (session: string) => ({ t: 'closed', s: session, why: 'forbidden' });
  await core.revocations.revoke({ participant: 'u', session: 's2' });
  expect([ended(), socket.code]).toEqual([[of('s2')], null]);
  await core.revocations.revoke({ participant: 'other' });
  expect(socket.code).toBeNull();
  await core.revocations.revoke({ participant: 'u' });
  expect(ended()).toEqual([of('s2'), of('s1'), of('s3')]);
  expect(socket.code).toBe(closeCodes.forbidden.code);
  await vi.waitFor(() => expect(core.hubs.size).toBe(0));
});

it('a hello of a socket that went meanwhile is answered by nobody', async () => {
  const authorize = vi.fn(() => ({ id: 'u' }));
  const { socket, open } = connect({ authorize });
  socket.say(hello);
  socket.vanish();
  await greeted(open);
  expect([authorize.mock.calls.length, socket.frames]).toEqual([1, []]);
});

it('HF-CONN-7: an acknowledgement counts for nothing, unless it acknowledges nothing new', async () => {
  const limits = { ...defaultLimits, subscriptions, framesBurst: 8, framesPerSecond: 1 };
  const { socket, log } = connect({ limits });
  socket.say(hello);
  socket.say(sub(1));
  await has(socket, 'live');
  const ack = (i: string) => socket.say({ t: 'ack', s: 's', i });
  for (let at = 1; at <= 20; at++) {
    const body = JSON.stringify({ k: 'note', at });
    await log.send('s', { command: `c${at}`, entries: [{ nonce: 1, body }] });
    await has(socket, 'entry', at);
    ack(String((socket.frames.at(-1) as { i?: string }).i));
  }
  expect(socket.code).toBeNull();
  for (let at = 0; at < 6; at++) ack('1-1');
  expect(socket.code).toBeNull();
  ack('1-1');
  expect(socket.code).toBe(closeCodes.tooMany.code);
});

it('HF-FLOW-2: an acknowledgement lets go on what waited for it, in the same turn', async () => {
  const limits = { ...defaultLimits, windowBytes: 1_000 };
  const { socket, log } = connect({ limits });
  socket.say(hello);
  socket.say(sub(1));
  await has(socket, 'live');
  for (let at = 1; at <= 4; at++) {
    const body = JSON.stringify({ k: 'note', pad: 'x'.repeat(600) });
    await log.send('s', { command: `c${at}`, entries: [{ nonce: 1, body }] });
  }
  await has(socket, 'entry', 2);
  await handled(socket);
  expect(typesOf(socket).filter((type) => type === 'entry')).toHaveLength(2);
  socket.say({ t: 'ack', s: 's', i: '2-1' });
  expect(typesOf(socket).filter((type) => type === 'entry')).toHaveLength(4);
});

it('HF-CONN-7: a frame is as large as it may be, and no larger', async () => {
  for (const [size, code] of [
    [1_000, null],
    [1_001, closeCodes.tooBig.code],
  ] as const) {
    const { socket } = connect({ limits: { ...defaultLimits, frameBytes: 1_000 } });
    const empty = JSON.stringify({ ...hello, pad: '' });
    socket.say(JSON.stringify({ ...hello, pad: 'x'.repeat(size - empty.length) }));
    expect(socket.code).toBe(code);
  }
});
