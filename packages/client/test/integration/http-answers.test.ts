import { expect, test, vi } from 'vitest';
import { scripted } from '../support/events-route.ts';
import { open } from '../support/http-page.ts';

test.each([
  [401, 'unauthorized', 'failed'],
  [429, 'limit', 'connecting'],
] as const)(
  'HF-CAR-7 a stream that is answered with %i is the close of a socket for want of that',
  async (status, reason, state) => {
    const host = await scripted((_, response) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { code: 'unauthorized', message: 'no' } }));
    });
    const { transport } = open(host, { carrier: 'http', token: 'old' });
    await vi.waitFor(() => expect(transport.connection.trouble?.reason).toBe(reason));
    expect(transport.connection.getSnapshot()).toBe(state);
  },
);

test('HF-CAR-5 a request behind which nothing comes is given 2 s', async () => {
  const host = await scripted(() => {});
  const waits: number[] = [];
  const after = (ms: number, run: () => void) => {
    waits.push(ms);
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const page = open(host, { carrier: 'http', environment: { after } });
  await vi.waitFor(() => expect(page.asked).toHaveLength(1));
  expect(waits).toContain(2_000);
});
