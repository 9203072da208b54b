import {
  type Chunk,
  Fold,
  HoldfastError,
  isRecord,
  type Message,
  type Outcome,
  parsePosition,
  type RunInfo,
  type SnapshotItem,
  seqOf,
} from '@holdfast/protocol';
import { abortError } from '../abort.ts';
import type { Content, Interest, Reader } from './reader.ts';
import { quietReplay } from './replay.ts';
import { Replies } from './replies.ts';
import {
  contentBeyond,
  divergedError,
  endOf,
  goneError,
  isChunk,
  isLive,
  isWritten,
  type Reply,
  type Segment,
} from './reply.ts';
import { chunksToRest } from './rest.ts';

type Body = Readonly<Record<string, unknown>>;

/**
 * What a session's entries amount to for this client: the order of its messages, its runs, and the
 * chunks of the replies that are live, last or being read. Synchronous; each entry is applied once,
 * in order.
 */
export class Transcript {
  readonly #report: (error: unknown) => void;
  readonly #replies = new Replies();
  readonly #readers = new Set<Reader>();

  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  /** Live runs, and those of the last message. */
  get runs(): readonly RunInfo[] {
    return this.#replies.runs;
  }

  /** Live runs whose message is still there, in the order of their start. */
  get liveRuns(): readonly RunInfo[] {
    return this.#replies.liveRuns;
  }

  /** False when a live run writes into a message of which only the end is known. */
  get isWhole(): boolean {
    return this.#replies.isWhole;
  }

  /** What readers wait for whose run was not seen. */
  get awaited(): readonly Interest[] {
    return [...this.#readers]
      .map(({ interest }) => interest)
      .filter(({ run }) => run !== null && !this.#replies.run(run));
  }

  runOf(command: string): RunInfo | undefined {
    return this.runs.find((run) => run.command === command);
  }

  /** Ids of calls and approvals of a message that nobody needs to answer any more. */
  settledIn(messageId: string): ReadonlySet<unknown> {
    const ids = new Set<unknown>();
    for (const { chunks } of this.#replies.contentOf(messageId))
      for (const chunk of chunks)
        if (chunk.type === 'tool-approval-response') ids.add(chunk.approvalId);
        else if (chunk.type.startsWith('tool-output') && chunk.preliminary !== true)
          ids.add(chunk.toolCallId);
    return ids;
  }

  /** Applies one entry; one of an unknown kind changes nothing (HF-VER-3). */
  apply(entry: Body): void {
    switch (entry.k) {
      case 'message':
        if (isRecord(entry.message)) this.#message(entry.message as unknown as Message);
        break;
      case 'truncate':
        this.#truncate(entry.after);
        break;
      case 'answer':
        this.#answer(entry.messageId, this.#chunks(entry.chunks));
        break;
      case 'run-start':
        this.#start({ ...(entry as unknown as RunInfo), state: 'running' });
        break;
      case 'chunks':
        this.#append(entry);
        break;
      case 'run-end':
        this.#end(entry);
        break;
      default:
        break;
    }
  }

  /** Takes the place of all that was known; `through` is the position of the snapshot. */
  load(items: readonly SnapshotItem[], runs: readonly RunInfo[], through: string): void {
    const seen = new Map<Reader, Content>();
    for (const reader of this.#readers) seen.set(reader, reader.ahead ?? this.#readBy(reader));
    const wanted = new Set([...seen.keys()].map((reader) => reader.interest.messageId));
    this.#replies.load(items, runs, wanted);
    for (const [reader, content] of seen) this.#resume(reader, content, through);
    this.#prune();
  }

  /** Gives the reader what there is and then what comes, until what it shows has ended. */
  attach(reader: Reader): void {
    this.#readers.add(reader);
    const { messageId, run } = reader.interest;
    if (run !== null && !this.#replies.run(run)) return;
    const reply = this.#replies.get(messageId);
    if (!reply) reader.end(goneError());
    else if (reply.rest && !isWritten(reply, run)) this.#finish(reader, [], reply.rest);
    else {
      this.#begin(reader);
      this.#endIfOver(reader);
    }
  }

  detach(reader: Reader): void {
    if (this.#readers.delete(reader)) this.#prune();
  }

  /** Ends all readers, at once or behind what they still have to deliver. */
  endReaders(error: unknown): void {
    for (const reader of [...this.#readers]) reader.end(error);
  }

  abortReaders(): void {
    for (const reader of [...this.#readers]) reader.abort();
  }

  #message(message: Message): void {
    if (typeof message.id !== 'string') return;
    this.#replies.addMessage(message);
    this.#prune();
  }

  #truncate(after: unknown): void {
    for (const id of this.#replies.truncate(after))
      for (const reader of this.#readersOf(id)) reader.end(abortError('The reply was cut off'));
    this.#prune();
  }

  #answer(messageId: unknown, chunks: readonly Chunk[]): void {
    const reply = this.#replies.get(String(messageId));
    if (!reply) return;
    let segment = reply.segments.at(-1);
    if (segment?.run !== null) {
      segment = { run: null, fold: new Fold() };
      reply.segments.push(segment);
    }
    this.#grow(segment, chunks, this.#readersOf(String(messageId), null));
  }

  #start(run: RunInfo): void {
    const { messageId } = run;
    const known = this.#replies.run(run.run);
    if (known && known.attempt >= run.attempt) return;
    this.#replies.setRun(run);
    // The run of a message that was cut off changes nothing (HF-ENT-4).
    if (known && !this.#replies.get(messageId)) return;
    const reply = this.#replies.open(messageId);
    if (known) this.#supersede(reply, run);
    else {
      reply.segments.push({ run: run.run, fold: new Fold() });
      for (const reader of this.#readersOf(messageId))
        if (reader.interest.run === run.run) this.#begin(reader);
    }
    this.#prune();
  }

  /** A higher attempt writes the run anew (HF-ENT-3). */
  #supersede(reply: Reply, { run, messageId }: RunInfo): void {
    const readers = [...this.#readersOf(messageId, run)];
    for (const reader of readers) reader.ahead ??= this.#readBy(reader);
    for (const segment of reply.segments) if (segment.run === run) segment.fold = new Fold();
    for (const reader of readers) this.#compare(reader, reader.ahead ?? []);
  }

  #append(entry: Body): void {
    const run = this.#replies.run(String(entry.run));
    if (!run || !isLive(run) || run.attempt !== entry.attempt) return;
    const segment = this.#replies
      .get(run.messageId)
      ?.segments.findLast((candidate) => candidate.run === run.run);
    if (segment)
      this.#grow(segment, this.#chunks(entry.c), this.#readersOf(run.messageId, run.run));
  }

  #end(entry: Body): void {
    const run = this.#replies.run(String(entry.run));
    if (!run || !isLive(run) || Number(entry.attempt) < run.attempt) return;
    this.#replies.setRun({ ...run, state: entry.outcome as Outcome });
    for (const reader of [...this.#readersOf(run.messageId, run.run)]) this.#endIfOver(reader);
    this.#prune();
  }

  /** What is no chunk is left out, and does not keep the rest from being shown. */
  #chunks(value: unknown): readonly Chunk[] {
    if (Array.isArray(value) && value.every(isChunk)) return value;
    this.#report(
      new HoldfastError('bad_request', 'unable to apply a chunk: it is no object with a type'),
    );
    return Array.isArray(value) ? value.filter(isChunk) : [];
  }

  #grow(segment: Segment, chunks: readonly Chunk[], readers: Iterable<Reader>): void {
    for (const chunk of chunks) segment.fold.push(chunk);
    for (const reader of readers)
      if (reader.ahead) this.#compare(reader, reader.ahead);
      else reader.push(chunks);
  }

  /** The readers of a message; with `writer` only those who see what it writes. */
  *#readersOf(messageId: string, writer?: string | null): Generator<Reader> {
    for (const reader of [...this.#readers]) {
      const { interest } = reader;
      if (interest.messageId !== messageId) continue;
      if (writer === undefined || interest.run === null || interest.run === writer) yield reader;
    }
  }

  #readBy({ interest }: Reader): Content {
    const content = this.#replies.contentOf(interest.messageId);
    if (interest.run === null) return content;
    const at = content.findIndex(({ run }) => run === interest.run);
    if (at < 0) return [];
    const before = interest.answers ? content[at - 1] : undefined;
    const isAnswers =
      before?.run === null && (at > 1 || !this.#replies.get(interest.messageId)?.rest);
    return content.slice(isAnswers ? at - 1 : at, at + 1);
  }

  #begin(reader: Reader): void {
    const chunks = this.#readBy(reader).flatMap((segment) => segment.chunks);
    reader.push(reader.interest.run === null ? quietReplay(chunks) : chunks);
  }

  /** Goes on after a snapshot took the place of what the reader had seen. */
  #resume(reader: Reader, seen: Content, through: string): void {
    const { messageId, run, after } = reader.interest;
    const reply = this.#replies.get(messageId);
    if (reply && !reply.rest && isWritten(reply, run)) {
      this.#compare(reader, seen);
      this.#endIfOver(reader);
      return;
    }
    const start = parsePosition(after);
    const isToCome = seen.length === 0 && start !== null && seqOf(through) <= seqOf(start.id);
    if (isToCome) return;
    if (reply?.rest) this.#finish(reader, seen, reply.rest);
    else reader.end(goneError());
  }

  /** Ends a reader whose message came to rest while nobody listened. */
  #finish(reader: Reader, seen: Content, rest: Message): void {
    const { messageId, run, partsBefore } = reader.interest;
    const chunks = seen.flatMap((segment) => segment.chunks);
    const beyond = chunksToRest(rest, chunks, partsBefore);
    if (beyond) reader.push(beyond);
    const info = this.#replies.endOf(messageId, run);
    reader.end(beyond ? endOf(info?.state ?? 'finished') : divergedError());
  }

  /** Delivers what the reader has not seen, waits when it saw more, or gives up. */
  #compare(reader: Reader, seen: Content): void {
    const now = this.#readBy(reader);
    const beyond = contentBeyond(seen, now);
    if (beyond) {
      reader.ahead = null;
      reader.push(beyond);
    } else if (contentBeyond(now, seen)) reader.ahead = seen;
    else reader.end(divergedError());
  }

  /** A whole message goes on while any run writes into it. */
  #endIfOver(reader: Reader): void {
    const info = this.#replies.endOf(reader.interest.messageId, reader.interest.run);
    if (!info) return;
    const isCutShort = reader.ahead !== null && info.state !== 'stopped' && info.state !== 'lost';
    reader.end(isCutShort ? divergedError() : endOf(info.state));
  }

  #prune(): void {
    this.#replies.prune([...this.#readers].map((reader) => reader.interest.messageId));
  }
}
