import { HoldfastError } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import { LosingLog } from '../support/failover.ts';
import { changed } from '../support/logs.ts';
import { setUp, words } from '../support/said-by-writer.ts';

interface Times {
  readonly leaseMs?: number;
  readonly pollMs?: number;
}

/** A writer on a log that can lose its end; `looks` is how the log answers what is written once it is watched. */
async function writing(limits: Times) {
  const losing = new LosingLog();
  const looks: string[] = [];
  let isWatched = false;
  const log = changed(losing.log, {
    append: async (id, command) => {
      const outcome = await losing.log.append(id, command);
      if (isWatched) looks.push(outcome.kind);
      return outcome;
    },
  });
  const said = await setUp({ log, limits });
  const { session, ask } = said;
  const ends = () =>
    losing.entries(session).flatMap(({ entry }) => (entry?.k === 'run-end' ? [entry.outcome] : []));
  const { named, messageId } = await said.begin();
  const append = (seq: number, text: string) =>
    ask('append', { ...named, seq, chunks: words(text) });
  const end = (seq: number, outcome = 'finished') => ask('end', { ...named, seq, outcome });
  const watch = () => {
    isWatched = true;
  };
  return { ...said, losing, looks, watch, ends, append, end, messageId };
}

it.each([
  ['its end and its last words', 'words'],
  ['only its end', 'end'],
])(
  'HF-WRT-7, HF-RUN-11: a run that was shown as finished is finished again behind a failover that lost %s',
  async (_, what) => {
    const { server, session, losing, ends, append, end, messageId } = await writing({ pollMs: 20 });
    await append(1, 'half');
    let back = losing.replica(session);
    await append(2, ' and half');
    if (what === 'end') back = losing.replica(session);
    const client = await server.greet();
    client.send({ t: 'sub', r: 1, s: session });
    await client.next('live');
    expect(await end(3)).toEqual({ state: 'finished' });
    back();
    expect(ends()).toEqual([]);
    await client.next('reset');
    await vi.waitFor(() => expect(ends()).toEqual(['finished']));
    expect(await losing.shownAt(session)).toContain(`${messageId}: half and half`);
    expect(server.errors).toEqual([]);
  },
);

it.each(['stopped', 'failed'])('HF-WRT-7: one that was ended as %s stays so', async (outcome) => {
  const { losing, session, ends, append, end } = await writing({ leaseMs: 1_000 });
  await append(1, 'half');
  const back = losing.replica(session);
  expect(await end(2, outcome)).toEqual({ state: outcome });
  back();
  await vi.waitFor(() => expect(ends()).toEqual([outcome]), { timeout: 20_000 });
});

it('HF-WRT-7: one is not ended without words that another process has taken', async () => {
  const { losing, session, server, looks, watch, append, end } = await writing({ leaseMs: 1_000 });
  await append(1, 'half');
  const back = losing.replica(session);
  // As it came by another process.
  const [run] = losing
    .entries(session)
    .flatMap(({ entry }) => (entry?.k === 'run-start' ? [entry.run] : []));
  const entry = { nonce: 1, body: JSON.stringify({ k: 'chunks', run, attempt: 1, c: [] }) };
  await losing.log.append(session, { run: run ?? '', attempt: 1, seq: 2, entry });
  expect(await end(3)).toEqual({ state: 'finished' });
  watch();
  back();
  await vi.waitFor(() => expect(looks).toEqual(['gap']), { timeout: 20_000 });
  expect(server.errors).toEqual([]);
});

it('HF-WRT-7: where nothing was lost, it is asked once, and nothing changes', async () => {
  const { losing, session, looks, watch, append, end } = await writing({ leaseMs: 1_000 });
  await append(1, 'half');
  await end(2);
  watch();
  const before = losing.entries(session).length;
  await vi.waitFor(() => expect(looks).toEqual(['duplicate']), { timeout: 20_000 });
  expect(losing.entries(session)).toHaveLength(before);
});

it('HF-WRT-5: an end whose answer was lost on the way to the log is told as the run’s', async () => {
  const losing = new LosingLog();
  let isCut = true;
  const log = changed(losing.log, {
    append: async (id, command) => {
      const outcome = await losing.log.append(id, command);
      if (!command.end || !isCut) return outcome;
      isCut = false;
      throw new HoldfastError('unavailable', 'unable to reach the log: cut');
    },
  });
  const { begin, ask } = await setUp({ log });
  const { named } = await begin();
  await ask('append', { ...named, seq: 1, chunks: words('all') });
  expect(await ask('end', { ...named, seq: 1, outcome: 'finished' })).toMatchObject({
    state: 'running',
    next: 2,
  });
  isCut = true;
  expect(await ask('end', { ...named, seq: 2, outcome: 'finished' })).toEqual({
    state: 'finished',
  });
});

it('HF-WRT-7: a run that came to a bad end is ended, also where a failover loses what the server wrote for that', async () => {
  const losing = new LosingLog();
  let lose = () => {};
  const log = changed(losing.log, {
    append: async (id, command) => {
      if (command.end) lose();
      lose = command.end ? () => {} : lose;
      return await losing.log.append(id, command);
    },
  });
  const { server, session, ask, begin } = await setUp({ log });
  const { named } = await begin();
  await ask('append', { ...named, seq: 1, chunks: words('half') });
  lose = losing.replica(session);
  expect(await ask('end', { ...named, seq: 2, outcome: 'failed', error: 'Sorry.' })).toEqual({
    state: 'failed',
  });
  const said = losing
    .entries(session)
    .flatMap(({ entry }) => (entry?.k === 'chunks' ? entry.c.map(({ type }) => type) : []));
  expect(said.slice(-1)).toEqual(['error']);
  expect(losing.entries(session).at(-1)?.entry).toMatchObject({ k: 'run-end', outcome: 'failed' });
  expect(server.errors).toEqual([]);
});
