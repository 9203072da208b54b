import type { Entry, Message, Presence, RunInfo } from '@holdfast/protocol';
import { isRecord } from '@holdfast/protocol';
import { type ProjectedItem, SessionProjection } from '@holdfast/protocol/projection';
import type { SessionNews } from '../contract.ts';

/**
 * `unknown`: nothing was told yet. `absent`: the server has no such session. `known`: what is held is
 * the session, or its newest messages. `deleted`: it was there, and somebody deleted it.
 */
export type LedgerState = 'unknown' | 'absent' | 'known' | 'deleted';

/** A session's newest messages, as they follow from what is told of it. */
export interface Ledger {
  readonly state: LedgerState;
  readonly items: Iterable<ProjectedItem>;
  /** The cursor of what is older; null when nothing is. */
  readonly before: string | null;
  readonly participants: readonly Presence[];
  /** Live runs whose messages are there, in the order of their start. */
  readonly liveRuns: readonly RunInfo[];
  has(id: string): boolean;
  /** Whether a run of the command has begun. */
  hasRunOf(command: string): boolean;
  isLive(item: ProjectedItem): boolean;
  /** Takes the next news; false when a snapshot is needed to go on. */
  hear(news: SessionNews): boolean;
  /** Puts a page in front, and remembers what is older than that. */
  prepend(messages: readonly Message[], before: string | null): void;
}

export function createLedger(): Ledger {
  const projection = new SessionProjection();
  let state: LedgerState = 'unknown';
  let before: string | null = null;
  let participants: readonly Presence[] = [];

  /** What a message that is settled cannot take, or one that is older than those held. */
  function isBeyond(entry: Entry): boolean {
    if (entry.k === 'seed') return true;
    if (before !== null && projection.misses(entry) !== null) return true;
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
    get before() {
      return before;
    },
    get participants() {
      return participants;
    },
    get liveRuns() {
      return projection.liveRuns.filter(isThere);
    },
    has: (id) => projection.item(id) !== undefined,
    hasRunOf: (command) => projection.runs.some((run) => run.command === command),
    isLive: ({ id }) => projection.runsOf(id).some((run) => run.state === 'running'),
    hear: (news) => {
      switch (news.t) {
        case 'snap':
          projection.load(news.items, news.runs ?? []);
          state = news.epoch === '' ? 'absent' : 'known';
          before = news.before ?? null;
          participants = news.who ?? [];
          return true;
        case 'entry':
          if (!isRecord(news.d)) return true;
          if (isBeyond(news.d)) return false;
          projection.apply(news.d);
          if (news.d.k === 'truncate' && news.d.after === null) before = null;
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
    prepend: (messages, older) => {
      projection.prepend(messages.map((message) => ({ id: message.id, message })));
      before = older;
    },
  };
}
