import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cancelCommand, newSession, sendOf, startRun } from '../src/conformance/kit.ts';
import { store } from '../src/conformance/messages.ts';
import type { SessionLog } from '../src/contract/session-log.ts';
import { redisFixture } from './support/redis-fixture.ts';

const topics = ['approvals', 'hooks', 'queue', 'runs'] as const;

/** Everything that names a session. */
const asks: readonly ((log: SessionLog, session: string) => Promise<unknown>)[] = [
  (log, session) => log.head(session),
  (log, session) => log.open(session, { limit: 1 }),
  (log, session) => log.read(session, { after: null, limit: 1 }),
  (log, session) => log.items(session, { before: 1, limit: 1 }),
  (log, session) => log.find(session, 'k'),
  (log, session) => log.send(session, sendOf('c', 'r')),
  (log, session) => log.command(session, 'c'),
  (log, session) => log.run(session, 'r'),
  (log, session) => cancelCommand(log, session, 'c'),
  (log, session) => log.renew(session, { run: 'r', attempt: 1, leaseMs: 1_000 }),
  (log, session) => log.claim(session, { name: 'n', holder: 'h', leaseMs: 1_000 }),
  (log, session) => log.remind('hooks', session, 0),
  (log, session) => log.putPiece(session, 'u', 0, Buffer.from('x')),
  (log, session) => log.piecesOf(session, 'u'),
  (log, session) => log.fileInfo(session, 'd'.repeat(43)),
  (log, session) => log.readPiece(session, { upload: 'u' }, 0),
  (log, session) => log.signal(session, 'x'),
  (log, session) => log.delete(session),
];

/** Ids that reach for another session's keys, and whatever else there is. */
const foreign = fc.oneof(
  fc.constantFrom(
    'a}:meta',
    '{victim',
    'x}:{victim',
    'victim}:log',
    '*',
    '?',
    'a\nb',
    'a\0',
    'a b',
    '../a',
    'a:b',
    '',
  ),
  fc.constantFrom('\ud800', 'ａ', 'x'.repeat(129)),
  fc
    .string({ unit: 'binary', maxLength: 40 })
    .filter((text) => !/^[A-Za-z0-9_-]{1,128}$/.test(text)),
);

it('S6: an id that is none reaches no key, whatever is asked with it', async () => {
  const { log, admin } = await redisFixture();
  await log.send('victim', sendOf('c1', 'r1'));
  const before = (await admin.keys('*')).sort();
  await fc.assert(
    fc.asyncProperty(foreign, fc.constantFrom(...asks), async (session, ask) => {
      await expect(ask(log, session)).rejects.toMatchObject({ code: 'bad_request' });
    }),
    { numRuns: 300 },
  );
  expect((await admin.keys('*')).sort()).toEqual(before);
});

it('S6: names from clients end inside the keys of their session', async () => {
  const { log, admin, keys } = await redisFixture();
  const session = newSession();
  const names = ['}:{victim}:meta', '{victim}', '*', 'a\nb', '\0', '__proto__', 'ü'];
  for (const name of names) {
    await log.claim(session, { name, holder: name, leaseMs: 60_000 });
    await cancelCommand(log, session, name);
    await log.putPiece(session, name, 0, Buffer.from(name));
    await log.send(session, sendOf(`send ${name}`, `run ${name}`));
  }
  const prefix = keys.of(session).meta.replace(/meta$/, '');
  for (const key of await admin.keys('*')) expect(key.startsWith(prefix)).toBe(true);
  expect((await log.head(session))?.runs).toHaveLength(names.length);
});

it('S21: of a session that is deleted in the middle of a run stays only that its runs have ended', async () => {
  const { log, admin, keys } = await redisFixture();
  const { session, append } = await startRun(log);
  await append(1);
  const send = sendOf('c2', 'r2');
  await log.send(session, {
    ...send,
    run: { ...(send.run as NonNullable<typeof send.run>), kept: 'secret' },
  });
  await store(log, session, [{ at: 0, key: 'k0', body: 'secret' }], { state: 'secret' });
  await cancelCommand(log, session, 'early');
  await log.claim(session, { name: 'call', holder: 'tab', leaseMs: 60_000 });
  for (const topic of topics) await log.remind(topic, session, 60_000);
  const digest = 'd'.repeat(43);
  await log.putPiece(session, 'u', 0, Buffer.from('secret'));
  await log.keepFile(session, 'u', { digest, bytes: 6, mediaType: 'text/plain', pieces: 1 });
  await log.putPiece(session, 'u', 0, Buffer.from('secret'));
  await log.delete(session);
  expect(await admin.keys('*')).toEqual([keys.of(session).ended]);
  const ended = await admin.hgetallBuffer(keys.of(session).ended);
  expect(Object.keys(ended).sort()).toEqual(['r1', 'r2']);
  for (const value of Object.values(ended))
    expect(value.toString('latin1')).not.toContain('secret');
  // Writers that come late bring nothing back.
  expect(await append(2)).toEqual({ kind: 'closed' });
  expect(await admin.keys('*')).toEqual([keys.of(session).ended]);
});
