import fc from 'fast-check';
import { test } from 'vitest';
import { expectWholeReply, narrow, wordByWord } from '../support/cut-replies.ts';
import { startServer } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

test('F1: sockets that die at 100 random schedules lose nothing and repeat nothing (HF-SUB-5)', async () => {
  await using server = await startServer(wordByWord, narrow);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), async (cuts) => {
      const plan = [...cuts];
      let left = plan.shift() ?? Number.POSITIVE_INFINITY;
      const wire = sockets((socket) => {
        if (--left > 0) return;
        left = plan.shift() ?? Number.POSITIVE_INFINITY;
        socket.terminate();
      });
      await expectWholeReply(server.api, { WebSocket: wire.WebSocket });
    }),
    { numRuns: 100, seed: 20 },
  );
}, 60_000);
