import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type BusEvents, serverBus } from '../src/redis/bus.ts';
import { settings } from '../src/redis/settings.ts';
import { redisFixture } from './support/redis-fixture.ts';

it.each([2, 3] as const)(
  'F20: a subscriber whose connection is silently dead is replaced (RESP%i)',
  async (protocol) => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
    });
    const { proxy, admin } = await redisFixture();
    const told: string[] = [];
    const events: BusEvents = {
      up: () => told.push('up'),
      down: () => told.push('down'),
      renewed: () => told.push('renewed'),
      message: (_channel, text) => told.push(text),
    };
    const redis = new Redis(proxy.port, '127.0.0.1', { ...settings, protocol });
    const bus = serverBus(redis, events);
    onTestFinished(() => bus.close());
    bus.connect();
    await vi.waitFor(() => expect(told).toEqual(['up']));
    await bus.join('channel');
    for (let round = 0; round < 3; round++) {
      await vi.advanceTimersByTimeAsync(10_000);
      await admin.publish('channel', `alive ${round}`);
      await vi.waitFor(() => expect(told.at(-1)).toBe(`alive ${round}`));
    }
    expect(told).not.toContain('down');
    proxy.blackhole();
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(told.at(-1)).toBe('down'), { timeout: 20_000 });
    await proxy.pass();
    await vi.waitFor(() => expect(told.at(-1)).toBe('up'), { timeout: 20_000 });
  },
  60_000,
);
