import { createMemoryLog } from '@holdfast/log';
import { closeCodes, defaultLimits, HoldfastError } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { answerTo, closed, connect, has, hello, typesOf } from '../support/connected.ts';
import { handled } from '../support/handled.ts';
import { changed, deaf } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';

const session = 's';
const sub = (r: number, s = session, more: object = {}) => ({ t: 'sub', r, s, ...more });

const write = async (log: NonNullable<HoldfastOptions['log']>, id: string) => {
  const body = JSON.stringify({ k: 'message', message: userMessage(id, id), at: 0 });
  await log.send(session, { command: id, entries: [{ nonce: 7, body }] });
};

describe('HF-LOG-32: a session that was deleted', () => {
  it('may be followed again, and is not followed before', async () => {
    const { log, socket } = connect();
    await write(log, 'a');
    socket.say(hello);
    socket.say(sub(1));
    await has(socket, 'live');
    await log.delete(session);
    await has(socket, 'closed');
    expect(socket.frames.at(-1)).toMatchObject({ t: 'closed', s: session, why: 'deleted' });
    const before = socket.frames.length;
    await write(log, 'b');
    await handled(socket);
    expect(typesOf(socket).slice(before)).toEqual(['pong']);
    socket.say(sub(2));
    expect(await answerTo(socket, 2)).toMatchObject({ t: 'subbed', mode: 'snapshot' });
    await has(socket, 'live', 2);
    await write(log, 'c');
    await has(socket, 'entry');
  });

  it('counts no longer among those that a socket may follow', async () => {
    const { log, socket } = connect({ limits: { ...defaultLimits, subscriptions: 1 } });
    await write(log, 'a');
    socket.say(hello);
    socket.say(sub(1));
    await has(socket, 'live');
    socket.say(sub(2, 'other'));
    expect(await answerTo(socket, 2)).toMatchObject({ err: { code: 'limit' } });
    await log.delete(session);
    await has(socket, 'closed');
    socket.say(sub(3, 'other'));
    expect(await answerTo(socket, 3)).toMatchObject({ t: 'subbed' });
  });
});

/** Another socket does the same meanwhile. */
async function asLongAsTheyTake(): Promise<void> {
  const { socket } = connect();
  socket.say(hello);
  socket.say(sub(1));
  await has(socket, 'live');
}

describe('HF-FRM-1, HF-CONN-5: frames behind one that ended the socket', () => {
  it.each([
    ['a bad one', '{', 'badFrame'],
    ['binary data', null, 'badFrame'],
    ['a second hello', hello, 'badFrame'],
    ['one too large', { t: 'ping', x: 'x'.repeat(70_000) }, 'tooBig'],
  ] as const)('are not handled: %s', async (_, frame, code) => {
    const authorize = vi.fn(() => ({ id: 'u' }));
    const { socket } = connect({ authorize });
    socket.say(hello);
    await has(socket, 'welcome');
    socket.say(frame);
    socket.say(sub(1));
    socket.say({ t: 'cancel', r: 2, s: session, run: 'r' });
    socket.say({ t: 'ping' });
    await closed(socket, code);
    await asLongAsTheyTake();
    expect(typesOf(socket)).toEqual(['welcome']);
    expect(authorize).toHaveBeenCalledTimes(1);
  });

  it('are not handled either when they came before it and still wait', async () => {
    const gate = Promise.withResolvers<{ id: string }>();
    const authorize = vi.fn(() => gate.promise);
    const { socket } = connect({ authorize });
    socket.say(hello);
    await vi.waitFor(() => expect(authorize).toHaveBeenCalledTimes(1));
    socket.say(sub(1));
    socket.say('{');
    expect(socket.code).toBe(closeCodes.badFrame.code);
    gate.resolve({ id: 'u' });
    await asLongAsTheyTake();
    expect(socket.frames).toEqual([]);
    expect(authorize).toHaveBeenCalledTimes(1);
  });
});

it('HF-CONN-5: what comes behind a `sub` is handled when that is live, also where the log has to be read for it', async () => {
  const inner = createMemoryLog();
  await write(inner, 'a');
  const slow = changed(deaf(inner), {
    read: async (...given) => {
      for (let turns = 5; turns > 0; turns--) await new Promise(setImmediate);
      return await inner.read(...given);
    },
  });
  const { socket, open } = connect({ log: slow });
  socket.say(hello);
  socket.say(sub(1));
  await has(socket, 'live');
  // The snapshot knows more than was delivered: the log tells that nothing is behind it.
  await write(inner, 'b');
  const { socket: second } = open();
  second.say(hello);
  second.say(sub(1));
  second.say({ t: 'ping' });
  await has(second, 'pong');
  expect(typesOf(second)).toEqual(['welcome', 'subbed', 'snap', 'live', 'pong']);
});

it('HF-LIVE-4: whoever asks behind a frame that takes long hears at once that somebody is there', async () => {
  const { promise: allowed, resolve: allow } = Promise.withResolvers<{ id: string }>();
  const { socket } = connect({
    authorize: ({ action }) => (action === 'connect' ? { id: 'u' } : allowed),
  });
  socket.say(hello);
  await has(socket, 'welcome');
  socket.say(sub(1));
  socket.say({ t: 'ping' });
  await has(socket, 'ping');
  allow({ id: 'u' });
  await has(socket, 'pong');
  expect(typesOf(socket)).toEqual(['welcome', 'ping', 'subbed', 'snap', 'live', 'pong']);
});

describe('what is asked', () => {
  it('HF-ERR-1: is answered with what is wrong, and only faults of ours are reported', async () => {
    const inner = createMemoryLog();
    let isAway = false;
    const log = changed(inner, {
      subscribe: async (...given) => {
        if (isAway) throw new HoldfastError('unavailable', 'unable to reach the log: cut');
        return await inner.subscribe(...given);
      },
    });
    const { socket, errors } = connect({
      log,
      authorize: ({ sessionId }) => (sessionId === 'secret' ? null : { id: 'u' }),
    });
    socket.say(hello);
    socket.say(sub(1, 'secret'));
    expect(await answerTo(socket, 1)).toMatchObject({ err: { code: 'forbidden' } });
    socket.say(sub(2, session, { pos: 'no position' }));
    expect(await answerTo(socket, 2)).toMatchObject({ err: { code: 'bad_request' } });
    expect(errors).toEqual([]);
    isAway = true;
    socket.say(sub(3));
    expect(await answerTo(socket, 3)).toMatchObject({ err: { code: 'unavailable' } });
    expect(errors).toMatchObject([{ code: 'unavailable' }]);
    isAway = false;
    socket.say(sub(4));
    expect(await answerTo(socket, 4)).toMatchObject({ t: 'subbed' });
  });

  it('of the application, of a socket that is gone by its answer, is nothing any more', async () => {
    const gate = Promise.withResolvers<{ id: string }>();
    let asked = 0;
    const { socket, errors } = connect({
      authorize: () => (++asked === 1 ? { id: 'u' } : gate.promise),
    });
    socket.say(hello);
    await has(socket, 'welcome');
    socket.say({ t: 'auth', r: 1, token: 'new' });
    await vi.waitFor(() => expect(asked).toBe(2));
    socket.vanish();
    gate.resolve({ id: 'u' });
    await asLongAsTheyTake();
    expect(typesOf(socket)).toEqual(['welcome']);
    expect(errors).toEqual([]);
  });

  it('a fault of ours is reported, and ends the socket', async () => {
    const log = changed(createMemoryLog(), {
      subscribe: async () => {
        throw new Error('a bug of the log');
      },
    });
    const { socket, errors } = connect({ log });
    socket.say(hello);
    socket.say(sub(1));
    await closed(socket, 'internal');
    expect(errors.length).toBeGreaterThan(0);
  });

  it('a session that nobody follows any more is left to others', async () => {
    const { socket, core, log } = connect();
    await write(log, 'a');
    socket.say(hello);
    socket.say(sub(1));
    await has(socket, 'live');
    socket.say({ t: 'unsub', s: session });
    await handled(socket);
    await vi.waitFor(() => expect(core.hubs.size).toBe(0));
    const before = socket.frames.length;
    await write(log, 'b');
    await handled(socket);
    expect(typesOf(socket).slice(before)).toEqual(['pong']);
    // Nor is it presence that one can have there.
    socket.say({ t: 'presence', s: session, state: 'here' });
    socket.say({ t: 'ack', s: session, i: '1-1' });
    await handled(socket);
    expect(socket.code).toBeNull();
  });

  it('a socket that goes leaves all that it followed', async () => {
    const { socket, core } = connect();
    socket.say(hello);
    for (const at of [1, 2, 3]) socket.say(sub(at, `s${at}`));
    await has(socket, 'live', 3);
    expect(core.hubs.size).toBe(3);
    socket.vanish();
    await vi.waitFor(() => expect(core.hubs.size).toBe(0));
  });

  it('a session that is opened while the socket goes is left too', async () => {
    const inner = createMemoryLog();
    const gate = Promise.withResolvers<void>();
    const log = changed(inner, {
      subscribe: async (...given) => {
        await gate.promise;
        return await inner.subscribe(...given);
      },
    });
    const { socket, core } = connect({ log });
    socket.say(hello);
    socket.say(sub(1));
    await vi.waitFor(() => expect(core.hubs.size).toBe(1));
    socket.vanish();
    gate.resolve();
    await vi.waitFor(() => expect(core.hubs.size).toBe(0));
    expect(typesOf(socket)).toEqual(['welcome']);
  });
});
