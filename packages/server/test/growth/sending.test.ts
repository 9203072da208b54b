import { createMemoryLog } from '@holdfast/log';
import { defaultLimits } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { changed } from '../support/logs.ts';
import { startEchoServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

/** A session that began with so many messages, and how much of it a send has read. */
async function talking(count: number) {
  const log = createMemoryLog({ limits: defaultLimits });
  let read = 0;
  const counted = changed(log, {
    items: async (session, request) => {
      const found = await log.items(session, request);
      read += found?.items.length ?? 0;
      return found;
    },
    open: async (session, request) => {
      const opened = await log.open(session, request);
      read += (opened?.items.length ?? 0) + (opened?.entries.length ?? 0);
      return opened;
    },
  });
  const server = await startEchoServer({ log: counted, limits: { lingerMs: 60_000 } });
  const names = Array.from({ length: count }, (_, at) => `m${at}`);
  await server.holdfast.session('s').seed(names.map((id) => userMessage(id, id)) as never);
  let sent = 0;
  const send = async () => {
    const before = (await log.head('s'))?.checkpoint;
    await server.send({ id: 's', message: userMessage(`n${sent++}`, 'hi') });
    await vi.waitFor(async () => expect((await log.head('s'))?.checkpoint).not.toBe(before));
    await vi.waitFor(async () => expect((await log.head('s'))?.runs).toEqual([]));
  };
  return { send, reads: () => read };
}

it('HF-SUB-9: sends behind 2,000 messages read no more of them than behind 20', async () => {
  const readBy = async (count: number) => {
    const { send, reads } = await talking(count);
    await send();
    const first = reads();
    for (let at = 0; at < 30; at++) await send();
    return reads() - first;
  };
  const few = await readBy(20);
  expect(few).toBeGreaterThan(0);
  expect(await readBy(2_000)).toBeLessThanOrEqual(few + defaultLimits.pageMessages);
}, 60_000);
