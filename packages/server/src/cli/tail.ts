import { parseArgs } from 'node:util';
import { createFeeds, type SessionFeed, type SessionLog, type StoredEntry } from '@holdfast/log';
import { HoldfastError, type ResetReason, seqOf } from '@holdfast/protocol';
import { redacted } from '../redact.ts';
import type { Command } from './command.ts';
import { entriesOf } from './entries.ts';
import { sessionOf } from './options.ts';
import { createShown } from './shown.ts';
import { keysHelp, openLog, storeHelp, storeOf, storeOptions } from './store.ts';
import { safeJson, safeLine, type Terminal } from './terminal.ts';

/** Follows a session. */
export const tail: Command = {
  usage: 'tail <session> [options]',
  options: `${storeHelp}
  --all              begins with the oldest entry that the log keeps; otherwise with what comes from now on
  --once             with --all: ends behind the newest entry, and with 1 where there is no session

Shows contents: messages, answers, outputs of tools. A session that is not there yet is waited for. Ends with
Ctrl-C. With --json, a line for each entry: { id, entry }, or { id, sealed } where there is no key, and
{ reset } or { deleted } where the session begins anew or goes.

${keysHelp}`,
  read(given, terminal) {
    const { values, positionals } = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        ...storeOptions,
        all: { type: 'boolean', default: false },
        once: { type: 'boolean', default: false },
      },
    });
    const session = sessionOf(positionals);
    const store = storeOf(values, terminal);
    const { all, once, json } = values;
    return async () => {
      const log = openLog(store);
      const print = json ? printJson(terminal) : printText(terminal);
      try {
        if (once) return await printAll(log, session, print.entry);
        await follow({ log, session, all, print, terminal });
        return 0;
      } finally {
        await log.close();
      }
    };
  },
};

interface Print {
  readonly entry: (entry: StoredEntry) => void;
  readonly reset: (why: ResetReason) => void;
  readonly deleted: () => void;
}

function printText({ write, say }: Terminal): Print {
  const shown = createShown();
  return {
    entry: (entry) => write(shown(entry)),
    reset: (why) => say(`\n─ the session begins anew (${why}); some of it may be missing here`),
    deleted: () => say('\n─ the session was deleted'),
  };
}

function printJson({ say }: Terminal): Print {
  return {
    entry: ({ id, body }) =>
      say(safeJson(/^enc\d\./.test(body) ? { id, sealed: true } : { id, entry: parsed(body) })),
    reset: (why) => say(safeJson({ reset: why })),
    deleted: () => say(safeJson({ deleted: true })),
  };
}

/** Bodies are opaque to the log; one that is no JSON is shown as the text that it is. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}

async function printAll(log: SessionLog, session: string, print: Print['entry']): Promise<0> {
  let isThere = false;
  for await (const page of entriesOf(log, session)) {
    isThere = true;
    for (const entry of page) print(entry);
  }
  if (isThere) return 0;
  throw new HoldfastError('not_found', 'unable to tail: the log has no session of that id');
}

interface Following {
  readonly log: SessionLog;
  readonly session: string;
  readonly all: boolean;
  readonly print: Print;
  readonly terminal: Terminal;
}

async function follow({ log, session, all, print, terminal }: Following): Promise<void> {
  const feeds = createFeeds(log, {
    onError: (error) => terminal.note(safeLine(redacted(error).message)),
  });
  const { feed, release } = await feeds.acquire(session);
  try {
    // Whatever comes while what is older is read stands behind it.
    let late: (() => void)[] | null = [];
    const inTurn = (act: () => void) => {
      if (late) late.push(act);
      else act();
    };
    const { position } = feed;
    const stop = feed.listen({
      entries: (entries) => inTurn(() => entries.forEach(print.entry)),
      reset: (why) => inTurn(() => print.reset(why)),
      deleted: () => inTurn(print.deleted),
      signal: () => {},
    });
    terminal.note(`following ${session}; Ctrl-C ends it`);
    if (all) await printUpTo(log, session, position, print.entry);
    for (const act of late) act();
    late = null;
    if (!terminal.ended.aborted)
      await new Promise((resolve) => terminal.ended.addEventListener('abort', resolve));
    stop();
  } finally {
    release();
    await feeds.close();
  }
}

async function printUpTo(
  log: SessionLog,
  session: string,
  { id }: SessionFeed['position'],
  print: Print['entry'],
): Promise<void> {
  for await (const page of entriesOf(log, session))
    for (const entry of page) {
      if (seqOf(entry.id) > seqOf(id)) return;
      print(entry);
    }
}
