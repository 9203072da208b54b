import { createMemoryLog } from '@holdfast/log';
import { type EntryFrame, formatPosition, seqOf } from '@holdfast/protocol';
import { describe, expect, it, vi } from 'vitest';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import {
  carriers,
  startServer as start,
  type TestServerOptions,
  userMessage,
} from '../support/server.ts';
import type { WireClient } from '../support/wire-client.ts';

/** HF-SUB-5: each entry names the one before it, and none comes twice. */
function expectChain(entries: readonly EntryFrame[], from?: string) {
  let last = from ?? entries[0]?.p;
  for (const entry of entries) {
    expect(entry.p).toBe(last);
    expect(seqOf(entry.i)).toBe(seqOf(entry.p) + 1);
    last = entry.i;
  }
}

async function follow(client: WireClient, session = 's1', pos?: string) {
  client.send({ t: 'sub', r: 1, s: session, ...(pos === undefined ? {} : { pos }) });
  const subbed = await client.next('subbed');
  return subbed;
}

const textOf = (entries: readonly EntryFrame[]) =>
  entries
    .flatMap(({ d }) => (d.k === 'chunks' ? d.c : []))
    .map((chunk) => chunk.delta ?? '')
    .join('');

describe.each(carriers)('a session is followed by %s', (carrier) => {
  const startServer = (options: TestServerOptions) => start({ ...options, carrier });

  it('a follower whose snapshot is ahead of what was delivered is live at once, and waits without reading', async () => {
    const inner = createMemoryLog();
    let reads = 0;
    let hold = true;
    const late: (() => void)[] = [];
    const log = changed(inner, {
      read: (session, request) => {
        reads++;
        return inner.read(session, request);
      },
      subscribe: (session, listener) =>
        inner.subscribe(session, (delivery) => {
          if (hold) late.push(() => listener(delivery));
          else listener(delivery);
        }),
    });
    const gated = gatedAgent();
    await using server = await startServer({ agent: gated.agent, log });
    const first = await server.greet();
    await follow(first);
    await first.next('live');
    await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    gated.emit(...answer('Hello'));
    gated.end();
    await vi.waitFor(async () => expect((await inner.head('s1'))?.runs).toEqual([]));
    const before = reads;
    const second = await server.greet();
    const { top } = await follow(second);
    expect(await second.next('live')).toMatchObject({ i: top.split(':').at(-1) });
    expect(reads - before).toBeLessThan(5);
    expect(second.entries).toEqual([]);
    hold = false;
    for (const deliver of late) deliver();
    await server.send({ id: 's1', message: userMessage('m2', 'And?') });
    gated.emit(...answer('So', 'u'));
    gated.end();
    for (const client of [first, second])
      await client.until(
        ({ t, ...frame }) => t === 'entry' && JSON.stringify(frame).includes('"u"'),
      );
    expectChain(first.entries);
    expectChain(second.entries, top);
  });

  it('HF-SUB-1: without a position gives a snapshot, then entries, then live (trace T1)', async () => {
    const gated = gatedAgent();
    await using server = await startServer({ agent: gated.agent });
    const client = await server.greet();
    const subbed = await follow(client);
    expect(subbed).toMatchObject({ mode: 'snapshot', recovered: true, top: '0-0' });
    expect(await client.next('snap')).toMatchObject({ through: '0-0', items: [], more: false });
    await client.next('live');
    await server.send({ id: 's1', command: 'm1', message: userMessage('m1', 'Hi') });
    gated.emit(...answer('Hello'));
    gated.end();
    await client.entry('run-end');
    expect(client.entries.map((entry) => entry.d.k)).toEqual(
      expect.arrayContaining(['message', 'run-start', 'chunks', 'run-end']),
    );
    expectChain(client.entries, '0-0');
    expect(textOf(client.entries)).toBe('Hello');
  });

  it('HF-SUB-2: with a position that holds replays what is behind it (trace T1)', async () => {
    const gated = gatedAgent();
    await using server = await startServer({ agent: gated.agent });
    const first = await server.greet();
    const { epoch } = await (async () => {
      await follow(first);
      await first.next('live');
      await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
      gated.emit(...answer('Hello').slice(0, 4));
      await expect.poll(() => textOf(first.entries)).toBe('He');
      const later = await server.greet();
      return await follow(later);
    })();
    const at = first.entries.at(-1)?.i ?? '';
    first.terminate();
    gated.emit(...answer('Hello').slice(4));
    gated.end();
    const second = await server.greet();
    const subbed = await follow(second, 's1', formatPosition({ epoch, id: at }));
    expect(subbed).toMatchObject({ mode: 'replay', recovered: true, epoch });
    await second.entry('run-end');
    expectChain(second.entries, at);
    expect(textOf(second.entries)).toBe('llo');
  });

  it('HF-SUB-2: answers a large replay with a snapshot instead', async () => {
    await using server = await startServer({
      agent: replying(...answer('x'.repeat(3_000))),
      limits: { replayBytes: 1_000 },
    });
    const { position } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    const watcher = await server.greet();
    await follow(watcher);
    await watcher.next('live');
    await expect
      .poll(async () => (await (await fetch(`${server.api}/s1`)).json()).runs[0]?.state)
      .toBe('finished');
    const client = await server.greet();
    expect(await follow(client, 's1', position)).toMatchObject({
      mode: 'snapshot',
      recovered: true,
    });
    const { items } = await client.next('snap');
    expect(items).toHaveLength(2);
    expect(client.frames.some((frame) => frame.t === 'reset')).toBe(false);
  });

  it.each([
    ['another epoch', () => 'other:1-1', 'epoch'],
    ['a number above the top', (epoch: string) => `${epoch}:999-1`, 'ahead'],
    ['another nonce (trace T2)', (epoch: string) => `${epoch}:1-1`, 'diverged'],
  ])(
    'HF-SUB-3, HF-POS-2: resets a position of %s and sends a snapshot',
    async (_, position, why) => {
      await using server = await startServer({ agent: replying(...answer('Hello')) });
      await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
      const probe = await server.greet();
      const { epoch } = await follow(probe);
      const client = await server.greet();
      expect(await follow(client, 's1', position(epoch))).toMatchObject({
        mode: 'snapshot',
        recovered: false,
      });
      expect((await client.next('reset')).why).toBe(why);
      expect((await client.next('snap')).items.length).toBeGreaterThan(0);
      await client.next('live');
    },
  );

  it('HF-SUB-8: a snapshot in mid-answer and the entries behind it make the whole message (trace T6)', async () => {
    const gated = gatedAgent();
    await using server = await startServer({ agent: gated.agent });
    await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    const text = 'The quick brown fox jumps over the lazy dog';
    const chunks = answer(text);
    const joined: Promise<string>[] = [];
    for (const chunk of chunks) {
      gated.emit(chunk);
      joined.push(
        (async () => {
          const client = await server.greet();
          await follow(client);
          const { items, through, runs } = await client.next('snap');
          const ended = () => client.entries.some((entry) => entry.d.k === 'run-end');
          if (runs?.[0]?.state !== 'finished') await expect.poll(ended).toBe(true);
          expectChain(client.entries, through);
          const item = items[1];
          const segments = item && 'segments' in item ? item.segments : [];
          const before = segments.flatMap((segment) => segment.chunks).map((c) => c.delta ?? '');
          return before.join('') + textOf(client.entries);
        })(),
      );
    }
    gated.end();
    for (const whole of await Promise.all(joined)) expect(whole).toBe(text);
  });

  it('HF-SUB-4: a session that is followed before it exists names its epoch when it begins', async () => {
    await using server = await startServer({ agent: replying(...answer('Hello')) });
    const client = await server.greet();
    expect((await follow(client, 's1', ':0-0')).epoch).toBe('');
    await client.next('live');
    const { position } = await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    const born = await client.next('snap');
    expect(born).toMatchObject({ through: '0-0', items: [], more: false });
    await client.entry('run-end');
    expectChain(client.entries, '0-0');
    expect(`${born.epoch}:0-0`).toBe(position);
    const back = await server.greet();
    const at = client.entries[1]?.i ?? '';
    const pos = formatPosition({ epoch: born.epoch, id: at });
    expect(await follow(back, 's1', pos)).toMatchObject({ mode: 'replay', recovered: true });
  });

  it('HF-SUB-7: who comes back to a session that was made anew is reset', async () => {
    const log = createMemoryLog();
    await using server = await startServer({ log, agent: replying(...answer('Hello')) });
    await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    const client = await server.greet();
    const before = await follow(client);
    await client.next('live');
    await log.delete('s1');
    await client.next('closed');
    await server.send({ id: 's1', message: userMessage('m2', 'Again') });
    const again = await server.greet();
    const after = await follow(again, 's1', `${before.epoch}:${before.top}`);
    expect(after).toMatchObject({ recovered: false });
    expect((await again.next('reset')).why).toBe('epoch');
  });

  it('F18: a poison entry is passed on, and neither stops readers nor snapshots', async () => {
    const log = createMemoryLog();
    const gated = gatedAgent();
    await using server = await startServer({ log, agent: gated.agent });
    const client = await server.greet();
    await follow(client);
    await client.next('live');
    await log.send('s1', {
      command: 'poison',
      entries: [
        { nonce: 1, body: '{"k":"chunks","run":"none","attempt":1,"c":"no list"}' },
        { nonce: 2, body: '{"k":"from-the-future"}' },
        { nonce: 3, body: '{"k":"message","message":7,"at":0}' },
      ],
    });
    await server.send({ id: 's1', message: userMessage('m1', 'Hi') });
    gated.emit(
      { type: 'text-delta', id: 'never-started', delta: 'x' },
      { type: 'from-the-future', a: 1 } as never,
      ...answer('Hello').slice(1),
    );
    gated.end();
    await client.entry('run-end');
    expectChain(client.entries, '0-0');
    const { messages } = await (await fetch(`${server.api}/s1`)).json();
    expect(messages[0]).toEqual(userMessage('m1', 'Hi'));
  });
});
