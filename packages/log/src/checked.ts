import {
  checkCheckpoint,
  checkClaim,
  checkDigest,
  checkEntry,
  checkFile,
  checkIndex,
  checkItems,
  checkLease,
  checkName,
  checkPiece,
  checkSend,
  checkSession,
  checkSignal,
  checkSource,
} from './check.ts';
import type { LogDurability } from './contract/durability.ts';
import type { LogLimits, SessionLog } from './contract/session-log.ts';
import { checkDurability } from './durability.ts';
import { logLimits } from './limits.ts';

type Method = Exclude<keyof SessionLog, 'durability' | 'undelivered'>;
type Checks = {
  readonly [Name in Method]: ((...given: Parameters<SessionLog[Name]>) => void) | null;
};

/** Checks before each method; null where nothing comes from outside. */
const checksWithin = (
  { entryBytes, fileBytes, filePieceBytes }: LogLimits,
  durability: LogDurability | undefined,
): Checks => ({
  ready: null,
  head: checkSession,
  read: checkSession,
  open: checkSession,
  items: checkSession,
  find: checkSession,
  checkpoint: (session, command) => {
    checkSession(session);
    checkCheckpoint(command, entryBytes);
    checkItems(command.changes);
  },
  seed: (session, { items, entry }) => {
    checkSession(session);
    checkItems(items);
    checkEntry(entry, entryBytes);
  },
  send: (session, command) => {
    checkSession(session);
    checkSend(command, entryBytes);
    checkDurability(command.durability, durability);
  },
  command: (session, command) => {
    checkSession(session);
    checkName('command', command);
  },
  run: (session, run) => {
    checkSession(session);
    checkName('run', run);
  },
  append: (session, { entry, durability: asked }) => {
    checkSession(session);
    checkEntry(entry, entryBytes);
    checkDurability(asked, durability);
  },
  renew: (session, { leaseMs }) => {
    checkSession(session);
    checkLease(leaseMs, 0);
  },
  cancel: (session, { target }) => {
    checkSession(session);
    if ('command' in target) checkName('command', target.command);
  },
  suspect: checkSession,
  reap: (session, { entry }) => {
    checkSession(session);
    checkEntry(entry, entryBytes);
  },
  delete: checkSession,
  subscribe: checkSession,
  signal: (session, text) => {
    checkSession(session);
    checkSignal(text);
  },
  remind: (_, session) => checkSession(session),
  due: null,
  dismiss: null,
  claim: (session, claim) => {
    checkSession(session);
    checkClaim(claim);
  },
  putPiece: (session, upload, index, data) => {
    checkSession(session);
    checkName('upload', upload);
    checkIndex(index);
    checkPiece(data, filePieceBytes);
  },
  piecesOf: (session, upload) => {
    checkSession(session);
    checkName('upload', upload);
  },
  revisionOf: (session, upload) => {
    checkSession(session);
    checkName('upload', upload);
  },
  keepFile: (session, upload, file) => {
    checkSession(session);
    checkName('upload', upload);
    checkFile(file, fileBytes);
  },
  fileInfo: (session, digest) => {
    checkSession(session);
    checkDigest(digest);
  },
  readPiece: (session, source, index) => {
    checkSession(session);
    checkSource(source);
    checkIndex(index);
  },
  places: (session, { name }) => {
    checkSession(session);
    if (name !== undefined) checkName('place', name);
  },
  close: null,
});

/** The method behind its check: rejects where that throws, and adds no turn of the event loop otherwise. */
function behind<Given extends readonly unknown[], T>(
  check: ((...given: Given) => void) | null,
  method: (...given: Given) => Promise<T>,
): (...given: Given) => Promise<T> {
  if (!check) return method;
  return (...given) => {
    try {
      check(...given);
    } catch (error) {
      return Promise.reject(error);
    }
    return method(...given);
  };
}

/**
 * The log behind the checks that are the same for every store: ids of sessions and names have their form, what is
 * written has at most its size. A store that is given out behind this takes what it gets: a session id may
 * become part of a key. What does not pass rejects with `bad_request`, `too_large` or `internal`, and never comes
 * to the store.
 */
export function checked(log: SessionLog, limits: Partial<LogLimits> = {}): SessionLog {
  const bounds = logLimits(limits);
  const { entryBytes } = bounds;
  const checks = checksWithin(bounds, log.durability);
  const methods = (Object.keys(checks) as Method[]).map((name) => {
    const method = log[name].bind(log) as (...given: readonly unknown[]) => Promise<unknown>;
    return [name, behind(checks[name] as ((...given: readonly unknown[]) => void) | null, method)];
  });
  const { cancel, ...rest } = Object.fromEntries(methods) as SessionLog;
  return {
    ...rest,
    ...(log.durability && { durability: log.durability }),
    // Its entry is made once the run is known.
    cancel: (session, { target, entry }) =>
      cancel(session, {
        target,
        entry: async (run) => {
          const made = await entry(run);
          checkEntry(made, entryBytes);
          return made;
        },
      }),
    undelivered: (session) => log.undelivered?.(session),
  };
}
