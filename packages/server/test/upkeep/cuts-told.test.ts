import { expect, it, vi } from 'vitest';
import { hookDeliveryOn, writeAll } from '../support/hook-delivery-on.ts';
import { userMessage } from '../support/server.ts';

it('HF-RUN-25: a cut behind an answer that is still written is told behind the message that was told last', async () => {
  const told: (string | null)[] = [];
  const { log, hookDelivery } = hookDeliveryOn({
    onMessage: ({ message }) => void told.push(message.id),
    onTruncate: ({ after }) => void told.push(`cut behind ${after}`),
  });
  const run = { run: 'r', attempt: 1, messageId: 'written' };
  await writeAll(log, 's', [
    { k: 'message', message: userMessage('first', 'first') },
    { k: 'run-start', ...run, agent: 'a', command: 'c' },
    { k: 'chunks', ...run, c: [{ type: 'start' }, { type: 'text-start', id: 't' }] },
    { k: 'message', message: userMessage('second', 'second') },
    { k: 'truncate', after: 'written' },
    { k: 'message', message: userMessage('third', 'third') },
  ]);
  hookDelivery.begin('s');
  await vi.waitFor(() => expect(told).toEqual(['first', 'cut behind first', 'third']));
  const end = { k: 'run-end', ...run, outcome: 'finished' };
  await writeAll(log, 's', [end, { k: 'truncate', after: 'written' }]);
  hookDelivery.begin('s');
  await vi.waitFor(() => expect(told.slice(3)).toEqual(['written', 'cut behind written']));
});
