import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { textOf } from '../support/chat.ts';
import { openRoom, type Room } from '../support/room.ts';
import { memoryStorage } from '../support/storage.ts';

/** What becomes of one request: the server hears it or not, and the page hears of it or not. */
type Fate = 'passes' | 'request lost' | 'response lost';

const fates = fc.constantFrom<Fate>('passes', 'request lost', 'response lost');
/** The page is closed in the middle of everything behind so many requests; 0: never. */
const plans = fc.record({
  fates: fc.array(fates, { maxLength: 12 }),
  messages: fc.integer({ min: 1, max: 4 }),
  doubleClicks: fc.boolean(),
  closesBehind: fc.integer({ min: 0, max: 6 }),
});

/** Requests meet their fates; what comes behind those passes. */
function network(plan: readonly Fate[], onRequest: () => void): typeof globalThis.fetch {
  const left = [...plan];
  return async (input, init) => {
    if (init?.method !== 'POST') return await fetch(input, init);
    const fate = left.shift() ?? 'passes';
    onRequest();
    if (fate === 'request lost') throw new TypeError('Failed to fetch');
    const response = await fetch(input, init);
    if (fate === 'response lost') throw new TypeError('Failed to fetch');
    return response;
  };
}

/** Every run says one word and ends. */
function answerAll(room: Room): void {
  void (async () => {
    for (let at = 0; ; at++) {
      const run = await room.agent.run(at);
      run.emit({ type: 'start' }, { type: 'text-start', id: 't' });
      run.emit({ type: 'text-delta', id: 't', delta: 'ok' }, { type: 'text-end', id: 't' });
      run.end();
    }
  })();
}

test('through any mixture of lost requests, lost answers, double clicks and a reload: one message and one run each, in order', async () => {
  const room = await openRoom();
  answerAll(room);
  await fc.assert(
    fc.asyncProperty(plans, async ({ fates: plan, messages, doubleClicks, closesBehind }) => {
      const started = room.agent.started;
      const id = crypto.randomUUID();
      const storage = memoryStorage();
      const outbox = { storage };
      let close = (): void => {};
      const closing = new Promise<void>((resolve) => {
        close = resolve;
      });
      let requests = 0;
      const onRequest = () => {
        if (++requests === closesBehind) close();
      };
      const { transport: first } = room.join({ id }, { outbox, fetch: network(plan, onRequest) });
      const all = Array.from({ length: messages }, (_, at) => ({
        id: `${id}-${at}`,
        parts: [{ type: 'text' as const, text: String(at) }],
      }));
      const clicked = doubleClicks ? all.flatMap((message) => [message, message]) : all;
      const sent = Promise.allSettled(clicked.map((message) => first.enqueue(id, message)));
      await Promise.race([closing, sent]);
      first.close();
      // The next page, on a network that works.
      const { transport } = room.join({ id }, { outbox });
      const release = transport.hold(id);
      await vi.waitFor(
        async () => {
          const { messages: shown } = await transport.snapshot(id);
          const asked = shown.filter(({ role }) => role === 'user').map(textOf);
          expect(asked).toEqual(Array.from({ length: messages }, (_, at) => String(at)));
          expect(room.agent.started - started).toBe(messages);
          expect(storage.values.size).toBe(0);
        },
        { timeout: 20_000, interval: 20 },
      );
      release();
      transport.close();
    }),
    { numRuns: 60, endOnFailure: true },
  );
}, 60_000);
