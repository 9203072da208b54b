import { createMemoryLog, type SessionLog } from '@holdfast/log';
import type { Position } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import type { SessionHub } from '../../src/session/hub.ts';
import { askedLog, slow } from '../support/asked-view.ts';
import { names, processOn, session } from '../support/hub.ts';
import { deaf } from '../support/logs.ts';
import { body, message, write } from '../support/viewed.ts';

const start = (more: object = {}) =>
  body({ k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'answer', ...more });
const says = (delta: string, run = 'r') => {
  const text = { id: 't', delta };
  return body({
    ...{ k: 'chunks', run, attempt: 1 },
    c: [{ type: 'start' }, { ...text, type: 'text-start' }, { ...text, type: 'text-delta' }],
  });
};
const ends = (run = 'r') => body({ k: 'run-end', run, attempt: 1, outcome: 'finished' });

const hubOn = async (log: SessionLog) =>
  (await processOn(log, { pageMessages: 3 }).hubs.acquire(session)).hub;

/** A session of so many messages that a hub has seen, and what is written behind its back. */
async function seen(count: number, isDeaf = true) {
  const log = createMemoryLog();
  await write(log, ...names(count).map(message));
  const { log: counted, asked } = askedLog(slow(isDeaf ? deaf(log) : log));
  const hub = await hubOn(counted);
  const before = await hub.project((_, at) => at);
  const own = async (...bodies: readonly string[]) => {
    await write(log, ...bodies);
    const read = await log.read(session, { after: before, limit: 99 });
    if (read.kind !== 'entries') throw new Error('it is there');
    return { before, entries: read.entries };
  };
  return { log, hub, before, own, asked };
}

const promptOf = async (hub: SessionHub, own: Parameters<SessionHub['promptAt']>[0]) =>
  (await hub.promptAt(own))?.messages().map(({ id }) => id);

/** Another process stores all that there is now. */
const storeElsewhere = async (log: SessionLog) =>
  expect(await (await hubOn(log)).checkpoint()).toMatchObject({ count: expect.any(Number) });

describe('HF-POS-6: the messages at an entry', () => {
  it('cost no read where it was delivered, and one where it was not', async () => {
    const near = await seen(2, false);
    const own = await near.own(message('x'));
    await vi.waitFor(() => expect(near.hub.position.id).toBe(own.entries.at(-1)?.id));
    near.asked();
    expect(await promptOf(near.hub, own)).toEqual(['m0', 'm1', 'x']);
    expect(near.asked()).toEqual([]);
    const far = await seen(2);
    const late = await far.own(message('x'));
    await write(far.log, message('y'));
    far.asked();
    expect(await promptOf(far.hub, late)).toEqual(['m0', 'm1', 'x']);
    expect(far.asked()).toEqual(['read']);
  });

  it('cost no read of it either where an older message is looked for on the way', async () => {
    const log = createMemoryLog();
    await write(log, ...names(9).map(message));
    await storeElsewhere(log);
    const { log: counted, asked } = askedLog(slow(log));
    const hub = await hubOn(counted);
    const before = await hub.project((_, at) => at);
    await write(log, body({ k: 'truncate', after: 'm1' }), message('x'));
    const read = await log.read(session, { after: before, limit: 9 });
    const entries = read.kind === 'entries' ? read.entries : [];
    await vi.waitFor(() => expect(hub.position.id).toBe(entries.at(-1)?.id));
    asked();
    expect(await promptOf(hub, { before, entries })).toEqual(['m0', 'm1', 'x']);
    expect(asked()).toEqual(['find', 'items']);
  });

  it('are seen by a process that has read nothing yet, with one look', async () => {
    const { log, own, before } = await seen(2);
    const { entries } = await own(message('x'));
    await write(log, message('y'));
    const { log: counted, asked } = askedLog(log);
    expect(await promptOf(await hubOn(counted), { before, entries })).toEqual(['m0', 'm1', 'x']);
    expect(asked()).toEqual(['open']);
  });

  it.each([
    { what: 'a new answer', entries: [message('x'), start()], shown: ['m0', 'm1', 'x'] },
    {
      what: 'an answer that goes on',
      entries: [start({ run: 'r0' }), says('H', 'r0'), ends('r0'), start({ continues: true })],
      shown: ['m0', 'm1', 'answer'],
    },
    {
      what: 'an answer that goes on, and that all begins with,',
      entries: [
        body({ k: 'truncate', after: null }),
        ...[start({ run: 'r0' }), says('H', 'r0'), ends('r0'), start({ continues: true })],
      ],
      shown: ['answer'],
    },
  ])('are those up to $what of a run, where what came behind is stored', async (each) => {
    const { log, hub, own } = await seen(2);
    const { before, entries } = await own(...each.entries);
    await write(log, says('Hi'), message('y'), message('z'));
    await storeElsewhere(log);
    expect(await promptOf(hub, { before, entries })).toEqual(each.shown);
    // Also where the hub has gone on since.
    const { messages } = await hub.messages();
    expect(messages.slice(-2).map(({ id }) => id)).toEqual(['y', 'z']);
    expect(await promptOf(hub, { before, entries })).toEqual(each.shown);
  });

  it('are so far back, too', async () => {
    const { log, hub, own } = await seen(20);
    const { before, entries } = await own(start());
    await write(log, says('Hi'), ends(), message('y'));
    await storeElsewhere(log);
    await hub.messages();
    expect(await promptOf(hub, { before, entries })).toEqual(names(20));
  });

  it('are none of a run that the log has lost', async () => {
    const { log, hub, own, before } = await seen(2);
    const { entries } = await own(message('x'), start({ continues: true }));
    const nowhere: Position = { ...before, id: '9-9' };
    await log.delete(session);
    // The answer that it went on with is there.
    await write(log, message('other'), start({ run: 'r0' }), says('H', 'r0'), ends('r0'));
    expect(await hub.promptAt({ before: nowhere, entries })).toBeNull();
  });

  it('are none of a run whose answer was cut off', async () => {
    const { log, hub, own, before } = await seen(2);
    const { entries } = await own(message('x'), start());
    await write(log, body({ k: 'truncate', after: 'm0' }), message('y'));
    await storeElsewhere(log);
    await hub.messages();
    expect(await hub.promptAt({ before, entries })).toBeNull();
  });

  it('are those of now where there is no entry, and where it was cannot be seen any more', async () => {
    const { log, hub, before, own } = await seen(2);
    await own(message('x'));
    await hub.project(() => {});
    await storeElsewhere(log);
    await write(log, message('y'));
    expect(await promptOf(hub, { before, entries: [] })).toEqual(['m0', 'm1', 'x', 'y']);
  });
});
