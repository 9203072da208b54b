import { createMemoryLog, type Delivery, type SessionLog } from '@holdfast/log';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { DecideWhileBusy } from '../../src/index.ts';
import { entriesIn } from '../support/entries-in.ts';
import { answer, gatedAgent } from '../support/gated-agent.ts';
import { postJson } from '../support/post.ts';
import { startServer, userMessage } from '../support/server.ts';

/** Turns of the event loop that something takes, as where the processors are busy. */
const turns = fc.nat(15);
const plans = fc.record({
  /** What is delivered, and each call of the log, on its way there and back. */
  news: turns,
  calls: turns,
  /** Between the send of what waits and the end of the answer. */
  between: turns,
  end: fc.constantFrom('stop', 'finish'),
  busy: fc.constantFrom('steer', 'queue'),
  by: fc.nat(1),
  /** Whether the answer to that send is awaited before. */
  isAwaited: fc.boolean(),
});

async function pass(count: number): Promise<void> {
  for (let left = count; left > 0; left--) await new Promise((resolve) => setImmediate(resolve));
}

const slowed = ['append', 'cancel', 'head', 'open', 'read', 'renew', 'send'];

/** A process's way to a log that takes so many turns, and brings news in order as late. */
const late = (log: SessionLog, calls: number, news: number): SessionLog =>
  new Proxy(log, {
    get: (target, name) => {
      const own = Reflect.get(target, name) as unknown;
      if (typeof own !== 'function') return own;
      if (name === 'subscribe')
        return (session: string, listener: (delivery: Delivery) => void) => {
          let last: Promise<void> = Promise.resolve();
          return target.subscribe(session, (delivery) => {
            last = last.then(() => pass(news)).then(() => listener(delivery));
          });
        };
      if (!slowed.includes(String(name))) return own.bind(target);
      return async (...given: unknown[]) => {
        await pass(calls);
        const outcome = await (own.apply(target, given) as Promise<unknown>);
        await pass(calls);
        return outcome;
      };
    },
  });

it('HF-RUN-22, HF-HTTP-22: what waits behind an answer that ends or is stopped is asked once, however late news and the log are', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ news, calls, between, end, busy, by, isAwaited }) => {
      const log = createMemoryLog();
      const gated = gatedAgent();
      const whileBusy: DecideWhileBusy = ({ asked = 'queue' }) => asked;
      const options = { agent: gated.agent, whileBusy };
      const limits = { pollMs: 60_000 };
      await using a = await startServer({ ...options, limits, log: late(log, calls, news) });
      await using b = await startServer({ ...options, limits, log: late(log, calls, news) });
      const { run } = await a.send({ id: 's', message: userMessage('m1', 'one') });
      await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
      gated.emit(...answer('Hello').slice(0, 4));
      const server = [a, b][by] ?? a;
      const message = userMessage('x', 'more');
      const sent = server.send({ id: 's', command: 'x', message, whileBusy: busy });
      if (isAwaited) await sent;
      await pass(between);
      if (end === 'stop') await postJson(`${b.api}/s/cancel`, { run });
      else {
        gated.emit(...answer('Hello').slice(4));
        gated.end();
      }
      await sent;
      await vi.waitFor(() => expect(gated.calls).toHaveLength(2));
      expect(gated.calls[1]?.messages.at(-1)).toMatchObject(message);
      gated.emit(...answer('Well'));
      gated.end();
      const entries = () => entriesIn(log, 's');
      await vi.waitFor(async () =>
        expect((await entries()).filter(({ k }) => k === 'run-end')).toHaveLength(2),
      );
      const asked = (await entries()).filter(
        (entry) => entry.k === 'message' && entry.message.id === 'x',
      );
      expect(asked).toHaveLength(1);
      expect(gated.calls).toHaveLength(2);
    }),
    { numRuns: 60 },
  );
}, 240_000);
