import { randomBytes } from 'node:crypto';
import { checkIndex, checkName, checkPiece } from '../check.ts';
import { checked } from '../checked.ts';
import type { FileStore } from '../contract/file-store.ts';
import type { Mark, Places } from '../contract/files.ts';
import type { LogLimits, SessionLog } from '../contract/session-log.ts';
import { logLimits, storeMs } from '../limits.ts';
import { pieceOf } from '../piece.ts';
import { type Stored, StoredPieces } from './stored-pieces.ts';

/** Options of `withFileStore`. */
export interface FileStoreOptions {
  /** The beginning of every key. @default 'holdfast' */
  readonly prefix?: string | undefined;
  /** Limits that differ from the defaults. @default those of `defaultLimits` */
  readonly limits?: Partial<LogLimits> | undefined;
  /** Time that the store has for each act, in ms. Then it counts as away. @default 30_000 (30 s) */
  readonly timeoutMs?: number | undefined;
}

const markPattern = /^stored ([0-9a-f]{16}-\d+) (\d+)$/;
const markBytes = 64;
/** Pieces that wait to be removed; more of them say that the store does not remove any. */
const mostGone = 1_000;
/** Keys that are removed at once. */
const atOnce = 16;

/** The keys of the places from one to another. */
const namesOf = (name: string, first: number, last: number): readonly string[] =>
  Array.from({ length: last - first + 1 }, (_, at) => `${name}-${first + at}`);

const markOf = ({ key, bytes }: Stored): Mark => ({
  mark: `stored ${key} ${bytes}`,
  elsewhere: bytes,
});

/** What a log has in the place of a piece; null where it has the piece itself, which came before the store. */
function storedOf(piece: Uint8Array): Stored | null {
  return piece.byteLength > markBytes ? null : markedAs(Buffer.from(piece).toString('latin1'));
}

function markedAs(mark: string): Stored | null {
  const [, key, bytes] = markPattern.exec(mark) ?? [];
  return key === undefined ? null : { key, bytes: Number(bytes) };
}

/**
 * The log with the bytes of its files in a store of the application's own; the log keeps which pieces there are, and
 * counts them. What the log has from before stays readable. A store that is away, or has no answer in time, rejects
 * with `unavailable`, one that is full with `full`; both may be repeated. A session that is deleted is erased there,
 * too. One whose time has passed leaves its bytes there: a rule of the store has to remove what is older than sessions
 * are kept. Closing the log leaves the store open.
 */
export function withFileStore(
  log: SessionLog,
  store: FileStore,
  { prefix = 'holdfast', limits, timeoutMs = storeMs }: FileStoreOptions = {},
): SessionLog {
  const { filePieceBytes } = logLimits(limits);
  const index = checked(log, limits);
  const pieces = new StoredPieces(store, prefix, timeoutMs);
  /** Removes what the log has dropped. What fails is told again the next time. */
  const tidy = async (session: string): Promise<Places | null> => {
    const places = await index.places(session, {});
    if (!places || places.gone.length === 0) return places;
    const keys = places.gone.map((mark) => markedAs(mark)?.key ?? mark);
    for (let at = 0; at < keys.length; at += atOnce)
      await pieces.removeAll(session, keys.slice(at, at + atOnce));
    return await index.places(session, { removed: places.gone });
  };
  return {
    ...index,
    ready: async () => {
      await pieces.check();
      await index.ready();
    },
    putPiece: async (session, upload, at, given) => {
      // What is wrong is told before anything is stored.
      checkName('upload', upload);
      checkIndex(at);
      checkPiece(given, filePieceBytes);
      const { data } = pieceOf(given);
      const place = await index.places(session, { name: randomBytes(8).toString('hex') });
      if (!place || place.gone.length > mostGone) return 'full';
      const stored = { key: `${place.name}-${place.count}`, bytes: data.byteLength };
      await pieces.put(session, stored, data);
      const outcome = await index.putPiece(session, upload, at, markOf(stored));
      // Where the session was deleted meanwhile, nobody else knows of this place any more.
      const isLate = (await tidy(session))?.name !== place.name;
      if (outcome === 'full' || isLate) await pieces.removeAll(session, [stored.key]);
      return outcome;
    },
    keepFile: async (session, upload, file, revision) => {
      const outcome = await index.keepFile(session, upload, file, revision);
      if (outcome !== 'incomplete') await tidy(session);
      return outcome;
    },
    readPiece: async (session, source, at) => {
      const piece = await index.readPiece(session, source, at);
      const stored = piece && storedOf(piece);
      return stored ? await pieces.get(session, stored) : piece;
    },
    delete: async (session) => {
      // The places are known as long as the session is there: so it goes last, and all of this can be repeated.
      let done = 0;
      for (;;) {
        const { name = '', count = 0 } = (await index.places(session, {})) ?? {};
        if (count <= done) return await index.delete(session);
        for (; done < count; done += atOnce)
          await pieces.removeAll(session, namesOf(name, done + 1, Math.min(count, done + atOnce)));
      }
    },
  };
}
