import { createHash } from 'node:crypto';
import type {} from '@holdfast/testkit/redis-global-setup';
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, expect, inject, it } from 'vitest';
import { newSession, sendOf } from '../src/conformance/kit.ts';
import { createEncryptedLog } from '../src/encrypted/index.ts';
import { createMemoryLog, type FileInfo, type SessionLog, withFileStore } from '../src/index.ts';
import { pieceExtra } from '../src/limits.ts';
import { redisUnderTest } from './support/redis-under-test.ts';

const admin = new Redis(inject('redisUrl'));
afterAll(() => admin.disconnect());

const sessionFileBytes = 4_000;
const uploads = ['a', 'b', 'c'];

type Act =
  | { readonly kind: 'put'; readonly upload: string; readonly index: number; readonly data: string }
  | { readonly kind: 'keep'; readonly upload: string; readonly count: number }
  | { readonly kind: 'send' }
  | { readonly kind: 'delete' };

const upload = fc.constantFrom(...uploads);
/** Few contents, so that the same comes again, and sizes that fill a session. */
const data = fc.constantFrom('x', 'yy', 'z'.repeat(300), 'w'.repeat(900));
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      ...{ kind: fc.constant('put' as const), upload, data },
      index: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      ...{ kind: fc.constant('keep' as const), upload },
      count: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Act>({ kind: 'send' }, { kind: 'delete' }),
  },
);

/** What a session's files are, said as plainly as can be. */
class Model {
  readonly #room: number;
  readonly uploads = new Map<string, Map<number, string>>();
  readonly kept = new Map<string, readonly string[]>();

  constructor(room: number) {
    this.#room = room;
  }

  pieces(): readonly string[] {
    const open = [...this.uploads.values()].flatMap((pieces) => [...pieces.values()]);
    return [...open, ...[...this.kept.values()].flat()];
  }

  bytes(): number {
    return this.pieces().reduce((sum, piece) => sum + piece.length + pieceExtra, 0);
  }

  /** The first pieces of an upload; null when one is missing. */
  first(name: string, count: number): readonly string[] | null {
    const pieces = this.uploads.get(name) ?? new Map<number, string>();
    const list = Array.from({ length: count }, (_, at) => pieces.get(at));
    return list.every((piece) => piece !== undefined) ? list : null;
  }

  put(name: string, index: number, piece: string): 'put' | 'full' {
    const pieces = this.uploads.get(name) ?? new Map<number, string>();
    const before = pieces.get(index);
    const grown = piece.length - (before === undefined ? -pieceExtra : before.length);
    if (grown > 0 && this.bytes() + grown > this.#room) return 'full';
    this.uploads.set(name, pieces.set(index, piece));
    return 'put';
  }

  keep(name: string, { digest, pieces: count }: FileInfo): 'kept' | 'known' | 'incomplete' {
    const pieces = this.first(name, count);
    const isKnown = this.kept.has(digest);
    if (!isKnown && (!pieces || fileOf(pieces).digest !== digest)) return 'incomplete';
    this.uploads.delete(name);
    if (pieces && !isKnown) this.kept.set(digest, pieces);
    return isKnown ? 'known' : 'kept';
  }
}

function fileOf(pieces: readonly string[]): FileInfo {
  const text = pieces.join('');
  const digest = createHash('sha256').update(text).digest('base64url');
  return { digest, bytes: text.length, mediaType: 'text/plain', pieces: pieces.length };
}

/** The log has what the model has, and nothing else. */
async function compare(log: SessionLog, session: string, model: Model): Promise<void> {
  for (const name of uploads) {
    const pieces = model.uploads.get(name) ?? new Map<number, string>();
    let count = 0;
    while (pieces.has(count)) count += 1;
    expect(await log.piecesOf(session, name)).toBe(count);
    for (let at = 0; at < 4; at++)
      expect(textOf(await log.readPiece(session, { upload: name }, at))).toBe(pieces.get(at));
  }
  for (const [digest, pieces] of model.kept) {
    expect(await log.fileInfo(session, digest)).toEqual(fileOf(pieces));
    for (let at = 0; at <= pieces.length; at++)
      expect(textOf(await log.readPiece(session, { digest }, at))).toBe(pieces[at]);
  }
}

const textOf = (piece: Uint8Array | null): string | undefined =>
  piece ? Buffer.from(piece).toString() : undefined;

/** More pieces than there ever are. */
const tooMany = Array.from({ length: 5 }, () => 'none');

/** Does one act to both, and expects the same answer. */
async function perform(log: SessionLog, session: string, model: Model, given: Act): Promise<void> {
  if (given.kind === 'send') await log.send(session, sendOf(crypto.randomUUID()));
  else if (given.kind === 'delete') {
    await log.delete(session);
    model.uploads.clear();
    model.kept.clear();
  } else if (given.kind === 'put') {
    const { upload: name, index, data: piece } = given;
    const outcome = await log.putPiece(session, name, index, Buffer.from(piece));
    expect(outcome).toBe(model.put(name, index, piece));
  } else {
    const file = fileOf(model.first(given.upload, given.count) ?? tooMany);
    // The second is one whose answer was lost.
    for (let time = 0; time < 2; time++)
      expect(await log.keepFile(session, given.upload, file)).toBe(model.keep(given.upload, file));
  }
}

async function play(
  log: SessionLog,
  acts: readonly Act[],
  model: Model = new Model(sessionFileBytes),
): Promise<void> {
  const session = newSession();
  for (const given of acts) await perform(log, session, model, given);
  await compare(log, session, model);
}

const plays = fc.array(act, { maxLength: 30 });
const limits = { sessionFileBytes };

it('HF-LOG-39: files in memory are what a plain model of them is, whatever is done', async () => {
  await fc.assert(
    fc.asyncProperty(plays, async (acts) => await play(createMemoryLog({ limits }), acts)),
    { numRuns: 300 },
  );
});

it('HF-LOG-39: files in Redis are what a plain model of them is, whatever is done', async () => {
  const { log, cleanup } = redisUnderTest(inject('redisUrl'), admin, limits);
  await fc.assert(
    fc.asyncProperty(plays, async (acts) => await play(log, acts)),
    { numRuns: 60 },
  );
  await cleanup();
});

it('HF-LOG-43: a store of files has as many pieces as the log, whatever is done', async () => {
  const key = crypto.getRandomValues(new Uint8Array(32));
  await fc.assert(
    fc.asyncProperty(plays, async (acts) => {
      const all = new Map<string, Uint8Array>();
      const store = {
        setItemRaw: async (name: string, value: Uint8Array) => void all.set(name, value),
        getItemRaw: async (name: string) => all.get(name) ?? null,
        removeItem: async (name: string) => void all.delete(name),
      };
      const log = withFileStore(createMemoryLog(), store);
      // Sealed pieces and marks count more, so there is room for all.
      const model = new Model(Number.POSITIVE_INFINITY);
      await play(createEncryptedLog(log, { keys: [{ id: 'k', key }] }), acts, model);
      expect(all.size).toBe(model.pieces().length);
    }),
    { numRuns: 100 },
  );
});
