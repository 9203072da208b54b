import type { Message, RunInfo, SnapshotItem } from '@holdfast/protocol';
import type { Content } from './reader.ts';
import { isLive, type Reply, segmentOf } from './reply.ts';

/** The order of a session's messages, its runs, and the replies that may still be read or go on. */
export interface Replies {
  readonly runs: Map<string, RunInfo>;
  get(messageId: string): Reply | undefined;
  /** Live runs, and those of the last message. */
  allRuns(): readonly RunInfo[];
  /** Live runs whose message is still there, in the order of their start. */
  liveRuns(): readonly RunInfo[];
  /**
   * How a message, or one run of it, ended; undefined while it goes on. A snapshot leaves out how
   * runs of earlier messages ended.
   */
  outcomeOf(messageId: string, run: string | null): RunInfo['state'] | undefined;
  /** The message that a run writes into, at the end when it is new. */
  open(messageId: string): Reply;
  addMessage(message: Message): void;
  /** Gives the ids of what is behind the message, and forgets it. */
  truncate(after: unknown): readonly string[];
  /** Takes the place of all that was known. */
  load(items: readonly SnapshotItem[], runs: readonly RunInfo[]): void;
  /** All that is known of a message. */
  contentOf(messageId: string): Content;
  /** Keeps only live replies, the last message, and what is being read. */
  prune(read: Iterable<string>): void;
}

export function createReplies(): Replies {
  const order: string[] = [];
  const replies = new Map<string, Reply>();
  const runs = new Map<string, RunInfo>();
  const allRuns = (): readonly RunInfo[] => [...runs.values()];

  return {
    runs,
    get: (id) => replies.get(id),
    allRuns,
    liveRuns: () => allRuns().filter((run) => isLive(run) && replies.has(run.messageId)),
    outcomeOf: (messageId, id) => {
      const own = allRuns().filter((run) =>
        id === null ? run.messageId === messageId : run.run === id,
      );
      return own.some(isLive) ? undefined : (own.at(-1)?.state ?? 'finished');
    },
    open: (messageId) => {
      const known = replies.get(messageId);
      if (known) return known;
      const reply = { segments: [], isPartial: order.includes(messageId) };
      replies.set(messageId, reply);
      if (!reply.isPartial) order.push(messageId);
      return reply;
    },
    addMessage: ({ id }) => {
      if (!order.includes(id)) order.push(id);
    },
    truncate: (after) => {
      const cut = order.splice(after === null ? 0 : order.indexOf(String(after)) + 1);
      for (const id of cut) replies.delete(id);
      return cut;
    },
    load: (items, nowRuns) => {
      order.length = 0;
      replies.clear();
      runs.clear();
      for (const item of items) {
        order.push(item.id);
        if (!('segments' in item)) continue;
        const segments = item.segments.map(({ run, chunks }) => segmentOf(run, chunks));
        replies.set(item.id, { segments, isPartial: false });
      }
      for (const run of nowRuns) {
        runs.set(run.run, run);
        const segments = replies.get(run.messageId)?.segments;
        // A run that has said nothing yet has no segment in the snapshot.
        if (isLive(run) && segments && !segments.some((segment) => segment.run === run.run))
          segments.push(segmentOf(run.run));
      }
    },
    contentOf: (messageId) =>
      (replies.get(messageId)?.segments ?? []).map(({ run, fold }) => ({
        run,
        chunks: [...fold.chunks],
      })),
    prune: (read) => {
      const kept = new Set<unknown>([...read, order.at(-1)]);
      for (const run of runs.values()) if (isLive(run)) kept.add(run.messageId);
      for (const id of replies.keys()) if (!kept.has(id)) replies.delete(id);
      for (const run of runs.values()) if (!kept.has(run.messageId)) runs.delete(run.run);
    },
  };
}
