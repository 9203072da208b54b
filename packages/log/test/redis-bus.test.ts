import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { expect, inject, it, onTestFinished, vi } from 'vitest';
import { serverBus } from '../src/redis/bus.ts';

it('a connection that many give up at once is dropped once, and the next one can be given up as well', async () => {
  const redis = new Redis(inject('redisUrl'), { lazyConnect: true });
  const up = vi.fn();
  const bus = serverBus(redis, { up, down: () => {}, renewed: () => {}, message: () => {} });
  onTestFinished(() => bus.close());
  bus.connect();
  for (let connection = 1; connection <= 3; connection++) {
    await vi.waitFor(() => expect(up).toHaveBeenCalledTimes(connection));
    const { stream } = redis;
    const before = stream.listenerCount('close');
    // Node warns of a leak from 11 listeners on.
    for (let channel = 0; channel < 20; channel++) bus.restart();
    expect(stream.listenerCount('close')).toBe(before + 1);
  }
  await vi.waitFor(() => expect(up).toHaveBeenCalledTimes(4));
});
