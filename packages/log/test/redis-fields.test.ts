import type {} from '@holdfast/testkit/redis-global-setup';
import { Redis } from 'ioredis';
import { afterAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { cancelCommand, entry, newSession, sendOf } from '../src/conformance/kit.ts';
import { range, store } from '../src/conformance/messages.ts';
import type { FileInfo, Mark } from '../src/index.ts';
import { maxUploads, pieceExtra } from '../src/limits.ts';
import { createRedisLog } from '../src/redis/index.ts';
import { Keys } from '../src/redis/keys.ts';
import { newPrefix } from './support/redis-under-test.ts';

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

function make(sessionFileBytes = 10_000) {
  const prefix = newPrefix();
  const log = createRedisLog({ redis: inject('redisUrl'), prefix, limits: { sessionFileBytes } });
  onTestFinished(() => log.close());
  const session = newSession();
  return { log, session, keys: new Keys(prefix).of(session) };
}

describe('the fields of a session', () => {
  const always = ['a', 'b', 'e', 'fl', 'id', 's'];
  const run = (name: string, kept: string) => {
    const send = sendOf(`c ${name}`, name);
    return { ...send, run: { ...(send.run as NonNullable<typeof send.run>), kept } };
  };
  const fieldsOf = async ({ meta }: { readonly meta: string }) => (await admin.hkeys(meta)).sort();

  it('tell of a run while it is live, and not once it has ended', async () => {
    const { log, session, keys } = make();
    await log.send(session, run('r1', 'kept'));
    await log.renew(session, { run: 'r1', attempt: 1, leaseMs: 60_000, holder: 'h' });
    const ofRun = ['h:r1', 'i:r1', 'k:r1', 'r:r1'];
    expect(await fieldsOf(keys)).toEqual([...always, ...ofRun].sort());
    expect(await admin.exists(`${keys.leases}r1`)).toBe(1);
    const last = { run: 'r1', attempt: 1, seq: 1, entry: entry('end') };
    await log.append(session, { ...last, end: { outcome: 'finished' } });
    expect(await fieldsOf(keys)).toEqual(always);
    expect(await admin.exists(`${keys.leases}r1`)).toBe(0);
  });

  it('tell nothing of one that was reaped, or stopped before it began', async () => {
    const { log, session, keys } = make();
    await cancelCommand(log, session, 'c r1');
    await log.send(session, run('r1', 'kept'));
    expect(await fieldsOf(keys)).toEqual(always);
    expect(await admin.exists(keys.marks)).toBe(0);
    await log.send(session, run('r2', 'kept'));
    await log.renew(session, { run: 'r2', attempt: 1, leaseMs: 0 });
    await log.reap(session, { run: 'r2', attempt: 1, entry: entry('lost') });
    expect(await fieldsOf(keys)).toEqual(always);
    expect((await admin.hkeys(keys.ended)).sort()).toEqual(['r1', 'r2']);
  });

  it('tell what a checkpoint has, and whether there is a hold', async () => {
    const { log, session, keys } = make();
    await log.send(session, { command: 'c1', entries: [entry('x')], setHold: true });
    expect(await fieldsOf(keys)).toEqual([...always, 'ho'].sort());
    await log.send(session, { command: 'c2', entries: [entry('x')], setHold: false });
    await store(log, session, range(0, 1));
    expect(await fieldsOf(keys)).toEqual([...always, 'cp', 'kp', 'n'].sort());
    const { top = '' } = (await log.head(session)) ?? {};
    await store(log, session, [], { count: 1, handed: top, state: 's' });
    expect(await fieldsOf(keys)).toEqual([...always, 'cp', 'h', 'kp', 'n', 'st', 't'].sort());
  });
});

describe('the fields of files', () => {
  type Made = ReturnType<typeof make>;
  const put = ({ log, session }: Made, upload: string, index: number, data: string | Mark) =>
    log.putPiece(session, upload, index, typeof data === 'string' ? Buffer.from(data) : data);
  const keep = ({ log, session }: Made, upload: string, pieces: number, digest = 'd') =>
    log.keepFile(session, upload, fileOf(pieces, digest));
  const fileOf = (pieces: number, digest: string): FileInfo => {
    return { digest: digest.repeat(43), bytes: 9, mediaType: 'text/plain', pieces };
  };

  /** Pieces with what of them lies elsewhere, what all of them count, and the uploads without their times. */
  async function stateOf({ log, session, keys }: Made) {
    const { b = '', n = '', ...fields } = await admin.hgetall(keys.files);
    const pieces = Object.entries(fields).filter(([field]) => /^[pe]:/.test(field));
    const uploads = Object.entries(await admin.hgetall(keys.uploads)).map(
      ([name, record]) => `${name}: ${record.replace(/^\d+ /, '')}`,
    );
    const gone = (await log.places(session, {}))?.gone;
    return { b: Number(b), n, pieces: Object.fromEntries(pieces), uploads: uploads.sort(), gone };
  }

  const counted = (...sizes: readonly number[]): number =>
    sizes.reduce((sum, size) => sum + size + pieceExtra, 0);

  /** Has the time of an upload be over. */
  const end = async ({ keys }: Made, upload: string) => {
    const record = (await admin.hget(keys.uploads, upload)) ?? '';
    await admin.hset(keys.uploads, upload, record.replace(/^\d+/, '1'));
  };

  it('tell the pieces of an upload, what they count, and how many were replaced', async () => {
    const made = make();
    await put(made, 'u', 0, 'abc');
    await put(made, 'u', 2, 'zz');
    await put(made, 'u', 0, 'abc');
    const pieces = { 'p:1:0': 'abc', 'p:1:2': 'zz' };
    const b = counted(3, 2);
    const known = { b, n: '1', pieces, uploads: [`u: 1 ${b} 2 0`], gone: undefined };
    expect(await stateOf(made)).toEqual(known);
    await put(made, 'u', 0, 'other');
    expect(await stateOf(made)).toEqual({
      ...{ ...known, b: b + 2, pieces: { ...pieces, 'p:1:0': 'other' } },
      uploads: [`u: 1 ${b + 2} 2 1`],
    });
  });

  it('tell what of a piece lies elsewhere, and what of that is gone', async () => {
    const made = make();
    await made.log.places(made.session, { name: 'place' });
    await put(made, 'u', 0, { mark: 'm1', elsewhere: 50 });
    await put(made, 'v', 0, { mark: 'm2', elsewhere: 5 });
    await put(made, 'u', 0, { mark: 'm3', elsewhere: 10 });
    const both = { 'p:1:0': 'm3', 'e:1:0': '10', 'p:2:0': 'm2', 'e:2:0': '5' };
    const uploads = [`u: 1 ${counted(12)} 0 1`, `v: 2 ${counted(7)} 0 0`];
    const known = { b: counted(12, 7), n: '2', pieces: both, uploads, gone: ['m1'] };
    expect(await stateOf(made)).toEqual(known);
    await put(made, 'v', 0, 'plain');
    await put(made, 'v', 0, 'again');
    const { 'e:2:0': _, ...pieces } = { ...both, 'p:2:0': 'again' };
    expect(await stateOf(made)).toEqual({
      ...{ ...known, b: counted(12, 5), pieces, gone: ['m1', 'm2'] },
      uploads: [`u: 1 ${counted(12)} 0 1`, `v: 2 ${counted(5)} 0 2`],
    });
    const places = await made.log.places(made.session, { name: 'another', removed: ['m1', 'm9'] });
    expect(places).toEqual({ name: 'place', count: 2, gone: ['m2'] });
    await made.log.places(made.session, { removed: ['m2'] });
    expect(await admin.hexists(made.keys.files, 'g')).toBe(0);
  });

  it('keep the pieces of a file, and none that its upload had besides', async () => {
    const made = make();
    await made.log.places(made.session, { name: 'place' });
    await put(made, 'u', 0, 'a');
    await put(made, 'u', 1, { mark: 'm1', elsewhere: 7 });
    for (const at of [2, 4]) await put(made, 'u', at, { mark: `m${at}`, elsewhere: 10 });
    expect(await keep(made, 'u', 2)).toBe('kept');
    const pieces = { 'p:1:0': 'a', 'p:1:1': 'm1', 'e:1:1': '7' };
    const known = { b: counted(1, 9), n: '1', pieces, uploads: [], gone: ['m2', 'm4'] };
    expect(await stateOf(made)).toEqual(known);
    // The same contents from another upload, whose pieces all go.
    await put(made, 'v', 0, { mark: 'm5', elsewhere: 3 });
    await put(made, 'v', 1, 'b');
    expect(await keep(made, 'v', 2)).toBe('known');
    expect(await stateOf(made)).toEqual({ ...known, n: '2', gone: ['m2', 'm4', 'm5'] });
  });

  it('forget all uploads whose time is over when another one begins', async () => {
    const made = make();
    await made.log.places(made.session, { name: 'place' });
    for (const name of ['u', 'v', 'w']) {
      await put(made, name, 0, { mark: name, elsewhere: 10 });
      await put(made, name, 1, 'x');
    }
    for (const name of ['u', 'w']) await end(made, name);
    expect(await made.log.piecesOf(made.session, 'u')).toBe(0);
    expect(await made.log.readPiece(made.session, { upload: 'u' }, 0)).toBeNull();
    expect(await keep(made, 'u', 2)).toBe('incomplete');
    await put(made, 'u', 1, 'anew');
    const { gone, ...state } = await stateOf(made);
    expect(state).toEqual({
      ...{ b: counted(11, 1, 4), n: '4' },
      pieces: { 'p:2:0': 'v', 'e:2:0': '10', 'p:2:1': 'x', 'p:4:1': 'anew' },
      uploads: [`u: 4 ${counted(4)} 1 0`, `v: 2 ${counted(11, 1)} 1 0`],
    });
    expect([...(gone ?? [])].sort()).toEqual(['u', 'w']);
  });

  it('forget them where an upload that goes on finds no room, and give that back', async () => {
    const made = make(counted(100, 100, 100));
    for (const name of ['u', 'v', 'w'])
      expect(await put(made, name, 0, 'x'.repeat(100))).toBe('put');
    expect(await put(made, 'u', 1, 'y')).toBe('full');
    await end(made, 'v');
    expect(await put(made, 'u', 1, 'y'.repeat(101))).toBe('full');
    expect(await put(made, 'u', 1, 'y'.repeat(100))).toBe('put');
    expect(await stateOf(made)).toMatchObject({
      ...{ b: counted(100, 100, 100) },
      uploads: [`u: 1 ${counted(100, 100)} 1 0`, `w: 3 ${counted(100)} 0 0`],
    });
  });

  it('HF-LOG-40: tell of so many uploads at most', async () => {
    const made = make();
    await put(made, 'u', 0, 'x');
    const record = (await admin.hget(made.keys.uploads, 'u')) ?? '';
    const others = Array.from({ length: maxUploads - 1 }, (_, at) => [`other ${at}`, record]);
    await admin.hset(made.keys.uploads, Object.fromEntries(others));
    expect(await put(made, 'one more', 0, 'x')).toBe('full');
    expect(await put(made, 'u', 1, 'x')).toBe('put');
    await admin.hdel(made.keys.uploads, 'other 0');
    expect(await put(made, 'one more', 0, 'x')).toBe('put');
    expect(await put(made, 'another', 0, 'x')).toBe('full');
  });
});
