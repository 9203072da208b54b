import {
  type ClientFrame,
  type EntryFrame,
  HoldfastError,
  origin,
  type PresenceFrame,
  type RunInfo,
  type SnapshotFrame,
  type SnapshotItem,
} from '@holdfast/protocol';
import { createChanges } from '../changes.ts';
import type { SessionNews } from '../contract/session.ts';
import { mayPass, networkError, unable } from '../errors.ts';
import { createTimers } from '../timers.ts';
import type { Session, SessionOptions } from './contract.ts';
import { createPendingActions } from './pending-actions.ts';
import { hasEpoch, seqIn } from './position.ts';
import { createReader, type Interest } from './reader.ts';
import { isOnWire, type SessionEvent, type SessionState, table } from './state.ts';
import { createTranscript } from './transcript.ts';

/** HF-SUB-6 */
const resubscribeMs = 1_000;
/** A session stays followed this long after its last link, so that a remount costs nothing. */
const lingerMs = 5_000;
/** A command writes at most this many entries, at once: truncate, message, answer, run-start. */
const commandEntries = 4;

/** Follows the log of one session over whatever socket there is, from the last entry applied. */
export function createSession(options: SessionOptions): Session {
  const { session: s, connection, limits, environment } = options;
  const { subscribe, notify, until } = createChanges();
  const timers = createTimers<'ack' | 'linger' | 'resubscribe'>(environment);
  const links = new Set<object>();
  const watchers = new Set<(news: SessionNews) => void>();
  const transcript = createTranscript(options.report, () => watchers.size > 0);
  const { allRuns, readers } = transcript;
  let state: SessionState = 'off';
  /** The request of the state `subscribing`. */
  let request: number | undefined;
  /** The parts of a snapshot, in the state `loading`. */
  let items: readonly SnapshotItem[] = [];
  /** Why, in the state `refused`. */
  let refusal: Error | undefined;
  let unwant: (() => void) | undefined;
  let runs: readonly RunInfo[] = [];
  /** The last entry that was applied. */
  let position: string | undefined;
  /** Knowledge begins in the middle of the log. */
  let isPartial = false;
  let presence: PresenceFrame['state'] = 'away';
  /** Before this time it does not subscribe again. */
  let againAt = 0;
  let unacknowledged = 0;
  let received: string = origin;

  const tell = (news: SessionNews): void => {
    for (const watch of watchers) watch(news);
  };
  const isIdle = (): boolean => state === 'off';

  /** Whether the event leads anywhere: if not, nothing is to be done. */
  function on(event: SessionEvent): SessionState | undefined {
    const next = table[state][event];
    if (next) state = next;
    return next;
  }

  /** Something came, or the state is another one. */
  function changed(): void {
    notify();
    // A send that was repeated late may be answered with a run that came and went before this client
    // listened, or that it has forgotten. A snapshot tells what became of it.
    if (state === 'live' && transcript.awaited().some(isPast)) startOver();
  }

  /** A run that was seen has no position before it. */
  const isPast = ({ after }: Interest): boolean =>
    !after || (position ? seqIn(position) >= seqIn(after) + commandEntries : isIdle());

  /** Subscribes when there is a socket that does not know of it. */
  function greet(): void {
    if (!table[state].greet) return;
    const r = connection.nextRequest();
    const pos = hasEpoch(position) ? position : undefined;
    if (!connection.send({ t: 'sub', r, s, pos })) return;
    againAt = environment.now() + resubscribeMs;
    unacknowledged = 0;
    request = r;
    items = [];
    on('greet');
  }

  /** Begins to follow, or tries again; `from` says where when nothing is known yet. */
  function follow(from?: string): void {
    // Watchers begin with a snapshot.
    if (on('want') && !position && watchers.size === 0) {
      position = from;
      isPartial = from !== undefined && seqIn(from) > 0;
    }
    // Also where it is wanted already: a reader that comes now does not wait for the end of a delay.
    const before = unwant;
    unwant = connection.want();
    before?.();
    greet();
  }

  /** Says it where the server knows of the subscription. */
  function say(frame: ClientFrame): void {
    if (isOnWire(state)) connection.send(frame);
  }

  function stop(): void {
    timers.clear();
    say({ t: 'unsub', s });
    on('unwant');
    unwant?.();
    notify();
  }

  function link(from?: string): () => void {
    timers.clear('linger');
    follow(from);
    const own = {};
    links.add(own);
    return () => {
      if (links.delete(own) && links.size === 0) timers.set('linger', lingerMs, stop);
    };
  }

  function refuse(error: Error): void {
    on('refuse');
    refusal = error;
    for (const reader of readers) reader.end(error);
    changed();
  }

  /** Ends the streams that have nothing to show and wait for a socket that does not come (HF-CONN-16). */
  function endStuck(): void {
    const error = connection.status.trouble?.error;
    if (error) for (const reader of readers) if (!reader.isShown) reader.end(networkError(error));
  }

  /** Asks for a snapshot in the place of what is known. */
  function startOver(): void {
    position = undefined;
    breakOff();
  }

  function breakOff(leastMs = 0): void {
    say({ t: 'unsub', s });
    if (on('break') !== 'broken') return;
    notify();
    // Not longer than that where the clock was set back.
    const waitMs = Math.min(resubscribeMs, againAt - environment.now());
    timers.set('resubscribe', Math.max(leastMs, waitMs), () => {
      if (on('retry')) greet();
    });
  }

  /** HF-FLOW-1 */
  function acknowledge(id: string, size: number): void {
    received = id;
    if (unacknowledged === 0) timers.set('ack', limits.ackMs, sayAcknowledged);
    unacknowledged += size;
    if (unacknowledged >= limits.ackBytes) sayAcknowledged();
  }

  function sayAcknowledged(): void {
    timers.clear('ack');
    unacknowledged = 0;
    say({ t: 'ack', s, i: received });
  }

  function load(frame: SnapshotFrame, size: number): void {
    const { epoch, through, more } = frame;
    items = [...items, ...frame.items];
    acknowledge(through, size);
    if (more) return;
    position = `${epoch}:${through}`;
    isPartial = false;
    const whole = { ...frame, items };
    items = [];
    transcript.load(whole);
    tell(whole);
    changed();
  }

  function apply(frame: EntryFrame, size: number): void {
    const { p, i, d } = frame;
    position = position?.slice(0, -p.length) + i;
    acknowledge(i, size);
    transcript.apply(d as unknown as Readonly<Record<string, unknown>>);
    tell(frame);
    changed();
  }

  function present(now = presence): void {
    presence = now;
    say({ t: 'presence', s, state: presence });
  }

  /** The same array until one of them changed. */
  function getSnapshot(): readonly RunInfo[] {
    const now = allRuns();
    if (now.length !== runs.length || now.some((run, at) => run !== runs[at])) runs = now;
    return runs;
  }

  return {
    subscribe,
    getSnapshot,
    get runs() {
      return getSnapshot();
    },
    get position() {
      return hasEpoch(position) ? position : null;
    },
    get queue() {
      return transcript.queue;
    },
    get operator() {
      return transcript.operator;
    },
    get isLive() {
      return state === 'live';
    },
    ...createPendingActions(notify),
    shown: [],
    isKept: false,
    streams: readers,
    watch: (watcher) => {
      watchers.add(watcher);
      if (position) {
        // A user who comes back to a chat need not wait because it was opened just now.
        againAt = 0;
        startOver();
      }
      return () => {
        watchers.delete(watcher);
      };
    },
    startOver,
    report: options.report,
    present,
    until,
    liveRuns: transcript.liveRuns,
    held: transcript.held,
    fetched: async (c) => (await options.files.settle(s, { c })).c,
    reopen: transcript.reopen,
    isKnown: () => position !== undefined || !isIdle(),
    isIdle,
    isPast,
    link,
    read: (interest) => {
      const { after } = interest;
      // A session got its epoch when it was first written to (HF-SUB-4).
      if (after && position && !hasEpoch(position)) position = after.split(':')[0] + position;
      const unlink = link(after);
      const reader = createReader(interest, (of) => {
        unlink();
        if (of.isDone) transcript.detach(of);
        notify();
      });
      transcript.attach(reader);
      changed();
      endStuck();
      return reader;
    },
    caughtUp: async (signal) => {
      if (position && (isPartial || !transcript.isWhole())) startOver();
      await until(() => {
        if (state === 'refused') throw refusal;
        return state === 'live' && !isPartial;
      }, signal);
    },
    runOf: (command) => allRuns().find((run) => run.command === command),
    check: () => {
      const error = state === 'refused' ? refusal : connection.status.trouble?.error;
      if (error) throw error;
    },
    close: (error) => {
      for (const reader of readers) reader.abort();
      refuse(error);
      stop();
      links.clear();
    },
    greet,
    again: () => {
      if (state === 'refused' && links.size > 0) follow();
    },
    lost: () => {
      on('lost');
      endStuck();
      notify();
    },
    refuse,
    receive: (frame, size) => {
      switch (frame.t) {
        case 'res':
        case 'subbed':
          if (state !== 'subscribing' || request !== frame.r) break;
          if (frame.t === 'subbed') {
            on(frame.mode);
            if (presence !== 'away') present();
          } else if (frame.err) {
            const { code, message, retryMs } = frame.err;
            if (code === 'bad_request' && position) startOver();
            else if (mayPass(code)) breakOff(retryMs);
            else refuse(new HoldfastError(code, message));
          }
          break;
        case 'reset':
          if (on('part')) items = [];
          break;
        case 'snap':
          if (on(frame.more ? 'part' : 'snap')) load(frame, size);
          break;
        case 'entry':
          // A chain that is broken has lost entries: going on would be a silent hole (HF-SUB-4).
          if (on('entry')) {
            if (position?.endsWith(`:${frame.p}`)) apply(frame, size);
            else breakOff();
          }
          break;
        case 'live':
          if (on('live')) changed();
          break;
        case 'presence':
          tell(frame);
          break;
        case 'closed':
          if (!on('closed')) break;
          position = undefined;
          refuse(
            unable(
              frame.why === 'deleted' ? 'conflict' : 'forbidden',
              `follow the session: ${frame.why}`,
            ),
          );
          transcript.load({ items: [], through: origin });
          tell(frame);
      }
    },
  };
}
