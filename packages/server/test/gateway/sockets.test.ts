import { closeCodes, defaultLimits } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { Gateway } from '../../src/gateway/gateway.ts';
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
          onWait();
        },
      },
    );
    onTestFinished(() => core.close());
    let onWait = () => {};
    const made = new Gateway(core, async () => new Response());
    const open = (headers: Record<string, string> = {}) => {
      const socket = fakeSocket();
      made.accept(socket, new Request('http://test/holdfast', { headers }));
      return socket;
    };
    return {
      gateway: made,
      core,
      errors,
      waits,
      open,
      whenWaiting: (act: () => void) => {
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
