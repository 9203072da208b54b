import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { newestOf } from '../../src/session/history.ts';
import { LosingLog } from '../support/failover.ts';
import { names, processOn, session, write } from '../support/hub.ts';
import { changed, deaf } from '../support/logs.ts';

const topOf = async (log: SessionLog) => (await log.head(session))?.top ?? '';

/** A log that counts what is asked of it. */
function counting(inner: SessionLog) {
  const asked: string[] = [];
  const log = new Proxy(inner, {
    get: (target, name) => {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function') return value;
      return (...given: unknown[]) => {
        asked.push(String(name));
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
  const reads = () => asked.filter((name) => name === 'read' || name === 'open').length;
  return { log, reads };
}

describe('how far a hub looks', () => {
  it.each(['top', 'delivered', 'id'] as const)('to %s', async (to) => {
    const inner = createMemoryLog();
    await write(inner, 'a');
    // Nothing that is written now is delivered.
    const { log, reads } = counting(deaf(inner));
    const { hub } = await processOn(log).hubs.acquire(session);
    const first = to === 'id' ? { id: await topOf(inner) } : to;
    const ids = (reach: typeof first) =>
      hub.project(({ items }) => [...items].map(({ id }) => id), reach);
    expect(await ids(first)).toEqual(['a']);
    const before = reads();
    expect(await ids(first)).toEqual(['a']);
    // The top may have moved; the others are known.
    expect(reads() - before).toBe(to === 'top' ? 1 : 0);
    await write(inner, 'b');
    const next = to === 'id' ? { id: await topOf(inner) } : to;
    expect(await ids(next)).toEqual(to === 'delivered' ? ['a'] : ['a', 'b']);
  });

  it('costs no read where it was delivered', async () => {
    const inner = createMemoryLog();
    await write(inner, 'a');
    const { log, reads } = counting(inner);
    const { hub } = await processOn(log).hubs.acquire(session);
    await hub.project(() => {}, 'delivered');
    const before = reads();
    await write(inner, 'b', 'c');
    await vi.waitFor(async () => expect(hub.position.id).toBe(await topOf(inner)));
    const known = await hub.project(({ size }) => size, { id: await topOf(inner) });
    expect(known).toBe(3);
    expect(await hub.project(({ size }) => size, 'delivered')).toBe(3);
    expect(reads()).toBe(before);
  });

  it('is whole also where what was delivered reaches further back than what is held', async () => {
    const log = createMemoryLog();
    await write(log, ...names(9));
    const { hub: other } = await processOn(log, { pageMessages: 3 }).hubs.acquire(session);
    await other.checkpoint();
    const { hub } = await processOn(log, { pageMessages: 3 }).hubs.acquire(session);
    await hub.project(() => {});
    const cut = JSON.stringify({ k: 'truncate', after: 'm1', at: 0 });
    await log.send(session, { command: 'cut', entries: [{ nonce: 77, body: cut }] });
    await vi.waitFor(async () => expect(hub.position.id).toBe(await topOf(log)));
    const [last, at] = await hub.project(({ last }, { id }) => [last?.id, id], 'delivered');
    expect([last, at]).toEqual(['m1', hub.position.id]);
  });

  it('F7: what was lost is forgotten, and what comes then is at hand again', async () => {
    const losing = new LosingLog();
    await write(losing.log, 'a');
    const back = losing.replica(session);
    const { log, reads } = counting(losing.log);
    const { hub } = await processOn(log, { pollMs: 20 }).hubs.acquire(session);
    let resets = 0;
    hub.listen({ advanced: () => {}, reset: () => resets++, deleted: () => {} });
    await write(losing.log, 'lost 1', 'lost 2');
    await vi.waitFor(() => expect(hub.framesAfter('1-x')).toBeNull());
    back();
    await vi.waitFor(() => expect(resets).toBe(1));
    await hub.project(() => {});
    const at = hub.position.id;
    const before = reads();
    await write(losing.log, 'b', 'c');
    await vi.waitFor(() => expect(hub.framesAfter(at)).toHaveLength(2));
    expect(await hub.project(({ size }) => size, 'delivered')).toBe(3);
    expect(reads()).toBe(before);
  });

  it('is all that was delivered, also where that is more than is at hand', async () => {
    const inner = createMemoryLog();
    await write(inner, 'a');
    const { log, reads } = counting(inner);
    const { hub } = await processOn(log).hubs.acquire(session);
    await hub.project(() => {}, 'delivered');
    // Of so much the newest frames are kept, and nobody has looked meanwhile.
    await write(inner, ...names(7).map((name) => name.padEnd(100_000, '.')));
    await vi.waitFor(async () => expect(hub.position.id).toBe(await topOf(inner)));
    expect(await hub.project(({ size }) => size, 'delivered')).toBe(8);
    const once = reads();
    expect(await hub.project(({ size }) => size, 'delivered')).toBe(8);
    expect(reads()).toBe(once);
  });

  it('HF-POS-6: messages are those at the last of entries that are named, or in front of them', async () => {
    const log = createMemoryLog();
    await write(log, 'a');
    const { hub } = await processOn(log).hubs.acquire(session);
    const { position } = await newestOf(hub, 9);
    await write(log, 'b', 'c');
    const read = await log.read(session, { after: position, limit: 9 });
    const entries = read.kind === 'entries' ? read.entries : [];
    const at = async (count: number) => {
      const own = { before: position, entries: entries.slice(0, count) };
      return (await hub.promptAt(own))?.messages().map(({ id }) => id);
    };
    expect(await at(0)).toEqual(['a']);
    expect(await at(1)).toEqual(['a', 'b']);
    expect(await at(2)).toEqual(['a', 'b', 'c']);
    // Also when it has gone on since.
    expect(await at(1)).toEqual(['a', 'b']);
  });

  it('HF-POS-6: they are so also where another process has stored what came behind', async () => {
    const log = createMemoryLog();
    await write(log, 'a');
    const { hub } = await processOn(log).hubs.acquire(session);
    const { position } = await newestOf(hub, 9);
    await write(log, 'b', 'c');
    const read = await log.read(session, { after: position, limit: 1 });
    const entries = read.kind === 'entries' ? read.entries : [];
    const { hub: other } = await processOn(log).hubs.acquire(session);
    await newestOf(other, 9);
    expect(await other.checkpoint()).toMatchObject({ count: 3 });
    const messages = (await hub.promptAt({ before: position, entries }))?.messages() ?? [];
    expect(messages.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  it('of a session that begins anew it knows nothing of the one before', async () => {
    const log = createMemoryLog();
    await write(log, 'a', 'b');
    const { hub } = await processOn(log).hubs.acquire(session);
    expect((await hub.messages()).messages).toHaveLength(2);
    let isDeleted = false;
    hub.listen({
      advanced: () => {},
      reset: () => {},
      deleted: () => {
        isDeleted = true;
      },
    });
    await log.delete(session);
    await vi.waitFor(() => expect(isDeleted).toBe(true));
    expect((await hub.messages()).messages).toEqual([]);
    expect(await hub.handed()).toEqual({ epoch: '', id: '0-0' });
    expect(await hub.handOver('1-1')).toBe(false);
    expect(await hub.checkpoint()).toBe('nothing');
    await write(log, 'c');
    expect((await hub.messages()).messages.map(({ id }) => id)).toEqual(['c']);
  });
});

describe('a process’s hubs', () => {
  it('that could not be opened are opened again', async () => {
    const inner = createMemoryLog();
    let left = 1;
    const log = changed(inner, {
      subscribe: async (...given) => {
        if (left-- > 0) throw new HoldfastError('unavailable', 'unable to reach the log: cut');
        return await inner.subscribe(...given);
      },
    });
    const { hubs } = processOn(log);
    const both = [hubs.acquire(session), hubs.acquire(session)];
    for (const each of both) await expect(each).rejects.toMatchObject({ code: 'unavailable' });
    expect(hubs.size).toBe(0);
    const share = await hubs.acquire(session);
    expect(hubs.size).toBe(1);
    share.release();
    await vi.waitFor(() => expect(hubs.size).toBe(0));
  });

  it('are shared, and kept for lingerMs behind the last who gives up a share, once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const { hubs } = processOn(createMemoryLog(), { lingerMs: 5_000 });
    const one = await hubs.acquire(session);
    const two = await hubs.acquire(session);
    expect(one.hub).toBe(two.hub);
    one.release();
    one.release();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hubs.size).toBe(1);
    two.release();
    await vi.advanceTimersByTimeAsync(4_999);
    const three = await hubs.acquire(session);
    expect(three.hub).toBe(one.hub);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(hubs.size).toBe(1);
    three.release();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(hubs.size).toBe(0);
    expect((await hubs.acquire(session)).hub).not.toBe(one.hub);
  });

  it('do not reject what cannot be said: a fault is reported, a loss is none', async () => {
    const inner = createMemoryLog();
    const codes = ['unavailable', 'too_large'] as const;
    let at = 0;
    const log = changed(inner, {
      signal: async () => {
        throw new HoldfastError(codes[at++] ?? 'unavailable', 'unable to signal: x');
      },
    });
    const { hubs, errors } = processOn(log);
    const { hub } = await hubs.acquire(session);
    hub.presence.greet();
    hub.presence.set({}, { id: 'u', role: 'user' }, 'here');
    await vi.waitFor(() => expect(at).toBe(2));
    await vi.waitFor(() => expect(errors).toMatchObject([{ code: 'too_large' }]));
  });
});

describe('HF-LOG-18: a checkpoint', () => {
  it.each(['stale', 'full', 'missing'] as const)('that is %s is told so', async (outcome) => {
    const inner = createMemoryLog();
    await write(inner, 'a');
    const log = changed(inner, { checkpoint: async () => outcome });
    const { hub } = await processOn(log).hubs.acquire(session);
    expect(await hub.checkpoint()).toBe(outcome);
    expect((await hub.messages()).messages).toHaveLength(1);
  });

  it('HF-RUN-25: notes up to where the application was told, unless another was first', async () => {
    const log = createMemoryLog();
    await write(log, 'a', 'b');
    const one = (await processOn(log).hubs.acquire(session)).hub;
    const two = (await processOn(log).hubs.acquire(session)).hub;
    const { epoch, id } = await one.handed();
    expect(id).toBe('0-0');
    const top = await topOf(log);
    await two.project(() => {});
    expect(await one.handOver(top)).toBe(true);
    expect(await one.handed()).toEqual({ epoch, id: top });
    await one.checkpoint();
    // It goes on from a checkpoint that is none any more, and knows then.
    expect(await two.handOver(top)).toBe(false);
    expect(await two.handOver(top)).toBe(true);
    expect(await two.handed()).toEqual({ epoch, id: top });
  });
});
