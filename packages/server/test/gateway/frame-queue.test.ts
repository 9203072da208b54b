import { defaultLimits } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import { closed, connect, has, hello, typesOf } from '../support/connected.ts';
import { handled } from '../support/handled.ts';

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
