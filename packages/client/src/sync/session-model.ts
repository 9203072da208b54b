import type {
  Entry,
  Message,
  Presence,
  QueuedSend,
  RunInfo,
  SnapshotFrame,
  Writer,
  Writers,
} from '@holdfast/protocol';
import { isRecord, origin } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
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
  /** The messages, runs and operator of the session, as far as they are held. */
  readonly projection: SessionProjection;
  /** How many snapshots were taken. */
  readonly snapshots: number;
  /** The cursor of what is older; null when nothing is. */
  readonly before: string | null;
  readonly participants: readonly Presence[];
  /** The writer of a message that is held; another function when what it tells may be another. */
  readonly authorOf: (messageId: string) => Writer | undefined;
  /** Live runs whose messages are there, in the order of their start. */
  readonly liveRuns: readonly RunInfo[];
  /** True when a message is or was in the session; of a deleted session every message was. */
  had(id: string): boolean;
  /** True when the session has a message, or had it in its queue. */
  hasTaken(id: string): boolean;
  /** Takes the next news; false when a snapshot is needed to go on. */
  hear(news: SessionNews): boolean;
  /** Puts a page in front, and remembers what is older than that. */
  prepend(messages: readonly Message[], before: string | null, authors?: Writers): void;
}

type Writable<T> = { -readonly [MEMBER in keyof T]: T[MEMBER] };

/** Messages that are gone are known as such up to this many, oldest forgotten first. */
const remembered = 1_000;

export function createSessionModel(): SessionModel {
  const projection = new SessionProjection();
  const authorsNow = () => (id: string) => projection.item(id)?.by;

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

  function load(news: SnapshotFrame): void {
    projection.load(news.items, news.runs ?? [], news.queue, news.operator);
    model.authorOf = authorsNow();
    model.state = news.epoch === '' ? 'absent' : 'known';
    // Messages that a chat still shows of a session that is no more are from before the next one.
    if (model.state === 'absent') known.clear();
    remember(known, remembered, ...news.items.map(({ id }) => id));
    model.before = news.before ?? null;
    for (const each of news.queue ?? []) see(each);
    model.snapshots++;
    model.participants = news.who ?? [];
  }

  function apply(entry: Entry): void {
    if (entry.k === 'truncate' && entry.after === null) model.before = null;
    projection.apply(entry);
    // Remembered at once: what comes and goes in one breath is never looked at.
    if (entry.k === 'message' || entry.k === 'run-start') model.authorOf = authorsNow();
    if (entry.k === 'message') remember(known, remembered, entry.message.id);
    if (entry.k === 'run-start') remember(known, remembered, entry.messageId);
    if (entry.k === 'queue' && entry.add) see(entry.add);
  }

  const model: Writable<SessionModel> = {
    state: 'unknown',
    projection,
    snapshots: 0,
    before: null,
    participants: [],
    authorOf: authorsNow(),
    get liveRuns() {
      return projection.liveRuns.filter(({ messageId }) => projection.item(messageId));
    },
    had: (id) => model.state === 'deleted' || known.has(id),
    hasTaken: (id) => projection.item(id) !== undefined || waited.has(id),
    hear: (news) => {
      switch (news.t) {
        case 'snap':
          load(news);
          break;
        case 'entry':
          // A session that begins while its socket is away is told of by its first entry only.
          if (model.state === 'absent' || news.p === origin) model.state = 'known';
          if (model.state !== 'known') return false;
          if (!isRecord(news.d)) break;
          if (isBeyond(projection, news.d, model.before !== null)) return false;
          apply(news.d);
          break;
        case 'presence':
          model.participants = news.who;
          break;
        case 'closed':
          projection.load([], []);
          model.state = news.why === 'deleted' ? 'deleted' : 'unknown';
          model.before = null;
          model.participants = [];
      }
      return true;
    },
    prepend: (messages, older, authors = {}) => {
      const by = (id: string) => (Object.hasOwn(authors, id) ? authors[id] : undefined);
      projection.prepend(
        messages.map((message) => ({ id: message.id, message, by: by(message.id) })),
      );
      model.authorOf = authorsNow();
      remember(known, remembered, ...messages.map(({ id }) => id));
      model.before = older;
    },
  };
  return model;
}

/** True for an entry that a settled message cannot take, or one that is older than those held. */
function isBeyond(projection: SessionProjection, entry: Entry, hasOlder: boolean): boolean {
  // A cut behind a message that is not here: how much of it is kept, only a snapshot can tell.
  const needs = hasOlder || entry.k === 'truncate';
  if (entry.k === 'seed' || (needs && projection.misses(entry) !== null)) return true;
  const goesOn = entry.k === 'answer' || (entry.k === 'run-start' && entry.continues);
  return goesOn ? projection.item(entry.messageId)?.kind === 'message' : false;
}
