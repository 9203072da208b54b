import { expect, test, vi } from 'vitest';
import { routeOnly } from './support/hosts.ts';
import { online, open } from './support/http-page.ts';

// As behind a deployment that took the file away: what carries over HTTP cannot be loaded.
vi.mock('../src/connection/carrier/http-socket.ts', () => {
  throw new Error('the file is gone');
});

test('HF-CAR-2 where HTTP cannot be loaded, sockets are tried on', async () => {
  const host = await routeOnly();
  const page = open(host);
  await vi.waitFor(() => expect(page.wire.all.length).toBeGreaterThan(2));
  expect(page.transport.connection.getSnapshot()).toBe('connecting');
  host.holdfast.attach(host.http);
  await online(page, 'socket');
  expect(page.asked).toEqual([]);
});

test('HF-CAR-2 where nothing but HTTP is wanted, it is said that it cannot be loaded', async () => {
  const errors: unknown[] = [];
  const page = open(await routeOnly(), {
    carrier: 'http',
    onError: (error) => errors.push(error),
  });
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
  expect(page.transport.connection.carrier).toBeNull();
  expect(page.wire.all).toEqual([]);
});
