import {
  type Author,
  type Chunk,
  chunksBeyond,
  foldChunks,
  foldOf,
  isTransient,
  type Message,
  type Outcome,
  type QueuedSend,
  type QueueEntry,
  type RunInfo,
  restarted,
  type SnapshotFrame,
  type SteerEntry,
  withConsumed,
  withOrder,
  withOutcome,
  withoutConsumed,
  withSteer,
} from '@holdfast/protocol';
import {
  segmentOf,
  settles,
  shownOf,
  supersede,
  type WrittenSegment,
} from '@holdfast/protocol/projection';
import { abortError } from '../abort.ts';
import { failed, unable } from '../errors.ts';
import { seqIn } from './position.ts';
import type { Content, Interest, Reader } from './reader.ts';
import { endOf, isChunk, isLive } from './reply.ts';

/** Transient chunks that are kept of each run that nobody reads yet, at most. */
const missedChunks = 32;

type Body = Readonly<Record<string, unknown>>;

/** What a snapshot says of a session. */
type Snapshot = Pick<SnapshotFrame, 'items' | 'through'> &
  Partial<Pick<SnapshotFrame, 'runs' | 'queue' | 'operator'>>;

/**
 * The projection of a session's entries for this client: the order of its messages, its runs, and the
 * chunks of the replies that are live, last or being read. Synchronous; each entry is applied once,
 * in order.
 */
export interface Transcript {
  /** Live runs, and those of the last message. */
  allRuns(): readonly RunInfo[];
  /** Live runs whose message is still there, in the order of their start. */
  liveRuns(): readonly RunInfo[];
  /** Readers that are not read to their end. */
  readonly readers: ReadonlySet<Reader>;
  /** False when a live run writes into a message of which only the end is known. */
  isWhole(): boolean;
  /** The interests of readers whose run was not seen. */
  awaited(): readonly Interest[];
  /** Sends that wait for their turn, the next one first. */
  queue: readonly QueuedSend[];
  /** The operator who answers in place of the agents; null when nobody does. */
  operator: Author | null;
  /** Applies one entry; one of an unknown kind changes nothing (HF-VER-3). */
  apply(entry: Body): void;
  /** Takes the place of all that was known; `through` is the entry id of the snapshot. */
  load(snapshot: Snapshot): void;
  /** Gives the reader what there is and then what comes, until what it shows has ended. */
  attach(reader: Reader): void;
  detach(reader: Reader): void;
  /** What is held of messages for their streams; undefined where every text is to be whole. */
  held(): ReadonlyMap<string, readonly WrittenSegment[]> | undefined;
  /** Ends the streams of a message, of which another text is to be shown. */
  reopen(messageId: string): void;
}

/** A replay in which no tool is called again. What makes it so is loaded where there is a call in it. */
const quietly = (chunks: readonly Chunk[]): readonly Chunk[] | Promise<readonly Chunk[]> =>
  chunks.some(settles)
    ? import('./replay.ts').then(({ quietReplay }) => quietReplay(chunks, settles), failed)
    : chunks;

/** Where it `isWatched`, what streams cannot go on with is shown in another way, and of long texts the end is enough. */
export function createTranscript(
  report: (error: unknown) => void,
  isWatched: () => boolean,
): Transcript {
  const order: string[] = [];
  /** Assistant messages, as far as they may still be read or go on. */
  const replies = new Map<string, WrittenSegment[]>();
  /** Messages of which only the end is known. */
  const partial = new Set<string>();
  const runs = new Map<string, RunInfo>();
  const readers = new Set<Reader>();
  /**
   * Transient chunks by live runs that began here and that nobody has read yet: a chat that is told of a run asks
   * for its stream, and more may have come by then (HF-FOLD-3).
   */
  const missed = new Map<string, Chunk[]>();

  const allRuns = (): readonly RunInfo[] => [...runs.values()];
  const liveRuns = (): readonly RunInfo[] =>
    allRuns().filter((run) => isLive(run) && replies.has(run.messageId));
  const runsOf = ({ messageId, run: id }: Interest): readonly RunInfo[] =>
    allRuns().filter((run) => (id === null ? run.messageId === messageId : run.run === id));

  /** The SDK cannot take back what it was given, so the stream ends and a resumed one begins anew. */
  const gone = (): Error | undefined =>
    isWatched() ? undefined : unable('conflict', 'go on: the reply changed; resume it');

  /**
   * Keeps only live replies, the last message, and what is being read; where anybody is told of the session, long texts
   * too, in whose places a snapshot has references (HF-CLI-9).
   */
  function prune(): void {
    const used = [...readers, ...allRuns().filter(isLive)].map(({ messageId }) => messageId);
    const kept = new Set([order.at(-1), ...used]);
    for (const [id, segments] of replies)
      if (!kept.has(id) && !(isWatched() && segments.some(({ fold }) => fold.pieces.length)))
        replies.delete(id);
    for (const run of runs.values()) if (!kept.has(run.messageId)) runs.delete(run.run);
    for (const id of missed.keys()) if (runs.get(id)?.state !== 'running') missed.delete(id);
  }

  /** The readers of a message; with `writer` only those who see what it writes: answers are for all. */
  const readersOf = (messageId: string, writer?: string | null): Reader[] =>
    [...readers].filter(
      (reader) =>
        reader.messageId === messageId &&
        (writer === undefined ||
          reader.run === null ||
          (writer === null ? runs.has(reader.run) : reader.run === writer)),
    );

  /**
   * The chunks that a reader is given of its message, in the log's order: from its run's start on, that and answers.
   * The SDK's readers give up at an `error`: of a whole message only the run that began last has one.
   */
  function readBy({ messageId, run: id, answers }: Interest): Content {
    const segments = replies.get(messageId) ?? [];
    const at = id === null ? 0 : segments.findIndex(({ run }) => run === id);
    const last = id ?? segments.filter(({ run }) => run).at(-1)?.run;
    const own =
      at < 0 ? [] : segments.slice(answers && segments[at - 1]?.run === null ? at - 1 : at);
    return foldChunks(
      own.flatMap(({ run, fold: { chunks } }) =>
        (id ?? run) === (run ?? id)
          ? chunks.filter(({ type }) => type !== 'error' || run === last)
          : [],
      ),
    );
  }

  const seenBy = (some: readonly Reader[]) =>
    some.map((reader) => [reader, reader.ahead ?? readBy(reader)] as const);

  /** Delivers what the reader has not seen, waits when it saw more, or gives up. */
  function compare(reader: Reader, seen: Content): void {
    const now = readBy(reader);
    const beyond = chunksBeyond(seen, now);
    if (beyond) {
      reader.ahead = null;
      const isReplay = reader.run === null && seen.length === 0;
      reader.push(isReplay ? quietly(shownOf(beyond)) : shownOf(beyond));
    } else if (chunksBeyond(now, seen)) reader.ahead = seen;
    else reader.end(gone());
  }

  /**
   * A whole message goes on while any run writes into it. A snapshot leaves out how the runs of
   * earlier messages ended.
   */
  function endIfOver(reader: Reader): void {
    if (!runsOf(reader).some(isLive)) finish(reader, reader.ahead ? gone() : undefined);
  }

  /** Ends the reader as its runs ended; `otherwise`, where nothing was wrong with them. */
  function finish(reader: Reader, otherwise: Error | undefined): void {
    reader.end(endOf(runsOf(reader), readBy(reader)) ?? otherwise);
  }

  /** Goes on behind what was seen; `through` is where a snapshot that takes its place ends. */
  function resume(reader: Reader, seen: Content, through?: string): void {
    const { messageId, run, after } = reader;
    if (replies.get(messageId)?.some((segment) => run === null || segment.run === run)) {
      compare(reader, seen);
      endIfOver(reader);
      return;
    }
    const isToCome = seen.length === 0 && through && after && seqIn(through) <= seqIn(after);
    if (!isToCome) finish(reader, gone());
  }

  /** The chunks among these values; the rest is left out, and does not keep them from being shown. */
  function chunksOf(value: unknown): readonly Chunk[] {
    const all: readonly unknown[] = Array.isArray(value) ? value : [null];
    const chunks = all.filter(isChunk);
    if (chunks.length < all.length) report(unable('bad_request', 'read a chunk: no type'));
    return chunks;
  }

  function grow(
    segment: WrittenSegment,
    chunks: readonly Chunk[],
    seenBy: readonly Reader[],
  ): void {
    for (const chunk of chunks) segment.fold.push(chunk);
    for (const reader of seenBy)
      if (reader.ahead) compare(reader, reader.ahead);
      else reader.push(chunks);
  }

  /**
   * Drops all where `after` is null, or not held: what is held is behind a message that is not, since the order is the
   * log's, without the oldest of it.
   */
  function truncate(after: string | null): void {
    for (const id of order.splice(order.indexOf(after as string) + 1)) {
      replies.delete(id);
      for (const reader of readersOf(id)) reader.end(abortError());
    }
  }

  function answer(messageId: string, chunks: readonly Chunk[]): void {
    const segments = replies.get(messageId);
    if (segments) grow(segmentOf(segments, null), chunks, readersOf(messageId, null));
  }

  function start(run: RunInfo): void {
    const { messageId, run: id } = run;
    const known = runs.get(id);
    if ((known?.attempt as number) >= run.attempt) return;
    let segments = replies.get(messageId);
    const kept = segments?.flatMap((each) => (each.run === id ? each.fold.sealed.chunks : []));
    runs.set(id, restarted(run, known, kept ?? []));
    // A run that begins again has its message already, unless that was cut off (HF-ENT-6).
    if (!segments) {
      if (run.attempt > 1) return;
      if (order.includes(messageId)) partial.add(messageId);
      else order.push(messageId);
      segments = [];
      replies.set(messageId, segments);
    }
    const seen = seenBy(readersOf(messageId, id));
    // A higher attempt writes the run anew (HF-ENT-5).
    if (known) supersede(segments, id);
    else {
      segmentOf(segments, id);
      if (isWatched() && seen.length === 0) missed.set(id, []);
    }
    for (const [reader, content] of seen) compare(reader, content);
  }

  function append(run: RunInfo | undefined, { attempt, c }: Body): void {
    if (!run || !isLive(run) || run.attempt !== attempt) return;
    const segments = replies.get(run.messageId);
    if (!segments) return;
    const chunks = chunksOf(c);
    grow(segmentOf(segments, run.run), chunks, readersOf(run.messageId, run.run));
    const kept = missed.get(run.run);
    kept?.push(...chunks.filter(isTransient).slice(0, missedChunks - kept.length));
    runs.set(run.run, withConsumed(run, chunks));
    transcript.queue = withoutConsumed(transcript.queue, chunks);
  }

  function step(run: RunInfo | undefined, { seals }: Body): void {
    if (!run || !seals) return;
    for (const segment of replies.get(run.messageId) ?? [])
      if (segment.run === run.run) segment.fold.seal();
  }

  function end(run: RunInfo | undefined, { attempt, outcome, reason }: Body): void {
    if (!run || !isLive(run) || (attempt as number) < run.attempt) return;
    runs.set(run.run, withOutcome(run, outcome as Outcome, reason as string | undefined));
    for (const reader of readersOf(run.messageId, run.run)) endIfOver(reader);
  }

  const transcript: Transcript = {
    allRuns,
    liveRuns,
    readers,
    queue: [],
    operator: null,
    isWhole: () => !liveRuns().some(({ messageId }) => partial.has(messageId)),
    awaited: () =>
      [...readers].filter(({ isOpen, run }) => isOpen && run !== null && !runs.has(run)),
    apply: (entry) => {
      const run = runs.get(entry.run as string);
      switch (entry.k) {
        case 'message': {
          const { id } = entry.message as Message;
          if (!order.includes(id)) order.push(id);
          break;
        }
        case 'truncate':
          truncate(entry.after as string | null);
          break;
        case 'answer':
          answer(entry.messageId as string, chunksOf(entry.chunks));
          return;
        case 'run-start':
          start({ ...(entry as unknown as RunInfo), state: 'running' });
          break;
        case 'chunks':
          append(run, entry);
          return;
        case 'steer':
          if (run) runs.set(run.run, withSteer(run, entry as unknown as SteerEntry));
          break;
        case 'step':
          step(run, entry);
          return;
        case 'queue':
          transcript.queue = withOrder(transcript.queue, entry as unknown as QueueEntry);
          break;
        case 'handoff':
          transcript.operator = entry.to as Author | null;
          break;
        case 'run-end':
          end(run, entry);
      }
      prune();
    },
    load: ({ items, through, runs: nowRuns = [], queue = [], operator = null }) => {
      transcript.queue = queue;
      transcript.operator = operator;
      const seen = seenBy([...readers]);
      order.length = 0;
      replies.clear();
      partial.clear();
      runs.clear();
      for (const item of items) {
        order.push(item.id);
        if ('segments' in item)
          replies.set(
            item.id,
            item.segments.map((each) => ({ run: each.run, fold: foldOf(each) })),
          );
      }
      for (const run of nowRuns) {
        runs.set(run.run, run);
        const segments = replies.get(run.messageId);
        // A run that has said nothing yet may have no segment in the snapshot.
        if (isLive(run) && segments) segmentOf(segments, run.run);
      }
      for (const [reader, content] of seen) resume(reader, content, through);
      prune();
    },
    attach: (reader) => {
      readers.add(reader);
      const { run, after } = reader;
      // A run that was seen, and is not there any more, was cut off at the same moment.
      if (run === null || runs.has(run) || !after) resume(reader, []);
      for (const { run: id } of runsOf(reader)) {
        reader.push(missed.get(id) ?? []);
        missed.delete(id);
      }
    },
    detach: (reader) => {
      if (readers.delete(reader)) prune();
    },
    held: () => (isWatched() ? replies : undefined),
    reopen: (messageId) => {
      for (const reader of readersOf(messageId)) reader.end(gone());
    },
  };
  return transcript;
}
