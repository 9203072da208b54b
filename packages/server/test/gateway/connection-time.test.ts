import { closeCodes, defaultLimits } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { HoldfastOptions } from '../../src/index.ts';
import { answerTo, closed, connect, has, hello, typesOf } from '../support/connected.ts';

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

  it('HF-CONN-13: behind a standstill nobody is judged, and who has said hello hears', async () => {
    const { connection, pass, socket, tick } = await opened();
    pass(1_000_000);
    connection.tick(1_001_000, true);
    expect(typesOf(socket)).toEqual(['welcome', 'ping']);
    tick(0);
    expect(socket.code).toBe(closeCodes.noPong.code);
    const silent = connect();
    silent.pass(1_000_000);
    silent.connection.tick(1_001_000, true);
    expect([silent.socket.frames, silent.socket.code]).toEqual([[], null]);
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
