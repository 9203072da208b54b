import { parseArgs } from 'node:util';
import type { Head, SessionLog, StoredEntry } from '@holdfast/log';
import { formatPosition, HoldfastError } from '@holdfast/protocol';
import { runRecordOf } from '../runs/run-record.ts';
import type { Command } from './command.ts';
import { entriesOf, factsOf, kindOf } from './entries.ts';
import { numberOf, sessionOf } from './options.ts';
import { keysHelp, openLog, storeHelp, storeOf, storeOptions } from './store.ts';
import { columns, safe, safeJson, safeLine, sizeOf, type Terminal } from './terminal.ts';

/** A body of an entry is shown up to here. */
const shownCharacters = 2_000;

interface Shape {
  readonly contents: boolean;
  /** Newest entries that are listed. */
  readonly entries: number;
}

/** Prints what the log has of a session. */
export const inspect: Command = {
  usage: 'inspect <session> [options]',
  options: `${storeHelp}
  --entries <n>      how many of the newest entries are listed, up to 50000; default 20
  --contents         also what they say; otherwise only sizes are shown

Ends with 1 where there is no such session. Changes nothing.

${keysHelp}`,
  read(given, terminal) {
    const { values, positionals } = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        ...storeOptions,
        entries: { type: 'string' },
        contents: { type: 'boolean', default: false },
      },
    });
    const session = sessionOf(positionals);
    const store = storeOf(values, terminal);
    const entries = numberOf('entries', values.entries, [0, 50_000]) ?? 20;
    const { contents, json } = values;
    return async () => {
      const log = openLog(store);
      try {
        const report = await look(log, session, { contents, entries });
        if (json) terminal.say(safeJson(report));
        else print(terminal, report);
        return 0;
      } finally {
        await log.close();
      }
    };
  },
};

type Inspected = Awaited<ReturnType<typeof look>>;

async function look(log: SessionLog, session: string, { contents, entries: most }: Shape) {
  const head = await log.head(session);
  if (!head)
    throw new HoldfastError('not_found', 'unable to inspect: the log has no session of that id');
  const stored = await log.items(session, { before: 0, limit: 0 });
  const kinds: Record<string, { count: number; bytes: number }> = {};
  const newest: StoredEntry[] = [];
  for await (const page of entriesOf(log, session))
    for (const entry of page) {
      const kind = kindOf(entry.body);
      kinds[kind] ??= { count: 0, bytes: 0 };
      kinds[kind].count++;
      kinds[kind].bytes += Buffer.byteLength(entry.body);
      newest.push(entry);
      if (newest.length > most) newest.shift();
    }
  return {
    session,
    position: formatPosition({ epoch: head.epoch, id: head.top }),
    epoch: head.epoch,
    top: head.top,
    floor: head.floor,
    checkpoint: head.checkpoint,
    bytes: head.bytes,
    storedMessages: stored?.count ?? 0,
    runs: head.runs.map(runOf),
    kinds,
    entries: newest.map((entry) => ({
      id: entry.id,
      kind: kindOf(entry.body),
      bytes: Buffer.byteLength(entry.body),
      ...factsOf(entry),
      ...(contents ? { body: entry.body } : {}),
    })),
  };
}

function runOf({ run, attempt, info, kept, leased, leftMs, cancelled }: Head['runs'][number]) {
  const { agent = '', messageId = '', by = 'process' } = recordOf(info);
  const keptBytes = Buffer.byteLength(kept);
  return { run, attempt, agent, messageId, by, leased, leftMs, cancelled, keptBytes };
}

/** Nothing where it is encrypted and there is no key. */
function recordOf(info: string): ReturnType<typeof runRecordOf> {
  try {
    return runRecordOf(info);
  } catch {
    return {};
  }
}

function print(terminal: Terminal, report: Inspected): void {
  const { session, epoch, top, floor, checkpoint, bytes, storedMessages, runs, kinds } = report;
  const say = (rows: readonly (readonly string[])[], indent = '') => {
    for (const line of columns(rows.map((row) => row.map(safeLine)))) terminal.say(indent + line);
  };
  say([
    ['session', session],
    ['epoch', epoch],
    ['newest entry', top],
    ['dropped up to', floor],
    ['stored up to', `${checkpoint}, ${storedMessages} messages`],
    ['size', sizeOf(bytes)],
  ]);
  terminal.say(`\nlive runs: ${runs.length}`);
  say(
    runs.map(({ run, attempt, agent, by, leased, leftMs, cancelled, keptBytes }) => [
      run,
      `attempt ${attempt}`,
      agent,
      by,
      leased ? `leased for ${(leftMs / 1_000).toFixed(1)} s` : 'lease has run out',
      cancelled ? 'asked to stop' : '',
      keptBytes > 0 ? `${sizeOf(keptBytes)} kept` : '',
    ]),
    '  ',
  );
  const counts = Object.entries(kinds);
  terminal.say(`\nentries: ${counts.reduce((sum, [, { count }]) => sum + count, 0)}`);
  say(
    counts.map(([kind, { count, bytes: size }]) => [kind, String(count), sizeOf(size)]),
    '  ',
  );
  if (report.entries.length > 0) terminal.say(`\nthe newest ${report.entries.length}:`);
  for (const { id, kind, bytes: size, body, ...facts } of report.entries) {
    const told = Object.entries(facts).map(([name, value]) => `${name} ${value}`);
    say([[id, kind, sizeOf(size), ...told]], '  ');
    if (typeof body === 'string') terminal.say(`    ${safe(shortened(body))}`);
  }
}

const shortened = (text: string): string =>
  text.length <= shownCharacters
    ? text
    : `${text.slice(0, shownCharacters)}… ${sizeOf(text.length - shownCharacters)} more; --json has all`;
