import { createChatTransport } from '@holdfast/client';
import { readUIMessageStream, type UIMessage, type UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { freshId, startServer } from '../support/server.ts';
import { sockets } from '../support/sockets.ts';

const words = Array.from({ length: 60 }, (_, at) => `${at} `);

test('F1: sockets that die at 100 random schedules lose nothing and repeat nothing (HF-SUB-5)', async () => {
  await using server = await startServer(
    async function* ({ signal }): AsyncGenerator<UIMessageChunk> {
      yield { type: 'start' };
      yield { type: 'start-step' };
      for (const id of ['a', 'b']) {
        yield { type: 'text-start', id };
        for (const delta of words) {
          if (signal.aborted) return;
          yield { type: 'text-delta', id, delta };
          // A turn of the loop, so that the words come in many entries.
          await new Promise((resolve) => setImmediate(resolve));
        }
        yield { type: 'text-end', id };
      }
      yield { type: 'finish-step' };
      yield { type: 'finish' };
    },
    // Small limits, so that some drops are answered with a snapshot and some with a replay.
    { limits: { replayBytes: 4_096, windowBytes: 8_192 } },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }), async (cuts) => {
      const plan = [...cuts];
      let left = plan.shift() ?? Number.POSITIVE_INFINITY;
      const wire = sockets((socket) => {
        if (--left > 0) return;
        left = plan.shift() ?? Number.POSITIVE_INFINITY;
        socket.terminate();
      });
      const transport = createChatTransport<UIMessage>({
        api: server.api,
        WebSocket: wire.WebSocket,
        environment: { random: () => 0 },
        limits: { ackBytes: 2_048, ackMs: 5 },
      });
      const chatId = freshId();
      const stream = await transport.sendMessages({
        chatId,
        trigger: 'submit-message',
        messageId: undefined,
        messages: [{ id: freshId(), role: 'user', parts: [{ type: 'text', text: 'go' }] }],
        abortSignal: undefined,
      });
      let message: UIMessage | undefined;
      for await (const state of readUIMessageStream({ stream, terminateOnError: true }))
        message = state;
      const { messages } = await transport.snapshot(chatId);
      transport.close();
      const text = words.join('');
      expect(message?.parts.map((part) => ('text' in part ? part.text : part.type))).toEqual([
        'step-start',
        text,
        text,
      ]);
      expect(JSON.parse(JSON.stringify(message))).toEqual(messages[1]);
    }),
    { numRuns: 100, seed: 20 },
  );
}, 60_000);
