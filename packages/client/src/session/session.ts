import type { RunInfo } from '@holdfast/protocol';
import { createChanges } from '../changes.ts';
import type { ConnectionUser } from '../connection/connection.ts';
import type { SessionView } from '../contract.ts';
import { createTimers } from '../timers.ts';
import { hasEpoch, seqIn } from './position.ts';
import { createReader, type Interest, type Reader } from './reader.ts';
import { createSubscription, type SubscriptionOptions } from './subscription.ts';
import { createTranscript, type Transcript } from './transcript.ts';

export interface SessionOptions extends Omit<SubscriptionOptions, 'subscriber'> {
  readonly report: (error: unknown) => void;
}

/** A session stays followed this long after its last link, so that a remount costs nothing. */
const lingerMs = 5_000;
/** A command writes at most this many entries, at once: truncate, message, answer, run-start. */
const commandEntries = 4;

/** One session as this client knows it, and who reads it. */
export interface Session extends SessionView, Pick<Transcript, 'liveRuns' | 'settledIn'> {
  /** What the connection tells of. */
  readonly user: ConnectionUser;
  /** Whether anything is known, so that following it again costs only what is new. */
  readonly isKnown: boolean;
  readonly isIdle: boolean;
  /** Follows the session until the returned function is called, and a little longer. */
  link(from?: string): () => void;
  /** A stream of what the interest names; the session is followed while it is read. */
  read(interest: Interest): Reader;
  /** Resolves once all that the log holds is known; rejects when following was refused. */
  caughtUp(signal?: AbortSignal): Promise<void>;
  /** The run that the command asked for, as far as it is known. */
  runOf(command: string): RunInfo | undefined;
  /** Resolves with the run that the command asked for once the log has it. */
  runSeen(command: string, signal: AbortSignal): Promise<RunInfo>;
  close(error: Error): void;
}

export function createSession(options: SessionOptions): Session {
  const { subscribe, notify, until } = createChanges();
  const timers = createTimers<'linger'>(options.environment);
  const links = new Set<object>();
  const transcript = createTranscript(options.report);
  const { allRuns, attach, detach, readers } = transcript;
  let runs: readonly RunInfo[] = [];

  const subscription = createSubscription({
    ...options,
    subscriber: {
      load: transcript.load,
      apply: transcript.apply,
      changed: () => {
        notify();
        lookForPastRuns();
      },
      refused: (error) => {
        for (const reader of [...readers]) reader.end(error);
      },
    },
  });
  const isIdle = (): boolean => subscription.state.kind === 'off';

  /**
   * A send that was repeated late may be answered with a run that came and went before this client
   * listened, or that it has forgotten. A snapshot tells what became of it.
   */
  function lookForPastRuns(): void {
    const { state, position } = subscription;
    if (state.kind !== 'live' || !position) return;
    const now = seqIn(position);
    if (transcript.awaited().some(({ after }) => after && now >= seqIn(after) + commandEntries))
      subscription.startOver();
  }

  function link(from?: string): () => void {
    const own = {};
    links.add(own);
    timers.clear('linger');
    subscription.start(from);
    return () => {
      if (links.delete(own) && links.size === 0) timers.set('linger', lingerMs, subscription.stop);
    };
  }

  /** The same array until one of them changed. */
  function getRuns(): readonly RunInfo[] {
    const now = allRuns();
    if (now.length !== runs.length || now.some((run, at) => run !== runs[at])) runs = now;
    return runs;
  }

  const runOf = (command: string): RunInfo | undefined =>
    allRuns().find((run) => run.command === command);

  return {
    user: subscription,
    subscribe,
    getSnapshot: getRuns,
    get runs() {
      return getRuns();
    },
    get position() {
      const { position } = subscription;
      return hasEpoch(position) ? position : null;
    },
    liveRuns: transcript.liveRuns,
    settledIn: transcript.settledIn,
    get isKnown() {
      return subscription.position !== undefined || !isIdle();
    },
    get isIdle() {
      return isIdle();
    },
    link,
    read: (interest) => {
      const { after } = interest;
      if (after) subscription.adoptEpoch(after);
      const unlink = link(after);
      const reader = createReader(interest, (ended) => {
        detach(ended);
        unlink();
      });
      attach(reader);
      lookForPastRuns();
      return reader;
    },
    caughtUp: async (signal) => {
      const { position, isWhole } = subscription;
      if (!isIdle() && position && !(isWhole && transcript.isWhole())) subscription.startOver();
      await until(() => {
        const { state } = subscription;
        if (state.kind === 'refused') throw state.error;
        return (state.kind === 'live' && subscription.isWhole) || undefined;
      }, signal);
    },
    runOf,
    runSeen: (command, signal) => until(() => runOf(command), signal),
    close: (error) => {
      for (const reader of [...readers]) reader.abort();
      subscription.refuse(error);
      subscription.stop();
      timers.clear();
      links.clear();
    },
  };
}
