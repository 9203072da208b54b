import { expect, it } from 'vitest';
import { checked } from '../src/checked.ts';
import { entry, longMs, sendOf } from '../src/conformance/kit.ts';
import type { SessionLog } from '../src/index.ts';
import { nameBytes, signalBytes } from '../src/limits.ts';

/** A store that answers with the name of the method that was reached. */
const store = new Proxy({} as SessionLog, {
  get: (_, name) => async () => name,
});

const limits = { entryBytes: 20 };
const log = checked(store, limits);
const large = entry('x'.repeat(21));
const lease = { run: 'r', attempt: 1, leaseMs: longMs };
const long = 'x'.repeat(nameBytes + 1);
const moves = {
  epoch: 'e',
  from: '0-0',
  through: '0-0',
  count: 0,
  changes: [],
  keep: 0,
  trim: null,
};

const item = { key: 'k', body: '' };
const byte = Buffer.from('x');
const file = { digest: 'd'.repeat(43), bytes: 1, mediaType: 'image/png', pieces: 1 };

/** Everything that names a session, as it is right but for the session. */
const asks: Readonly<Record<string, (session: string) => Promise<unknown>>> = {
  head: (session) => log.head(session),
  read: (session) => log.read(session, { after: null, limit: 1 }),
  open: (session) => log.open(session, { limit: 1 }),
  items: (session) => log.items(session, { before: 1, limit: 1 }),
  find: (session) => log.find(session, 'k'),
  checkpoint: (session) => log.checkpoint(session, moves),
  seed: (session) => log.seed(session, { items: [], entry: entry('e') }),
  send: (session) => log.send(session, { command: 'c', entries: [entry('e')] }),
  command: (session) => log.command(session, 'c'),
  run: (session) => log.run(session, 'r'),
  append: (session) => log.append(session, { run: 'r', attempt: 1, seq: 1, entry: entry('e') }),
  renew: (session) => log.renew(session, lease),
  cancel: (session) => log.cancel(session, { target: { run: 'r' }, entry: () => entry('e') }),
  suspect: (session) => log.suspect(session, { run: 'r', attempt: 1, graceMs: 0 }),
  reap: (session) => log.reap(session, { run: 'r', attempt: 1, entry: entry('e') }),
  delete: (session) => log.delete(session),
  subscribe: (session) => log.subscribe(session, () => {}),
  signal: (session) => log.signal(session, 'x'),
  remind: (session) => log.remind('hooks', session, 0),
  claim: (session) => log.claim(session, { name: 'n', holder: 'h', leaseMs: longMs }),
  putPiece: (session) => log.putPiece(session, 'u', 0, Buffer.from('x')),
  piecesOf: (session) => log.piecesOf(session, 'u'),
  revisionOf: (session) => log.revisionOf(session, 'u'),
  keepFile: (session) => log.keepFile(session, 'u', file),
  fileInfo: (session) => log.fileInfo(session, file.digest),
  readPiece: (session) => log.readPiece(session, file, 0),
  places: (session) => log.places(session, {}),
};

it.each(Object.entries(asks))(
  '%s reaches the store with a session id that is one',
  async (name, ask) => {
    expect(await ask('s')).toBe(name);
  },
);

it.each(Object.entries(asks))(
  'S6: %s rejects an id that is none, and does not throw',
  async (_, ask) => {
    for (const session of ['', 'a b', '{a}', 'x'.repeat(1_000), undefined as unknown as string])
      await expect(ask(session)).rejects.toMatchObject({ code: 'bad_request' });
  },
);

it.each<[string, string, () => Promise<unknown>]>([
  [
    'an entry that is too large',
    'too_large',
    () => log.append('s', { run: 'r', attempt: 1, seq: 1, entry: large }),
  ],
  [
    'the last entry of a lost run that is too large',
    'too_large',
    () => log.reap('s', { run: 'r', attempt: 1, entry: large }),
  ],
  [
    'a seed whose entry is too large',
    'too_large',
    () => log.seed('s', { items: [], entry: large }),
  ],
  [
    'a send of which one entry is too large',
    'too_large',
    () => log.send('s', { command: 'c', entries: [entry('e'), large] }),
  ],
  [
    'a nonce that is none',
    'internal',
    () => log.send('s', { command: 'c', entries: [{ nonce: 0, body: '' }] }),
  ],
  [
    'a run without an entry that starts it',
    'internal',
    () => log.send('s', sendOf('c', 'r', { entries: [] })),
  ],
  ['a command without a name', 'bad_request', () => log.send('s', { command: '', entries: [] })],
  ['a question for a command whose name is too long', 'bad_request', () => log.command('s', long)],
  ['a question for a run whose name is too long', 'bad_request', () => log.run('s', long)],
  [
    'a cancel of a command whose name is too long',
    'bad_request',
    () => log.cancel('s', { target: { command: long }, entry: () => large }),
  ],
  [
    'a claim whose holder has no name',
    'bad_request',
    () => log.claim('s', { name: 'n', holder: '', leaseMs: 1 }),
  ],
  ['a signal that is too large', 'too_large', () => log.signal('s', 'x'.repeat(signalBytes + 1))],
  [
    'messages that have a key twice',
    'internal',
    () => log.seed('s', { items: [item, item], entry: entry('e') }),
  ],
  [
    'a checkpoint that has a key twice',
    'internal',
    () =>
      log.checkpoint('s', {
        ...moves,
        ...{ count: 2, changes: [0, 1].map((at) => ({ at, key: 'k', body: '' })) },
      }),
  ],
  ['a piece of an upload without a name', 'bad_request', () => log.putPiece('s', '', 0, byte)],
  ['a piece without a place', 'bad_request', () => log.putPiece('s', 'u', -1, byte)],
  ['a piece without bytes', 'bad_request', () => log.putPiece('s', 'u', 0, Buffer.alloc(0))],
  ['the pieces of an upload without a name', 'bad_request', () => log.piecesOf('s', '')],
  ['the revision of an upload without a name', 'bad_request', () => log.revisionOf('s', '')],
  ['a file of an upload without a name', 'bad_request', () => log.keepFile('s', '', file)],
  ['a file without bytes', 'bad_request', () => log.keepFile('s', 'u', { ...file, bytes: 0 })],
  ['a question for a file without a digest', 'bad_request', () => log.fileInfo('s', '')],
  ['a piece of nothing', 'bad_request', () => log.readPiece('s', { digest: '' }, 0)],
  ['a piece that no file has', 'bad_request', () => log.readPiece('s', file, -1)],
  ['a place without a name', 'bad_request', () => log.places('s', { name: '' })],
  [
    'a checkpoint that would leave a hole',
    'internal',
    () => log.checkpoint('s', { ...moves, changes: [{ at: 0, key: 'k', body: '' }] }),
  ],
])('%s is refused before the store is asked', async (_, code, ask) => {
  await expect(ask()).rejects.toMatchObject({ code });
});

it('the entry of a cancel is checked once it is made, at once or later', async () => {
  const found = new Proxy({} as SessionLog, {
    get:
      () =>
      async (_: string, { entry: make }: { entry: (run: string) => unknown }) =>
        make('r'),
  });
  for (const later of [false, true]) {
    const cancel = (made: typeof large) =>
      checked(found, limits).cancel('s', {
        target: { run: 'r' },
        entry: () => (later ? Promise.resolve(made) : made),
      });
    await expect(cancel(large)).rejects.toMatchObject({ code: 'too_large' });
    const fits = entry('x'.repeat(20));
    expect(await cancel(fits)).toEqual(fits);
  }
});
