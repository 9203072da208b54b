import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newSession } from '../src/conformance/kit.ts';
import { createEncryptedLog } from '../src/encrypted/index.ts';
import type { SessionLog } from '../src/index.ts';
import { MemoryLog } from '../src/memory/memory-log.ts';
import type { SessionState } from '../src/memory/state.ts';

/** Each session has the same nonces, commands and runs, so that nothing but its place tells a text. */
const entryAt = (nonce: number) => ({ nonce, body: `entry ${nonce}` });
const messages = 4;
const behindCheckpoint = 5;

async function fill(log: SessionLog, session: string): Promise<void> {
  const items = Array.from({ length: messages }, (_, at) => ({
    key: `key ${at}`,
    body: `message ${at}`,
  }));
  await log.seed(session, { items, entry: entryAt(1), state: 'seeded' });
  const runOf = (run: string, nonce: number) => ({
    run,
    info: `info of ${run}`,
    leaseMs: 60_000,
    stopped: entryAt(nonce),
  });
  await log.send(session, { command: 'c1', entries: [entryAt(2)], run: runOf('r1', 90) });
  await log.send(session, { command: 'c2', entries: [entryAt(3)], run: runOf('r2', 91) });
  const { epoch = '', top = '', checkpoint = '' } = (await log.head(session)) ?? {};
  await log.checkpoint(session, {
    ...{ epoch, from: checkpoint, through: top, count: messages, changes: [], keep: 0 },
    ...{ trim: null, state: 'stored' },
  });
  for (let seq = 1; seq <= behindCheckpoint; seq++) {
    const entry = entryAt(10 + seq);
    // Entries of two writers of whom neither waits for the other.
    await log.append(session, {
      run: seq % 2 ? 'r1' : 'r2',
      attempt: 1,
      seq: (seq + 1) >> 1,
      entry,
    });
  }
}

interface Store {
  readonly victim: SessionState;
  readonly other: SessionState;
  /** The victim before it was erased and begun anew. */
  readonly erased: SessionState;
}

/** Puts bodies and nonces in another order, numbered as the log numbers them. */
function renumber(state: SessionState, order: readonly number[]): void {
  const first = state.entries[0]?.prev ?? '0-0';
  let prev = first;
  state.entries = order.map((from) => {
    const { id, body } = state.entries[from] ?? { id: '0-0', body: '' };
    const next = `${Number(prev.split('-')[0]) + 1}-${id.split('-')[1]}`;
    const entry = { id: next, prev, body };
    prev = next;
    return entry;
  });
  state.top = prev;
}

const indexes = (state: SessionState): number[] => state.entries.map((_, at) => at);
const setBody = (state: SessionState, at: number, body = ''): void => {
  const entry = state.entries[at];
  if (entry) state.entries[at] = { ...entry, body };
};
const setItem = (state: SessionState, at: number, body = ''): void => {
  state.items = state.items.map((item, place) => (place === at ? { ...item, body } : item));
};
const setInfo = (state: SessionState, run: string, info = ''): void => {
  const live = state.runs.get(run);
  if (live) state.runs.set(run, { ...live, info });
};

/** What somebody may do who can write to the store; `a` and `b` are two places among its entries. */
const tampers: Readonly<Record<string, (store: Store, a: number, b: number) => void>> = {
  'two entries change places': ({ victim }, a, b) => {
    const order = indexes(victim);
    [order[a], order[b]] = [order[b] as number, order[a] as number];
    renumber(victim, order);
  },
  'two bodies change places': ({ victim }, a, b) => {
    const [one, two] = [victim.entries[a]?.body, victim.entries[b]?.body];
    setBody(victim, a, two);
    setBody(victim, b, one);
  },
  'entries are turned round': ({ victim }) => renumber(victim, indexes(victim).reverse()),
  'an entry is left out': ({ victim }, a, b) => {
    renumber(
      victim,
      indexes(victim).filter((at) => at !== Math.min(a, b)),
    );
  },
  'an entry is left out, and its number with it': ({ victim }, a, b) => {
    victim.entries = victim.entries.toSpliced(Math.min(a, b), 1);
  },
  'an entry is repeated': ({ victim }, a, b) =>
    renumber(victim, indexes(victim).toSpliced(b, 0, a)),
  'an entry is repeated at the end': ({ victim }, a) => renumber(victim, [...indexes(victim), a]),
  'an entry is that of another session': ({ victim, other }, a) =>
    setBody(victim, a, other.entries[a]?.body),
  'an entry is that of the erased session': ({ victim, erased }, a) =>
    setBody(victim, a, erased.entries[a]?.body),
  'all entries are those of the erased session': ({ victim, erased }) => {
    victim.entries = erased.entries;
  },
  'messages change places': ({ victim }) => {
    victim.items = victim.items.toReversed();
  },
  'the first message is left out': ({ victim }) => {
    victim.items = victim.items.slice(1);
  },
  'the last message is left out': ({ victim }) => {
    victim.items = victim.items.slice(0, -1);
  },
  'a message is repeated': ({ victim }, a) =>
    setItem(victim, (a + 1) % messages, victim.items[a % messages]?.body),
  'a message is repeated at the end': ({ victim }) => {
    victim.items = [...victim.items, ...victim.items.slice(-1)];
  },
  'a message is that of another session': ({ victim, other }, a) =>
    setItem(victim, a % messages, other.items[a % messages]?.body),
  'a message is that of the erased session': ({ victim, erased }, a) =>
    setItem(victim, a % messages, erased.items[a % messages]?.body),
  'the state is that of another session': ({ victim, other }) => {
    victim.rest = other.rest;
  },
  'the state is that of the erased session': ({ victim, erased }) => {
    victim.rest = erased.rest;
  },
  'the state is taken away': ({ victim }) => {
    victim.rest = '';
  },
  'the checkpoint is put forward': ({ victim }, a) => {
    victim.checkpoint = victim.entries[a]?.id ?? '';
  },
  'what is kept with two runs changes places': ({ victim }) => {
    const [one, two] = [victim.runs.get('r1')?.info, victim.runs.get('r2')?.info];
    setInfo(victim, 'r1', two);
    setInfo(victim, 'r2', one);
  },
  'what is kept with a run is that of another session': ({ victim, other }) =>
    setInfo(victim, 'r1', other.runs.get('r1')?.info),
  'what is kept with a run is that of the erased session': ({ victim, erased }) =>
    setInfo(victim, 'r1', erased.runs.get('r1')?.info),
  'an entry becomes a message': ({ victim }, a) => setItem(victim, 0, victim.entries[a]?.body),
  'a message becomes an entry': ({ victim }, a) => setBody(victim, a, victim.items[0]?.body),
  'an entry is cut short': ({ victim }, a) =>
    setBody(victim, a, victim.entries[a]?.body.slice(0, -4)),
};

async function filledStore() {
  const plain = new MemoryLog();
  const log = createEncryptedLog(plain, {
    keys: [{ id: 'k', key: crypto.getRandomValues(new Uint8Array(32)) }],
  });
  const [session, another] = [newSession(), newSession()];
  await fill(log, session);
  await fill(log, another);
  const erased = structuredClone(plain.sessions.get(session) as SessionState);
  await log.delete(session);
  await fill(log, session);
  const stateOf = (name: string) => plain.sessions.get(name) as SessionState;
  return { log, session, store: { victim: stateOf(session), other: stateOf(another), erased } };
}

it.each(Object.keys(tampers))(
  'HF-LOG-36: reading fails as a whole, and changes nothing, when %s',
  async (name) => {
    const place = fc.integer({ min: 3, max: 2 + behindCheckpoint });
    await fc.assert(
      fc.asyncProperty(place, place, async (a, b) => {
        fc.pre(a !== b);
        const { log, session, store } = await filledStore();
        expect(await log.open(session, { limit: 9 })).toMatchObject({
          items: ['message 0', 'message 1', 'message 2', 'message 3'],
          state: 'stored',
          runs: [{ info: 'info of r1' }, { info: 'info of r2' }],
        });
        tampers[name]?.(store, a, b);
        const before = structuredClone(store.victim);
        await expect(log.open(session, { limit: 9 })).rejects.toMatchObject({
          code: 'internal',
          message: expect.stringMatching(/^unable to read the session: /),
        });
        expect({ ...store.victim, until: 0 }).toEqual({ ...before, until: 0 });
      }),
      { numRuns: 12 },
    );
  },
);

it('HF-LOG-36: a reader that goes on from its position is not given what was moved', async () => {
  const { log, session, store } = await filledStore();
  const { epoch, entries } = store.victim;
  const after = { epoch, id: entries[3]?.id ?? '' };
  expect(await log.read(session, { after, limit: 9 })).toMatchObject({ kind: 'entries' });
  renumber(store.victim, [0, 1, 2, 3, 5, 4, 6, 7]);
  await expect(log.read(session, { after, limit: 9 })).rejects.toMatchObject({ code: 'internal' });
});

it('HF-LOG-36: an older page is bound to its places too', async () => {
  const { log, session, store } = await filledStore();
  expect(await log.items(session, { before: 2, limit: 2 })).toMatchObject({
    items: ['message 0', 'message 1'],
  });
  store.victim.items = store.victim.items.toReversed();
  await expect(log.items(session, { before: 2, limit: 2 })).rejects.toMatchObject({
    code: 'internal',
  });
});
