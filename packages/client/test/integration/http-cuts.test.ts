import fc from 'fast-check';
import { test } from 'vitest';
import { expectWholeReply, narrow, wordByWord } from '../support/cut-replies.ts';
import { startServer } from '../support/server.ts';

/** What becomes of one stream of events: behind so many bytes it ends, or breaks off; or it is not answered. */
const fault = fc.oneof(
  fc.record({ how: fc.constantFrom('end', 'cut'), bytes: fc.integer({ min: 0, max: 4_000 }) }),
  fc.record({ how: fc.constantFrom('refuse', 'lose'), bytes: fc.constant(0) }),
);
type Fault = typeof fault extends fc.Arbitrary<infer T> ? T : never;

/** With the 5th that brings nothing the chat would be told that there is no connection. */
const schedule = fc
  .array(fault, { maxLength: 8 })
  .filter((faults) => faults.filter(({ bytes }) => bytes < 1_000).length < 5);

/** The body up to that byte, which may be in the middle of a character, and then its end or a fault. */
function broken(body: ReadableStream<Uint8Array>, { how, bytes }: Fault): ReadableStream {
  let left = bytes;
  return body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform: (piece, controller) => {
        if (left > 0) controller.enqueue(piece.subarray(0, left));
        left -= piece.length;
        if (left > 0) return;
        if (how === 'end') controller.terminate();
        else controller.error(new TypeError('terminated'));
      },
    }),
  );
}

test('F1, HF-CAR-4: streams that end, break off, are lost and are refused at 40 random schedules lose nothing and repeat nothing', async () => {
  await using server = await startServer(wordByWord, narrow);
  await fc.assert(
    fc.asyncProperty(schedule, async (faults) => {
      const plan = [...faults];
      await expectWholeReply(server.api, {
        carrier: 'http',
        onError: () => {},
        fetch: async (input, init) => {
          const next = /\/events\?/.test(String(input)) ? plan.shift() : undefined;
          if (next?.how === 'lose') throw new TypeError('fetch failed');
          if (next?.how === 'refuse') return new Response('upset', { status: 502 });
          const response = await fetch(input, init);
          if (!next || !response.body) return response;
          return new Response(broken(response.body, next), response);
        },
      });
    }),
    { numRuns: 40, seed: 20 },
  );
}, 60_000);
