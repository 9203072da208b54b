import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { describe, expect, it, vi } from 'vitest';
import type { SessionHub } from '../../src/session/hub.ts';
import { askedLog, slow } from '../support/asked-view.ts';
import { processOn, session } from '../support/hub.ts';
import { deaf } from '../support/logs.ts';
import { body, message, topOf, write } from '../support/viewed.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const hubOn = async (log: SessionLog, limits = {}) =>
  (await processOn(log, limits).hubs.acquire(session)).hub;
const idsOf = (hub: SessionHub) =>
  hub.messages().then(({ messages }) => messages.map(({ id }) => id));
const entriesOf = async (log: SessionLog) => {
  const read = await log.read(session, { after: null, limit: 99 });
  if (read.kind !== 'entries') throw new Error('it is there');
  return read.entries;
};

describe('entries that this process wrote', () => {
  const start = body({ k: 'run-start', run: 'r', attempt: 1, agent: 'a', messageId: 'answer' });

  /** A hub that hears of nothing, has seen one message, and writes two more entries. */
  async function written() {
    const inner = createMemoryLog();
    await write(inner, message('a'));
    const { log, asked } = askedLog(slow(deaf(inner)));
    const hub = await hubOn(log);
    const before = await hub.project((_, at) => at);
    await write(inner, message('b'), start);
    const entries = (await entriesOf(inner)).slice(1);
    asked();
    return { inner, hub, asked, before, entries };
  }

  it('need no read where they are right behind what is known', async () => {
    const { hub, asked, before, entries } = await written();
    const messages = (await hub.promptWith({ before, entries }, 'r'))?.messages() ?? [];
    expect(messages.map(({ id }) => id)).toEqual(['a', 'b']);
    const id = entries.at(-1)?.id ?? '';
    expect(await hub.project(({ size }) => size, { id })).toBe(3);
    expect(asked()).toEqual([]);
  });

  it('need none either where the session begins with them', async () => {
    const inner = createMemoryLog();
    const { log, asked } = askedLog(slow(deaf(inner)));
    const hub = await hubOn(log);
    expect(hub.isBegun).toBe(false);
    await write(inner, message('a'));
    const { epoch = '' } = (await inner.head(session)) ?? {};
    await hub.wrote({ before: { epoch, id: '0-0' }, entries: await entriesOf(inner) });
    // No news of it has come.
    expect([hub.isBegun, hub.position.epoch]).toEqual([true, '']);
    expect(await hub.project(({ size }) => size, { id: await topOf(inner) })).toBe(1);
    expect(asked()).toEqual([]);
  });

  it.each([
    { where: 'behind others that are not known', at: { id: '7-7' } },
    { where: 'in another session of that name', at: { epoch: 'other' } },
  ])('are read where they are $where', async ({ at }) => {
    const { hub, asked, before, entries } = await written();
    await hub.wrote({ before: { ...before, ...at }, entries: entries.slice(1) });
    expect(await hub.project(({ size }) => size, 'delivered')).toBe(1);
    expect(asked()).toEqual([]);
    expect(await idsOf(hub)).toEqual(['a', 'b']);
  });

  it('are read where nothing is known yet', async () => {
    const { inner, before, entries } = await written();
    const hub = await hubOn(slow(deaf(inner)));
    await hub.wrote({ before, entries });
    expect(hub.isBegun).toBe(true);
    expect(await idsOf(hub)).toEqual(['a', 'b']);
  });
});

describe('callers of a hub take turns', () => {
  it('and each has what it asks for before it goes on', async () => {
    const inner = createMemoryLog();
    await write(inner, message('a'));
    const hub = await hubOn(slow(deaf(inner)));
    const order: string[] = [];
    const first = hub.project(async ({ size }) => {
      order.push(`begun with ${size}`);
      await turn();
      await turn();
      order.push('over');
    });
    const second = hub.project(({ size }) => order.push(`next with ${size}`));
    await Promise.all([first, second]);
    expect(order).toEqual(['begun with 1', 'over', 'next with 1']);
    const failed = hub.project(() => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    await write(inner, message('b'));
    expect(await hub.project(({ size }) => size, { id: await topOf(inner) })).toBe(2);
  });

  it('and a snapshot that has not begun is for all who ask meanwhile', async () => {
    const inner = createMemoryLog();
    await write(inner, message('a'));
    const hub = await hubOn(slow(inner));
    const [one, two] = [hub.snapshot(), hub.snapshot()];
    expect(two).toBe(one);
    const idsIn = async (snapshot: typeof one) => (await snapshot).items.map(({ id }) => id);
    expect(await idsIn(one)).toEqual(['a']);
    await write(inner, message('b'));
    expect(await idsIn(hub.snapshot())).toEqual(['a', 'b']);
  });

  it('and a message is found however far back it is', async () => {
    const inner = createMemoryLog();
    await write(inner, ...['a', 'b', 'c', 'd', 'e', 'f'].map(message));
    await (await hubOn(inner)).checkpoint();
    const hub = await hubOn(slow(inner), { pageMessages: 2 });
    expect((await hub.message('a'))?.message).toMatchObject({ id: 'a', role: 'user' });
    expect((await hub.message('f'))?.message.id).toBe('f');
    expect(await hub.message('other')).toBeNull();
  });
});

it('what a hub is given is at hand again where a session begins anew', async () => {
  const log = createMemoryLog();
  await write(log, message('a'), message('b'));
  const hub = await hubOn(log);
  await write(log, message('c'));
  await vi.waitFor(async () => expect(hub.position.id).toBe(await topOf(log)));
  await log.delete(session);
  await vi.waitFor(() => expect(hub.position.epoch).toBe(''));
  await write(log, message('x'));
  await vi.waitFor(async () => expect(hub.position.id).toBe(await topOf(log)));
  const at = hub.position.id;
  await write(log, message('y'));
  await vi.waitFor(() => expect(hub.framesAfter(at)).toHaveLength(1));
});

it('HF-SUB-11: for who asks from a position nothing is unreadable', async () => {
  const hub = await hubOn(createMemoryLog());
  const broken = { id: '1-7', prev: '0-0', body: '{"k":"chunks","run":"r","c":[{"type":' };
  expect(hub.encode(broken).frame.toString()).toContain('"unreadable"');
});

it('who listens to a hub is told until they stop, and nobody behind its end', async () => {
  const log = createMemoryLog();
  const hub = await hubOn(log);
  const told: string[] = [];
  const listen = (name: string) =>
    hub.listen({
      advanced: () => told.push(name),
      reset: () => {},
      deleted: () => {},
      presence: (who) => told.push(`${name} ${who.length}`),
    });
  const stop = listen('one');
  listen('two');
  await write(log, message('a'));
  await vi.waitFor(() => expect(told).toContain('two'));
  expect(told.splice(0)).toEqual(['one', 'two']);
  hub.presence.set({}, { id: 'ada', role: 'user' }, 'here');
  expect(told.splice(0)).toEqual(['one 1', 'two 1']);
  stop();
  await write(log, message('b'));
  await vi.waitFor(() => expect(told).toContain('two'));
  expect(told.splice(0)).toEqual(['two']);
  const { bytes } = hub;
  hub.close();
  await write(log, message('c'));
  await vi.waitFor(async () => expect(hub.position.id).toBe(await topOf(log)));
  expect([hub.bytes, told]).toEqual([bytes, []]);
});

it('a long answer is folded in slices, between which others have their turn', async () => {
  const log = createMemoryLog();
  const hub = await hubOn(log);
  await write(log, message('m0'));
  await hub.project(() => {}, 'delivered');
  const ids = Array.from({ length: 250 }, (_, at) => `m${at + 1}`);
  await write(log, ...ids.map(message));
  await vi.waitFor(async () => expect(hub.position.id).toBe(await topOf(log)));
  let turns = 0;
  const folded = hub.project(({ items }) => [...items].map(({ id }) => id), 'delivered');
  const isFolded = folded.then(() => true);
  while (!(await Promise.race([isFolded, turn()]))) turns++;
  expect(await folded).toEqual(['m0', ...ids]);
  expect(turns).toBeGreaterThanOrEqual(2);
});
