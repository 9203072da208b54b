import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

const piece = 'x'.repeat(2_000);
const limits = { checkpointBytes: 4_096, entryBytes: 8_192 };

/** All that checkpoints write while an answer of so many pieces comes, and how often they do. */
async function writtenFor(pieces: number) {
  const log = createMemoryLog();
  let bytes = 0;
  let times = 0;
  const counted = changed(log, {
    checkpoint: async (session, command) => {
      if (command.changes.length > 0) times++;
      for (const { body } of command.changes) bytes += body.length;
      return await log.checkpoint(session, command);
    },
  });
  const server = await startOwnServer({
    log: counted,
    limits,
    agent: async function* () {
      yield { type: 'start' as const };
      yield { type: 'text-start' as const, id: 't' };
      for (let at = 0; at < pieces; at++) {
        yield { type: 'text-delta' as const, id: 't', delta: piece };
        await new Promise(setImmediate);
      }
      yield { type: 'text-end' as const, id: 't' };
    },
  });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]));
  const { messages } = await server.holdfast.session('s').messages();
  expect(JSON.stringify(messages)).toContain(piece.repeat(pieces));
  return { bytes, times, length: piece.length * pieces };
}

it('HF-LOG-18: all checkpoints of a long answer together write a few times as much as it has', async () => {
  const { bytes, times, length } = await writtenFor(400);
  expect(times).toBeGreaterThan(4);
  expect(bytes).toBeGreaterThan(length);
  expect(bytes).toBeLessThan(4 * length);
}, 60_000);
