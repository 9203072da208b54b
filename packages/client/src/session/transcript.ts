import {
  type Chunk,
  Fold,
  type Message,
  type Outcome,
  type RunInfo,
  type SnapshotItem,
} from '@holdfast/protocol';
import { abortError } from '../abort.ts';
import { unable } from '../errors.ts';
import { seqIn } from './position.ts';
import type { Content, Interest, Reader } from './reader.ts';
import { quietReplay } from './replay.ts';
import { createReplies, type Replies } from './replies.ts';
import {
  contentBeyond,
  endOf,
  goneError,
  isChunk,
  isLive,
  type Segment,
  segmentOf,
} from './reply.ts';

type Body = Readonly<Record<string, unknown>>;

/**
 * What a session's entries amount to for this client: the order of its messages, its runs, and the
 * chunks of the replies that are live, last or being read. Synchronous; each entry is applied once,
 * in order.
 */
export interface Transcript extends Pick<Replies, 'allRuns' | 'liveRuns'> {
  readonly readers: ReadonlySet<Reader>;
  /** False when a live run writes into a message of which only the end is known. */
  isWhole(): boolean;
  /** What readers wait for whose run was not seen. */
  awaited(): readonly Interest[];
  /** Ids of calls and approvals of a message that nobody needs to answer any more. */
  settledIn(messageId: string): ReadonlySet<unknown>;
  /** Applies one entry; one of an unknown kind changes nothing (HF-VER-3). */
  apply(entry: Body): void;
  /** Takes the place of all that was known; `through` is the entry id of the snapshot. */
  load(items: readonly SnapshotItem[], runs: readonly RunInfo[], through: string): void;
  /** Gives the reader what there is and then what comes, until what it shows has ended. */
  attach(reader: Reader): void;
  detach(reader: Reader): void;
}

export function createTranscript(report: (error: unknown) => void): Transcript {
  const replies = createReplies();
  const { allRuns, liveRuns, runs } = replies;
  const readers = new Set<Reader>();

  const prune = (): void => replies.prune([...readers].map(({ interest }) => interest.messageId));

  /** The readers of a message; with `writer` only those who see what it writes. */
  const readersOf = (messageId: string, writer?: string | null): Reader[] =>
    [...readers].filter(
      ({ interest }) =>
        interest.messageId === messageId &&
        (writer === undefined || interest.run === null || interest.run === writer),
    );

  function readBy({ interest }: Reader): Content {
    const content = replies.contentOf(interest.messageId);
    if (interest.run === null) return content;
    const at = content.findIndex(({ run }) => run === interest.run);
    const withAnswers = interest.answers && content[at - 1]?.run === null;
    return at < 0 ? [] : content.slice(withAnswers ? at - 1 : at, at + 1);
  }

  function begin(reader: Reader): void {
    const chunks = readBy(reader).flatMap((segment) => segment.chunks);
    reader.push(reader.interest.run === null ? quietReplay(chunks) : chunks);
  }

  /** Delivers what the reader has not seen, waits when it saw more, or gives up. */
  function compare(reader: Reader, seen: Content): void {
    const now = readBy(reader);
    const beyond = contentBeyond(seen, now);
    if (beyond) {
      reader.ahead = null;
      reader.push(beyond);
    } else if (contentBeyond(now, seen)) reader.ahead = seen;
    else reader.end(goneError());
  }

  /** A whole message goes on while any run writes into it. */
  function endIfOver(reader: Reader): void {
    const outcome = replies.outcomeOf(reader.interest.messageId, reader.interest.run);
    if (!outcome) return;
    const isCutShort = reader.ahead && outcome !== 'stopped' && outcome !== 'lost';
    reader.end(isCutShort ? goneError() : endOf(outcome));
  }

  /** Goes on after a snapshot took the place of what the reader had seen. */
  function resume(reader: Reader, seen: Content, through: string): void {
    const { messageId, run, after } = reader.interest;
    const segments = replies.get(messageId)?.segments ?? [];
    if (segments.some((segment) => run === null || segment.run === run)) {
      compare(reader, seen);
      // What was lost with its run's end is known to have ended all the same.
      endIfOver(reader);
    } else if (seen.length > 0 || !after || seqIn(through) > seqIn(after)) reader.end(goneError());
  }

  /** What is no chunk is left out, and does not keep the rest from being shown. */
  function chunksOf(value: unknown): readonly Chunk[] {
    const all: readonly unknown[] = Array.isArray(value) ? value : [null];
    const chunks = all.filter(isChunk);
    if (chunks.length < all.length)
      report(unable('bad_request', 'apply a chunk: it is no object with a type'));
    return chunks;
  }

  function grow(segment: Segment, chunks: readonly Chunk[], seenBy: readonly Reader[]): void {
    for (const chunk of chunks) segment.fold.push(chunk);
    for (const reader of seenBy)
      if (reader.ahead) compare(reader, reader.ahead);
      else reader.push(chunks);
  }

  function answer(messageId: string, chunks: readonly Chunk[]): void {
    const segments = replies.get(messageId)?.segments;
    if (!segments) return;
    let segment = segments.at(-1);
    if (segment?.run !== null) {
      segment = segmentOf(null);
      segments.push(segment);
    }
    grow(segment, chunks, readersOf(messageId, null));
  }

  function start(run: RunInfo): void {
    const { messageId, run: id } = run;
    const known = runs.get(id);
    if (known && known.attempt >= run.attempt) return;
    runs.set(id, run);
    // The run of a message that was cut off changes nothing (HF-ENT-4).
    if (known && !replies.get(messageId)) return;
    const { segments } = replies.open(messageId);
    if (!known) {
      segments.push(segmentOf(id));
      for (const reader of readersOf(messageId)) if (reader.interest.run === id) begin(reader);
      return;
    }
    // A higher attempt writes the run anew (HF-ENT-3).
    const seenBy = readersOf(messageId, id);
    for (const reader of seenBy) reader.ahead ??= readBy(reader);
    for (const segment of segments) if (segment.run === id) segment.fold = new Fold();
    for (const reader of seenBy) compare(reader, reader.ahead ?? []);
  }

  function append({ run: id, attempt, c }: Body): void {
    const run = runs.get(String(id));
    if (!run || !isLive(run) || run.attempt !== attempt) return;
    const segments = replies.get(run.messageId)?.segments;
    const segment = segments?.findLast((candidate) => candidate.run === id);
    if (segment) grow(segment, chunksOf(c), readersOf(run.messageId, run.run));
  }

  function end({ run: id, attempt, outcome }: Body): void {
    const run = runs.get(String(id));
    if (!run || !isLive(run) || Number(attempt) < run.attempt) return;
    runs.set(run.run, { ...run, state: outcome as Outcome });
    for (const reader of readersOf(run.messageId, run.run)) endIfOver(reader);
  }

  return {
    allRuns,
    liveRuns,
    readers,
    isWhole: () => !liveRuns().some(({ messageId }) => replies.get(messageId)?.isPartial),
    awaited: () =>
      [...readers]
        .map(({ interest }) => interest)
        .filter(({ run }) => run !== null && !runs.has(run)),
    settledIn: (messageId) => {
      const ids = new Set<unknown>();
      for (const { chunks } of replies.contentOf(messageId))
        for (const { type, approvalId, toolCallId, preliminary } of chunks)
          if (type === 'tool-approval-response') ids.add(approvalId);
          else if (type.startsWith('tool-output') && preliminary !== true) ids.add(toolCallId);
      return ids;
    },
    apply: (entry) => {
      switch (entry.k) {
        case 'message':
          replies.addMessage(entry.message as Message);
          break;
        case 'truncate':
          for (const id of replies.truncate(entry.after))
            for (const reader of readersOf(id)) reader.end(abortError());
          break;
        case 'answer':
          answer(String(entry.messageId), chunksOf(entry.chunks));
          return;
        case 'run-start':
          start({ ...(entry as unknown as RunInfo), state: 'running' });
          break;
        case 'chunks':
          append(entry);
          return;
        case 'run-end':
          end(entry);
      }
      prune();
    },
    load: (items, nowRuns, through) => {
      const seen = [...readers].map((reader) => [reader, reader.ahead ?? readBy(reader)] as const);
      replies.load(items, nowRuns);
      for (const [reader, content] of seen) resume(reader, content, through);
      prune();
    },
    attach: (reader) => {
      readers.add(reader);
      const { messageId, run } = reader.interest;
      if (run !== null && !runs.has(run)) return;
      if (!replies.get(messageId)) reader.end(goneError());
      else {
        begin(reader);
        endIfOver(reader);
      }
    },
    detach: (reader) => {
      if (readers.delete(reader)) prune();
    },
  };
}
