import { createMemoryLog } from '@holdfast/log';
import { closeCodes, defaultLimits, HoldfastError } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { Connection } from '../../src/gateway/connection.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { type FakeSocket, fakeSocket } from '../support/fake-socket.ts';
import { changed, deaf } from '../support/logs.ts';
import { userMessage } from '../support/server.ts';

const session = 's';
const hello = { t: 'hello', v: 1 };
const sub = (r: number, s = session, more: object = {}) => ({ t: 'sub', r, s, ...more });

/** A socket's connection, whose time goes on only when it is told to. */
function connect({ log = createMemoryLog(), ...options }: HoldfastOptions = {}) {
  let now = 1_000;
  const errors: unknown[] = [];
  const core = createCore(
    {
      log,
      authorize: () => ({ id: 'u' }),
      onError: (error) => errors.push(error),
      ...options,
      limits: { ...defaultLimits, lingerMs: 0, ...options.limits },
    },
    { ...systemEnvironment, now: () => now },
  );
  onTestFinished(() => core.close());
  const open = (protocol = 'holdfast.v1') => {
    const socket = Object.assign(fakeSocket(), { protocol, closed: 0 });
    const connection = new Connection(core, socket, new Request('http://test/'), {
      awake: () => now,
      onClosed: () => {
        socket.closed++;
      },
    });
    return { socket, connection };
  };
  const { socket, connection } = open();
  return {
    core,
    log,
    socket,
    connection,
    errors,
    open,
    tick: (ms: number) => {
      now += ms;
      connection.tick(now, false);
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

type Socket = Pick<FakeSocket, 'frames' | 'say' | 'code'>;
const typesOf = ({ frames }: Socket) => frames.map(({ t }) => t);
const has = (socket: Socket, type: string, count = 1) =>
  vi.waitFor(() =>
    expect(typesOf(socket).filter((each) => each === type).length).toBeGreaterThanOrEqual(count),
  );
const answerTo = async (socket: Socket, r: number) => {
  const find = () => socket.frames.find((frame) => (frame as { r?: number }).r === r);
  await vi.waitFor(() => expect(find()).toBeDefined());
  return find();
};
const closed = (socket: Socket, code: keyof typeof closeCodes) =>
  vi.waitFor(() => expect(socket.code).toBe(closeCodes[code].code));
/** Frames are handled one after another: what came before this one is done when it is answered. */
const handled = async (socket: Socket) => {
  const before = typesOf(socket).filter((each) => each === 'pong').length;
  socket.say({ t: 'ping' });
  await has(socket, 'pong', before + 1);
};

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

describe('HF-CONN-7: frames that wait while one before them is handled', () => {
  const waiting = (limits: Partial<typeof defaultLimits> = {}) => {
    const gate = Promise.withResolvers<{ id: string }>();
    const made = connect({
      authorize: () => gate.promise,
      limits: { ...defaultLimits, ...limits },
    });
    made.socket.say(hello);
    return { ...made, admit: () => gate.resolve({ id: 'u' }) };
  };
  const filled = (bytes: number) => {
    const frame = JSON.stringify({ t: 'ping', x: '' });
    return JSON.stringify({ t: 'ping', x: 'x'.repeat(bytes - frame.length) });
  };

  it('are handled in their order, however many', async () => {
    const { socket, admit } = waiting();
    for (let at = 0; at < 20; at++) socket.say({ t: 'ping' });
    expect(socket.code).toBeNull();
    admit();
    await has(socket, 'pong', 20);
    expect(typesOf(socket)[0]).toBe('welcome');
  });

  it('are together as large as one frame may be, and no larger', async () => {
    const { socket, admit } = waiting({ frameBytes: 10_000 });
    await vi.waitFor(() => expect(socket.code).toBeNull());
    await Promise.resolve();
    for (let at = 0; at < 5; at++) socket.say(filled(2_000));
    expect(socket.code).toBeNull();
    socket.say(filled(100));
    await closed(socket, 'tooMany');
    admit();
  });

  it('count no longer once they are handled', async () => {
    const { socket, admit } = waiting({ frameBytes: 10_000 });
    admit();
    await has(socket, 'welcome');
    for (let at = 0; at < 5; at++) {
      socket.say(filled(9_000));
      await has(socket, 'pong', at + 1);
    }
    expect(socket.code).toBeNull();
  });

  it('one that is as large as may be is taken where none waits', async () => {
    const { socket, admit } = waiting({ frameBytes: 10_000 });
    admit();
    await has(socket, 'welcome');
    await handled(socket);
    socket.say(filled(10_000));
    await has(socket, 'pong', 2);
    socket.say(filled(10_001));
    await closed(socket, 'tooBig');
  });

  it('are counted in bytes, not in characters', async () => {
    const { socket, admit } = waiting({ frameBytes: 10_000 });
    admit();
    await has(socket, 'welcome');
    socket.say({ t: 'ping', x: 'ü'.repeat(5_000) });
    await closed(socket, 'tooBig');
  });

  it('are as many as may come at once', async () => {
    // The rate alone would let them: it fills up while nothing is answered.
    const { socket, pass } = waiting({ framesBurst: 10, framesPerSecond: 1_000, subscriptions: 2 });
    for (let at = 0; at < 10; at++) {
      pass(1_000);
      socket.say({ t: 'ping' });
    }
    expect(socket.code).toBeNull();
    pass(1_000);
    socket.say({ t: 'ping' });
    await closed(socket, 'tooMany');
  });
});

describe('what depends on time', () => {
  const opened = async (options: HoldfastOptions = {}) => {
    const made = connect(options);
    made.socket.say(hello);
    await has(made.socket, 'welcome');
    return made;
  };

  it('HF-CONN-4: a socket that says no hello is closed at the limit, not before', () => {
    const { socket, tick } = connect({ limits: { ...defaultLimits, helloTimeoutMs: 5_000 } });
    tick(4_999);
    expect(socket.code).toBeNull();
    tick(1);
    expect(socket.code).toBe(closeCodes.helloTimeout.code);
    expect(socket.closed).toBe(1);
  });

  it('HF-CONN-4: one that has said it is not closed for what the application takes', async () => {
    const { socket, tick } = connect({ authorize: () => new Promise(() => {}) });
    socket.say(hello);
    await vi.waitFor(() => expect(socket.code).toBeNull());
    tick(60_000);
    expect(socket.code).toBeNull();
  });

  it('HF-LIVE-1: a silent socket is asked once, and closed when it stays silent', async () => {
    const limits = { ...defaultLimits, heartbeatMs: 25_000, pongTimeoutMs: 10_000 };
    const { socket, tick } = await opened({ limits });
    tick(24_999);
    expect(typesOf(socket)).toEqual(['welcome']);
    tick(1);
    tick(1_000);
    expect(typesOf(socket)).toEqual(['welcome', 'ping']);
    tick(8_999);
    expect(socket.code).toBeNull();
    tick(1);
    expect(socket.code).toBe(closeCodes.noPong.code);
  });

  it.each([0, 1])(
    'HF-LIVE-1: one that answers within %d ms lives, and is asked again',
    async (ms) => {
      const limits = { ...defaultLimits, heartbeatMs: 25_000, pongTimeoutMs: 10_000 };
      const { socket, tick, pass } = await opened({ limits });
      for (let round = 1; round <= 3; round++) {
        tick(25_000 + 1);
        expect(typesOf(socket).filter((type) => type === 'ping')).toHaveLength(round);
        pass(ms);
        socket.say({ t: 'pong' });
      }
      expect(socket.code).toBeNull();
    },
  );

  it('new credentials are asked for once at four fifths of their life, and its end is the end', async () => {
    const { socket, tick } = await opened({ authorize: () => ({ id: 'u', expiresInMs: 10_000 }) });
    const asked = () => socket.frames.filter(({ t }) => t === 'reauth');
    tick(7_999);
    expect(asked()).toEqual([]);
    tick(1);
    tick(1_000);
    expect(asked()).toEqual([{ t: 'reauth', inMs: 2_000 }]);
    tick(999);
    expect(socket.code).toBeNull();
    tick(1);
    expect(socket.code).toBe(closeCodes.tokenExpired.code);
  });

  it('new credentials that come live as long as the first', async () => {
    const { socket, tick } = await opened({ authorize: () => ({ id: 'u', expiresInMs: 10_000 }) });
    tick(8_000);
    socket.say({ t: 'auth', r: 3, token: 'new' });
    expect(await answerTo(socket, 3)).toMatchObject({ t: 'res', ok: {} });
    tick(9_999);
    expect(socket.code).toBeNull();
    expect(socket.frames.filter(({ t }) => t === 'reauth')).toHaveLength(2);
    tick(1);
    expect(socket.code).toBe(closeCodes.tokenExpired.code);
  });

  it('a socket that was closed does and says nothing any more', async () => {
    const { socket, connection, tick } = await opened();
    expect(connection.isClosed).toBe(false);
    socket.vanish();
    expect(connection.isClosed).toBe(true);
    expect(socket.closed).toBe(1);
    const before = socket.frames.length;
    connection.drain(1_000);
    connection.close(closeCodes.internal);
    tick(1_000_000);
    socket.say({ t: 'ping' });
    expect([socket.frames.length, socket.code, socket.closed]).toEqual([before, null, 1]);
  });

  it('clients are told to move on only where they have said hello', async () => {
    const { socket, connection } = await opened();
    connection.drain(7_000);
    expect(socket.frames.at(-1)).toEqual({ t: 'drain', spreadMs: 7_000 });
    const silent = connect();
    silent.connection.drain(7_000);
    expect(silent.socket.frames).toEqual([]);
  });
});

describe('who speaks', () => {
  it('with credentials of somebody else is closed', async () => {
    let id = 'u';
    const { socket } = connect({ authorize: () => ({ id }) });
    socket.say(hello);
    await has(socket, 'welcome');
    id = 'other';
    socket.say({ t: 'auth', r: 1, token: 'other' });
    await closed(socket, 'forbidden');
    expect(typesOf(socket)).toEqual(['welcome']);
  });

  it('an unknown version is told so', async () => {
    const { socket } = connect();
    socket.say({ t: 'hello', v: 2 });
    await closed(socket, 'noCommonVersion');
  });

  it('HF-VER-1: an unknown subprotocol is told so at once', () => {
    const { open } = connect();
    expect(open('other').socket.code).toBe(closeCodes.noCommonVersion.code);
  });

  it('a fault of `authorize` is reported and ends the socket; a refusal is none', async () => {
    const faulty = connect({
      authorize: () => {
        throw new Error('the database is down');
      },
    });
    faulty.socket.say(hello);
    await closed(faulty.socket, 'internal');
    expect(faulty.errors).toHaveLength(1);
    const refused = connect({ authorize: () => null });
    refused.socket.say(hello);
    await closed(refused.socket, 'unauthorized');
    expect(refused.errors).toEqual([]);
  });

  it('S20: has so many sockets at once, and a place again when one is gone', async () => {
    const { open, socket } = connect({ limits: { ...defaultLimits, participantConnections: 2 } });
    socket.say(hello);
    await has(socket, 'welcome');
    const second = open();
    second.socket.say(hello);
    await has(second.socket, 'welcome');
    const third = open();
    third.socket.say(hello);
    await closed(third.socket, 'tooMany');
    second.socket.vanish();
    const fourth = open();
    fourth.socket.say(hello);
    await has(fourth.socket, 'welcome');
  });
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
