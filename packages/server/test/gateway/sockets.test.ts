import { closeCodes, defaultLimits } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
import type { GatewaySocket } from '../../src/gateway/socket.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { fakeSocket } from '../support/fake-socket.ts';

describe('the sockets of a gateway', () => {
  function gateway(options: HoldfastOptions = {}) {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    let now = 1_000;
    const errors: unknown[] = [];
    const waits: number[] = [];
    const core = createCore(
      {
        authorize: () => ({ id: 'u' }),
        onError: (error) => errors.push(error),
        ...options,
        limits: { ...defaultLimits, connections: 2, ...options.limits },
      },
      {
        ...systemEnvironment,
        now: () => now,
        wait: async (ms) => {
          waits.push(ms);
          await onWait();
        },
      },
    );
    onTestFinished(() => core.close());
    let onWait: () => void | Promise<void> = () => {};
    const made = new Gateway(core, async () => new Response());
    const accept = <SOCKET extends GatewaySocket>(
      socket: SOCKET,
      kind?: 'socket' | 'stream',
      headers: Record<string, string> = {},
    ) => {
      made.accept(socket, new Request('http://test/holdfast', { headers }), kind);
      return socket;
    };
    const open = (headers?: Record<string, string>) => accept(fakeSocket(), 'socket', headers);
    return {
      gateway: made,
      core,
      errors,
      waits,
      open,
      accept,
      whenWaiting: (act: () => void | Promise<void>) => {
        onWait = act;
      },
      pass: async (ms: number) => {
        now += ms;
        await vi.advanceTimersByTimeAsync(1_000);
      },
    };
  }

  it('S20: have as many places as there may be, each until its socket is gone', async () => {
    const { gateway: made, open, pass } = gateway();
    const first = open();
    open();
    expect([made.size, made.full]).toEqual([2, true]);
    expect(open().code).toBe(closeCodes.overloaded.code);
    first.say('{');
    // It was asked to close, and is not gone yet; neither is the one that was refused.
    expect([made.size, made.full]).toEqual([1, true]);
    first.vanish();
    expect(made.full).toBe(true);
    await pass(30_000);
    expect(made.full).toBe(false);
    expect(open().code).toBeNull();
  });

  it('free the place of one of whose end their host says nothing, after 30 s', async () => {
    const { gateway: made, open, pass } = gateway();
    const socket = open();
    open();
    socket.say('{');
    await pass(29_999);
    expect(made.full).toBe(true);
    await pass(1);
    expect(made.full).toBe(false);
  });

  it('are refused from another site, and while the process closes', async () => {
    const { open, core } = gateway();
    expect(open({ origin: 'https://evil.example', host: 'test' }).code).toBe(
      closeCodes.forbidden.code,
    );
    core.lifecycle.close();
    expect(core.lifecycle.isOpen).toBe(false);
    expect(open().code).toBe(closeCodes.restart.code);
  });

  it('HF-CONN-8: leave their place when they are gone by themselves', () => {
    const { gateway: made, open } = gateway();
    const resting = vi.getTimerCount();
    const sockets = [open(), open()];
    for (const socket of sockets) socket.vanish();
    expect([made.size, made.full, vi.getTimerCount()]).toEqual([0, false, resting]);
  });

  it('are told to move on, waited for while they are there, and closed then', async () => {
    const { gateway: made, open, waits, whenWaiting } = gateway();
    const socket = open();
    socket.say({ t: 'hello', v: 1 });
    await vi.waitFor(() => expect(socket.frames.at(-1)).toMatchObject({ t: 'welcome' }));
    const other = open();
    const close = async (drainMs: number) => {
      await made.drain(drainMs);
      made.close();
    };
    const closing = close(1_000);
    expect(socket.frames.at(-1)).toEqual({ t: 'drain', spreadMs: 1_000 });
    await closing;
    expect(waits).toEqual(Array.from({ length: 10 }, () => 100));
    expect([socket.code, other.code]).toEqual([closeCodes.restart.code, closeCodes.restart.code]);
    for (const each of [socket, other]) each.vanish();
    const last = open();
    whenWaiting(() => last.vanish());
    await close(1_000);
    expect(waits).toHaveLength(11);
    const short = open();
    await close(30);
    expect(waits.slice(11)).toEqual([30]);
    expect(short.code).toBe(closeCodes.restart.code);
    open();
    await close(1);
    expect(waits.slice(12)).toEqual([1]);
  });

  it('are waited for, one step after another, and not where there is no time for that', async () => {
    const { gateway: made, open, waits, whenWaiting } = gateway();
    const socket = open();
    socket.say({ t: 'hello', v: 1 });
    await vi.waitFor(() => expect(socket.frames).toHaveLength(1));
    await made.drain(0);
    expect([socket.frames.length, waits]).toEqual([1, []]);
    const steps: (() => void)[] = [];
    whenWaiting(() => new Promise((resolve) => steps.push(resolve)));
    const drained = made.drain(200);
    await new Promise(setImmediate);
    expect(waits).toEqual([100]);
    steps[0]?.();
    await vi.waitFor(() => expect(waits).toEqual([100, 100]));
    steps[1]?.();
    await drained;
    expect(made.size).toBe(1);
  });

  it('are counted by what they are, with what they follow and what waits in them', async () => {
    const { gateway: made, accept } = gateway({ limits: { connections: 9 } as never });
    expect(made.load()).toEqual({ sockets: 0, streams: 0, subscriptions: 0, bytes: 0 });
    const waiting = (bufferedAmount: number, protocol = 'holdfast.v1') =>
      Object.assign(fakeSocket(), { bufferedAmount, protocol });
    const socket = accept(waiting(5));
    const stream = accept(waiting(7), 'stream');
    accept(waiting(11, ''));
    for (const [each, at] of [socket, stream].entries()) {
      at.say({ t: 'hello', v: 1 });
      for (let r = 0; r <= each; r++) at.say({ t: 'sub', r, s: `s${r}` });
    }
    await vi.waitFor(() => expect(made.load().subscriptions).toBe(3));
    expect(made.load()).toEqual({ sockets: 2, streams: 1, subscriptions: 3, bytes: 23 });
    stream.say('{');
    expect(made.load()).toEqual({ sockets: 2, streams: 0, subscriptions: 1, bytes: 16 });
    // What offers nothing that is known here is none, though its place is taken.
    accept(waiting(1, 'other'));
    expect(made.load().sockets).toBe(2);
  });

  it('are looked at as long as there are any, and not twice', async () => {
    const { gateway: made, open, pass, core } = gateway();
    const resting = vi.getTimerCount();
    const [first, second] = [open(), open()];
    expect(vi.getTimerCount()).toBe(resting + 1);
    first.vanish();
    for (let left = core.limits.helloTimeoutMs; left > 0; left -= 1_000) await pass(1_000);
    expect(second.code).toBe(closeCodes.helloTimeout.code);
    made.close();
    expect(vi.getTimerCount()).toBe(resting);
  });

  it('HF-CONN-13: hear from a process that stood still, once, whoever was there before', async () => {
    const { open, pass } = gateway();
    for (let round = 0; round < 2; round++) {
      const socket = open();
      socket.say({ t: 'hello', v: 1 });
      await vi.waitFor(() => expect(socket.frames).toHaveLength(1));
      await pass(2_000);
      expect(socket.frames).toHaveLength(1);
      await pass(2_001);
      expect(socket.frames.slice(1)).toEqual([{ t: 'ping' }]);
      await pass(2_000);
      expect(socket.frames).toHaveLength(2);
      socket.vanish();
    }
  });

  it('a fault in the look at them is reported, and closes them, and the next look comes', async () => {
    const { open, errors, core, pass } = gateway();
    const sockets = [open(), open()];
    for (const each of sockets) {
      each.say({ t: 'hello', v: 1 });
      await vi.waitFor(() => expect(each.frames).toHaveLength(1));
    }
    const fault = new Error('a bug of ours');
    Object.defineProperty(core.limits, 'heartbeatMs', {
      get: () => {
        throw fault;
      },
    });
    await pass(1_000);
    expect(errors).toEqual([fault, fault]);
    for (const { code } of sockets) expect(code).toBe(closeCodes.internal.code);
    await pass(1_000);
    expect(errors).toHaveLength(2);
  });

  it('one that is at fault is closed, and reported, and the others live', async () => {
    const { open, errors, core, pass } = gateway();
    const faulty = open();
    const healthy = open();
    for (const each of [faulty, healthy]) {
      each.say({ t: 'hello', v: 1 });
      await vi.waitFor(() => expect(each.frames).toHaveLength(1));
    }
    const { heartbeatMs } = core.limits;
    Object.defineProperty(faulty, 'send', {
      value: () => {
        throw new Error('a bug of the host');
      },
    });
    await pass(heartbeatMs);
    expect(errors).toHaveLength(1);
    expect(healthy.frames.at(-1)).toEqual({ t: 'ping' });
    expect(healthy.code).toBeNull();
  });
});
