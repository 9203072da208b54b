import { createMemoryLog } from '@holdfast/log';
import { expect, it, vi } from 'vitest';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

/** Each is another one: what is kept twice is kept once. */
const pieceLength = 2_000;
const piece = (at: number): string => `${at} `.padEnd(pieceLength, 'x');
const limits = { checkpointBytes: 65_536, entryBytes: 8_192, textWindowBytes: 1 };

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
    putPiece: async (session, upload, index, data) => {
      bytes += (data as Uint8Array).byteLength;
      return await log.putPiece(session, upload, index, data);
    },
  });
  const server = await startOwnServer({
    log: counted,
    limits,
    agent: async function* () {
      yield { type: 'start' as const };
      yield { type: 'text-start' as const, id: 't' };
      for (let at = 0; at < pieces; at++) {
        yield { type: 'text-delta' as const, id: 't', delta: piece(at) };
        await new Promise(setImmediate);
      }
      yield { type: 'text-end' as const, id: 't' };
    },
  });
  await server.send({ id: 's', message: userMessage('m', 'Hi') });
  await vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]));
  const { messages } = await server.holdfast.session('s').messages();
  const text = Array.from({ length: pieces }, (_, at) => piece(at)).join('');
  expect(JSON.stringify(messages)).toContain(text);
  return { bytes, times, length: pieceLength * pieces };
}

it('HF-LOG-18, HF-FOLD-6: all checkpoints of a long answer, with the pieces of its text, write less than twice as much as it has', async () => {
  const { bytes, times, length } = await writtenFor(1_000);
  expect(times).toBeGreaterThan(3);
  expect(bytes).toBeGreaterThan(length);
  expect(bytes).toBeLessThan(2 * length);
}, 60_000);
