import { expect, test, vi } from 'vitest';
import { begin, scripted } from '../support/events-route.ts';
import { online, open } from '../support/http-page.ts';

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

/** Timers, and how long each was to wait. */
function watchedTimers() {
  const waits: number[] = [];
  const after = (ms: number, run: () => void) => {
    waits.push(ms);
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  return { waits, after };
}

test('HF-CAR-5 a request behind which nothing comes is given 2 s', async () => {
  const host = await scripted(() => {});
  const { waits, after } = watchedTimers();
  const page = open(host, { carrier: 'http', environment: { after } });
  await vi.waitFor(() => expect(page.asked).toHaveLength(1));
  expect(waits).toContain(2_000);
});

test('HF-CAR-1 over HTTP nothing is waited for that is longer than timers can wait', async () => {
  const host = await scripted((url, response) => begin(url, response));
  const { waits, after } = watchedTimers();
  await online(open(host, { carrier: 'http', environment: { after } }), 'http');
  expect(Math.max(...waits)).toBeLessThan(2 ** 31);
});
