import type {
  Entry,
  Message,
  Presence,
  QueuedSend,
  RunInfo,
  TruncateEntry,
  Writer,
  Writers,
} from '@holdfast/protocol';
import { isRecord, origin } from '@holdfast/protocol';
import { type ProjectedItem, SessionProjection } from '@holdfast/protocol/projection';
import { remember } from '../bounded.ts';
import type { SessionNews } from '../contract/session.ts';

/**
 * `unknown`: nothing was told yet. `absent`: the server has no such session. `known`: what is held is
 * the session, or its newest messages. `deleted`: it was there, and somebody deleted it.
 */
type SessionModelState = 'unknown' | 'absent' | 'known' | 'deleted';

/** A session's newest messages, as they follow from what is told of it. */
export interface SessionModel {
  readonly state: SessionModelState;
  readonly items: Iterable<ProjectedItem>;
  /** How many snapshots were taken. */
  readonly snapshots: number;
  /** The cursor of what is older; null when nothing is. */
  readonly before: string | null;
  readonly participants: readonly Presence[];
  /** The writer of a message that is held; another function when what it tells may be another. */
  readonly authorOf: (messageId: string) => Writer | undefined;
  /** Live runs whose messages are there, in the order of their start. */
  readonly liveRuns: readonly RunInfo[];
  readonly last: ProjectedItem | undefined;
  /** True while an operator answers in place of the agents. */
  readonly isHeld: boolean;
  item(id: string): ProjectedItem | undefined;
  /** The run that wrote, or writes, into a message last. */
  lastRunOf(messageId: string): RunInfo | undefined;
  /** True when a message is or was in the session; of a deleted session every message was. */
  had(id: string): boolean;
  /** True when the session has a message, or had it in its queue. */
  hasTaken(id: string): boolean;
  /** True when a run of the command has begun. */
  hasRunOf(command: string): boolean;
  run(id: string): RunInfo | undefined;
  /** Says which message stands right before those that are held, as long as the cursor is this. */
  follows(id: string, before: string | null): void;
  /** Takes the next news; false when a snapshot is needed to go on. */
  hear(news: SessionNews): boolean;
  /** Puts a page in front, and remembers what is older than that. */
  prepend(messages: readonly Message[], before: string | null, authors?: Writers): void;
}

/** Messages that are gone are known as such up to this many, oldest forgotten first. */
const remembered = 1_000;

export function createSessionModel(): SessionModel {
  const projection = new SessionProjection();
  let state: SessionModelState = 'unknown';
  let snapshots = 0;
  let before: string | null = null;
  let anchor: { readonly id: string; readonly before: string | null } = { id: '', before: null };
  let participants: readonly Presence[] = [];
  const authorsNow = () => (id: string) => projection.item(id)?.by;
  let authorOf = authorsNow();

  /** Ids of messages that are or were there. */
  const known = new Set<string>();

  /** Ids of messages that were in the queue, oldest first. */
  const waited = new Set<string>();

  /** Sends that waited are known to the server, and are remembered as having been there. */
  function see({ messages }: QueuedSend): void {
    const ids = messages.map(({ id }) => id);
    remember(waited, remembered, ...ids);
    remember(known, remembered, ...ids);
  }

  function apply(entry: Entry): void {
    if (entry.k === 'truncate' && entry.after === null) before = null;
    projection.apply(isAnchored(entry) ? { ...entry, after: null } : entry);
    // Remembered at once: what comes and goes in one breath is never looked at.
    if (entry.k === 'message' || entry.k === 'run-start') authorOf = authorsNow();
    if (entry.k === 'message') remember(known, remembered, entry.message.id);
    if (entry.k === 'run-start') remember(known, remembered, entry.messageId);
    if (entry.k === 'queue' && entry.add) see(entry.add);
  }

  /** True when the entry keeps exactly what is older than what is held. */
  const isAnchored = (entry: Entry): entry is TruncateEntry =>
    entry.k === 'truncate' &&
    before !== null &&
    anchor.before === before &&
    anchor.id === entry.after;

  /** True for an entry that a settled message cannot take, or one older than those held. */
  function isBeyond(entry: Entry): boolean {
    if (entry.k === 'seed') return true;
    if (before !== null && projection.misses(entry) !== null) return !isAnchored(entry);
    const goesOn = entry.k === 'answer' || (entry.k === 'run-start' && entry.continues);
    return goesOn ? projection.item(entry.messageId)?.kind === 'message' : false;
  }

  const isThere = ({ messageId }: RunInfo): boolean => projection.item(messageId) !== undefined;

  return {
    get state() {
      return state;
    },
    get items() {
      return projection.items;
    },
    get snapshots() {
      return snapshots;
    },
    get before() {
      return before;
    },
    get authorOf() {
      return authorOf;
    },
    get participants() {
      return participants;
    },
    get liveRuns() {
      return projection.liveRuns.filter(isThere);
    },
    had: (id) => state === 'deleted' || known.has(id),
    hasTaken: (id) => projection.item(id) !== undefined || waited.has(id),
    get isHeld() {
      return projection.operator !== null;
    },
    get last() {
      return projection.last;
    },
    item: (id) => projection.item(id),
    lastRunOf: (id) => projection.runsOf(id).at(-1),
    hasRunOf: (command) => projection.runs.some((run) => run.command === command),
    run: (id) => projection.run(id),
    follows: (id, cursor) => {
      anchor = { id, before: cursor };
    },
    hear: (news) => {
      switch (news.t) {
        case 'snap':
          projection.load(news.items, news.runs ?? [], news.queue, news.operator);
          authorOf = authorsNow();
          state = news.epoch === '' ? 'absent' : 'known';
          // Messages that a chat still shows of a session that is no more are from before the next one.
          if (state === 'absent') known.clear();
          remember(known, remembered, ...news.items.map(({ id }) => id));
          before = news.before ?? null;
          for (const each of news.queue ?? []) see(each);
          snapshots++;
          participants = news.who ?? [];
          return true;
        case 'entry':
          // A session that begins while its socket is away is told of by its first entry only.
          if (state === 'absent' || news.p === origin) state = 'known';
          if (state !== 'known') return false;
          if (!isRecord(news.d)) return true;
          if (isBeyond(news.d)) return false;
          apply(news.d);
          return true;
        case 'presence':
          participants = news.who;
          return true;
        case 'closed':
          projection.load([], []);
          state = news.why === 'deleted' ? 'deleted' : 'unknown';
          before = null;
          participants = [];
          return true;
      }
    },
    prepend: (messages, older, authors = {}) => {
      const by = (id: string) => (Object.hasOwn(authors, id) ? authors[id] : undefined);
      projection.prepend(
        messages.map((message) => ({ id: message.id, message, by: by(message.id) })),
      );
      authorOf = authorsNow();
      remember(known, remembered, ...messages.map(({ id }) => id));
      before = older;
    },
  };
}
