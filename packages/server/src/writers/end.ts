import { type Chunk, HoldfastError, type Outcome, type RunEndEntry } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { cutOffEnding } from '../runs/cut-off.ts';
import { afterRun } from '../runs/execute.ts';
import { keepLast, withoutInput } from '../runs/keep-chunks.ts';
import { remindOfHooks } from '../runs/remind.ts';
import type { WrittenRecord } from '../runs/written-runs.ts';
import { newEntry } from '../session/new-entry.ts';
import { writeChunks } from './append.ts';
import {
  lookAt,
  recordOf,
  retryForMs,
  stateOf,
  type WriterState,
  type WrittenRun,
} from './state.ts';
import { takeEntry } from './take-entry.ts';

/** How often the end is written behind chunks of its own, which the log may lose meanwhile. */
const tries = 5;
/** Bytes of an entry beside its chunks. */
const besides = 1_024;

export interface EndAsked extends WrittenRun {
  readonly seq: number;
  readonly outcome: Exclude<Outcome, 'lost'>;
  /** Why it failed, for programs. */
  readonly reason?: string;
  /** The same, for users. */
  readonly error?: string;
}

/** Ends a run; told how it has ended, which may be otherwise. Rejects with `forbidden`, and with the log's error. */
export async function endWriting(
  core: Core,
  session: string,
  asked: EndAsked,
): Promise<WriterState> {
  const found = await recordOf(core, session, asked);
  if ('told' in found) return found.told;
  for (let left = tries; ; left--) {
    const told = await writeAll(core, session, { ...asked, ...found.record });
    // The log has lost the chunks that are none of the writer's, which could not send them again.
    const isOurs = asked.outcome !== 'finished' && 'next' in told && told.next === asked.seq;
    if (left === 1 || told.state !== 'gap' || !isOurs) return told;
  }
}

/** The end, behind chunks of its own where the run came to a bad one. */
async function writeAll(
  core: Core,
  session: string,
  asked: EndAsked & WrittenRecord,
): Promise<WriterState> {
  let { seq } = asked;
  if (asked.outcome !== 'finished') {
    const chunks = await lastChunks(core, session, asked);
    const fit = fitting(chunks, core.limits.entryBytes - besides);
    const written = await writeChunks(core, session, asked, fit);
    if (written.state === 'running') seq++;
    // A full session still takes the end.
    else if (written.state !== 'full') return written;
  }
  return await writeEnd(core, session, { ...asked, seq });
}

/** What the run leaves open is ended before its `abort` or `error` (HF-RUN-6). */
async function lastChunks(
  core: Core,
  session: string,
  { run, messageId, outcome, error }: EndAsked & { readonly messageId: string },
): Promise<readonly Chunk[]> {
  const execution = { session, run, messageId };
  const why = outcome === 'stopped' ? 'stopped' : 'failed';
  const ends = await core.hubs.use(session, (hub) => cutOffEnding({ core, hub, execution }, why));
  const open = await keepLast(core, session, ends, retryForMs);
  if (why === 'stopped') return [...open, { type: 'abort' }];
  const failed = () => new HoldfastError('internal', 'unable to go on: a writer gave up its run');
  return [...open, { type: 'error', errorText: error ?? core.errorText(failed()) }];
}

/**
 * What one entry takes of them. With a second one, a repetition would not know which of the two has its number. So inputs
 * of calls are left out that do not fit, and, where the rest is still too much, all but the last chunk.
 */
function fitting(chunks: readonly Chunk[], most: number): readonly Chunk[] {
  const sizeOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  let left = most - sizeOf(chunks.map(withoutInput));
  if (left < 0) return chunks.slice(-1);
  return chunks.map((chunk) => {
    const short = withoutInput(chunk);
    const more = sizeOf(chunk) - sizeOf(short);
    if (more > left) return short;
    left -= more;
    return chunk;
  });
}

async function writeEnd(
  core: Core,
  session: string,
  asked: EndAsked & WrittenRecord,
): Promise<WriterState> {
  const { environment } = core;
  const { run, attempt, outcome, reason, messageId } = asked;
  const why = reason === undefined ? {} : { reason };
  const at = environment.date();
  const end: RunEndEntry = { k: 'run-end', run, attempt, outcome, messageId, ...why, at };
  const last = { entry: newEntry(environment, end), end: { outcome } };
  await remindOfHooks(core, session);
  const answer = await takeEntry(core, session, asked, last);
  // Of a repetition the answer was lost, or the number is that of chunks.
  const found = answer.kind === 'duplicate' ? await lookAt(core, session, asked) : null;
  const isEnded = answer.kind === 'appended' || (found !== null && 'told' in found);
  if (!isEnded) return await stateOf(core, session, asked, answer);
  const tail = core.writtenRuns.ended(session, asked);
  if (tail?.last?.end)
    await core.hubs.use(session, async (hub) => {
      core.aftermath.keep({ hub, run, tail, forMs: core.limits.leaseMs });
    });
  void afterRun(core, session);
  return found && 'told' in found ? found.told : { state: outcome };
}
