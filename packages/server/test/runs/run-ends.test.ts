import { createMemoryLog } from '@holdfast/log';
import type { Entry } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import { expect, it, vi } from 'vitest';
import { answer, gatedAgent, replying } from '../support/gated-agent.ts';
import { startServer } from '../support/server.ts';
import { chunksOf, delta, textOf, watch } from '../support/watched-run.ts';

it('HF-RUN-4: a stop fires the signal and keeps what was written, with one abort chunk', async () => {
  const gated = gatedAgent();
  await using watched = watch();
  const run = await watched.start(gated.agent);
  gated.emit(...answer('Hello').slice(0, 4));
  await vi.waitFor(async () => expect(textOf(await watched.entries())).toBe('He'));
  await watched.log.cancel('s1', {
    target: { run },
    entry: () => ({ nonce: 5, body: JSON.stringify({ k: 'cancel', run, at: 0 }) }),
  });
  expect(await watched.ended()).toMatchObject({ outcome: 'stopped' });
  const chunks = chunksOf(await watched.entries());
  expect(chunks.at(-1)).toEqual({ type: 'abort' });
  expect(textOf(await watched.entries())).toBe('He');
  expect(gated.calls[0]?.signal.reason).toMatchObject({ name: 'AbortError' });
});

it('F19: ends a run whose session is full as failed, and says so', async () => {
  const memory = createMemoryLog({ limits: { sessionBytes: 3_000 } });
  await using watched = watch(undefined, { log: memory });
  await watched.start(
    replying(...answer('').slice(0, 2), ...Array.from({ length: 50 }, (_, n) => delta(n))),
  );
  await vi.waitFor(async () => {
    const read = await memory.read('s1', { after: null, limit: 1_000 });
    const last = read.kind === 'entries' ? read.entries.at(-1)?.body : '';
    expect(JSON.parse(last ?? '{}')).toMatchObject({ outcome: 'failed', reason: 'full' });
  });
});

it('ends a run with a chunk that no file can hold as failed, keeping what came before', async () => {
  await using watched = watch();
  await watched.start(
    replying(...answer('Hello').slice(0, 4), {
      type: 'data-huge',
      data: 'x'.repeat(11_000_000),
    } as UIMessageChunk),
  );
  expect(await watched.ended()).toMatchObject({ outcome: 'failed', reason: 'too_large' });
  expect(textOf(await watched.entries())).toBe('He');
});

it('skips a chunk that is none, reports it, and goes on', async () => {
  const onError = vi.fn();
  await using watched = watch(undefined, { onError });
  await watched.start(
    replying({ type: 'start' }, 7 as never, null as never, ...answer('Hello').slice(1)),
  );
  expect(await watched.ended()).toMatchObject({ outcome: 'finished' });
  expect(textOf(await watched.entries())).toBe('Hello');
  expect(onError).toHaveBeenCalledTimes(2);
});

it('HF-RUN-12: a run whose process died is ended as lost by whoever follows the session, once', async () => {
  const log = createMemoryLog();
  const start: Entry = {
    k: 'run-start',
    run: 'dead',
    attempt: 1,
    agent: 'agent',
    messageId: 'a1',
    command: 'm1',
    at: 0,
  };
  const note = (entry: Entry, nonce: number) => ({ nonce, body: JSON.stringify(entry) });
  const stopped: Entry = { k: 'run-end', run: 'dead', attempt: 1, outcome: 'stopped', at: 0 };
  await log.send('s1', {
    command: 'm1',
    entries: [note(start, 1)],
    run: { run: 'dead', info: '{}', leaseMs: 1, stopped: note(stopped, 2) },
  });
  await log.append('s1', {
    run: 'dead',
    attempt: 1,
    seq: 1,
    entry: note({ k: 'chunks', run: 'dead', attempt: 1, c: [...answer('Half').slice(0, 6)] }, 3),
  });
  await using one = await startServer({ log, limits: { pollMs: 20 } });
  await using two = await startServer({ log, limits: { pollMs: 20 } });
  const clients = [await one.greet(), await two.greet()];
  for (const client of clients) {
    client.send({ t: 'sub', r: 1, s: 's1' });
    await client.next('live');
  }
  const { messages } = await vi.waitFor(async () => {
    const snapshot = await (await fetch(`${one.api}/s1`)).json();
    expect(snapshot.runs[0].state).toBe('lost');
    return snapshot;
  });
  expect(messages[0].parts[0].text).toBe('Half');
  const read = await log.read('s1', { after: null, limit: 100 });
  const ends =
    read.kind === 'entries' ? read.entries.filter((e) => e.body.includes('run-end')) : [];
  expect(ends).toHaveLength(1);
});
