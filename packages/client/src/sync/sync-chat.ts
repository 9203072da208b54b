import type { Message } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { createChanges } from '../changes.ts';
import type { PendingMessage, SessionNews } from '../contract/session.ts';
import { defaultEnvironment, type Environment } from '../environment.ts';
import { pendingOf } from '../outbox/pending.ts';
import { createTimers } from '../timers.ts';
import { onAnswered } from './answered.ts';
import { createAnswering } from './answering.ts';
import { createAttaching } from './attaching.ts';
import { type ClientTools, createToolRunner } from './client-tools.ts';
import type { ChatSync, ChatSyncState, SyncedChat, SyncTransport } from './contract.ts';
import { createFolds } from './folds.ts';
import { createHistory } from './history.ts';
import { createPort } from './port.ts';
import { type PendingSend, reconcile } from './reconcile.ts';
import { createSessionModel } from './session-model.ts';
import { noteSends, sharedOf } from './shared.ts';
import { isSame, notFollowed } from './sync-state.ts';
import { withoutSeeds } from './tool-parts.ts';
import { createTyping } from './typing.ts';

/** Options of `syncChat`. */
export interface ChatSyncOptions<UI_MESSAGE extends UIMessage = UIMessage> {
  /**
   * Tools that this client executes: each call in one of all clients that are there, also after a
   * reload, and in another one when that dies. Looked up at each call.
   */
  readonly tools?: ClientTools<UI_MESSAGE> | undefined;
  /** Clock and timers, for tests. */
  readonly environment?: Partial<Environment>;
}

const isBusy = ({ status }: Pick<SyncedChat, 'status'>): boolean =>
  status === 'submitted' || status === 'streaming';

const hasCall = (news: SessionNews): boolean =>
  news.t === 'entry' &&
  news.d.k === 'chunks' &&
  news.d.c.some(({ type }) => type === 'tool-input-available');

const without = <UI_MESSAGE extends UIMessage>(
  live: readonly UI_MESSAGE[],
  gone: string | undefined,
): readonly UI_MESSAGE[] =>
  live.some(({ id }) => id === gone) ? live.filter(({ id }) => id !== gone) : live;

/** A chat that says it is busy though nothing of it is under way is looked at again this often. */
const looks = 8;
const lookMs = 10;

/**
 * Keeps a chat in step with its session, whoever writes into it: messages of others, edits, replies
 * that run elsewhere, older messages when they are asked for. A live reply is shown by a stream of the
 * chat itself (`resumeStream`), so that its `status`, `stop()` and callbacks tell the truth; a second
 * one at a time is written into its messages. Messages that were sent here stay until the log has them.
 */
export function syncChat<UI_MESSAGE extends UIMessage>(
  chat: SyncedChat<UI_MESSAGE>,
  transport: SyncTransport,
  options: ChatSyncOptions<UI_MESSAGE> = {},
): ChatSync {
  const environment = { ...defaultEnvironment, ...options.environment };
  const { id } = chat;
  const session = transport.session(id);
  const shared = sharedOf(session);
  const port = createPort(chat);
  const model = createSessionModel();
  const { projection } = model;
  const changes = createChanges();
  const heard = createChanges();
  const timers = createTimers<'look'>(environment);
  const attaching = createAttaching(environment.now);
  const typing = createTyping((state) => session.present(state), environment);
  const folds = createFolds<UI_MESSAGE>(schedule);
  const fetch = (before: string, limit?: number) => transport.page(id, before, limit);
  const history = createHistory({
    model,
    fetch,
    startOver: async () => {
      const { snapshots } = model;
      session.startOver();
      await heard.until(() => isStopped || model.snapshots > snapshots);
    },
    isStopped: () => isStopped,
    changed: schedule,
  });
  const answering = createAnswering({
    chat,
    port,
    model,
    environment,
    isSending: () => [...session.acts].some(({ command }) => command),
    isBusy: () => isBusy(chat),
    post: (messageId, answers) => transport.answer(id, messageId, answers),
    report: session.report,
  });
  const runner = createToolRunner({
    id,
    tools: () => options.tools,
    claim: transport.claim,
    answer: answering.give,
    environment,
    report: session.report,
  });
  const own = {};
  /** Streams of chats that were there before this one, and that nobody stopped. */
  const orphans: ReadonlySet<object> = new Set(isBusy(chat) ? [] : session.streams);
  let isStopped = false;
  let isScheduled = false;
  let isComplete = false;
  /** The state of the session when it was looked at. */
  let seen: readonly unknown[] = [];
  let looked = 0;
  let pending: readonly PendingMessage[] = [];
  let state = notFollowed;

  function schedule(): void {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      if (isStopped) return;
      if (model.state === 'known' || model.state === 'deleted') write();
      attach();
      publish();
      answering.look();
      runner.look(projection.items);
    });
  }

  function hear(news: SessionNews): void {
    const fits = model.hear(news);
    for (const unsent of shared.unsent) if (model.hasTaken(unsent)) shared.unsent.delete(unsent);
    if (!fits) session.startOver();
    heard.notify();
    // Chunks that a stream of this chat shows anyway change nothing else: the most usual news of all.
    const run =
      news.t === 'entry' && news.d.k === 'chunks' ? projection.run(news.d.run) : undefined;
    if (!run || !streamed().has(run.messageId)) schedule();
    else if (hasCall(news)) runner.look(projection.items);
  }

  /** Told with every entry; most change nothing that is looked at. */
  function noticed(): void {
    const { acts, streams, isLive, runs, queue, operator } = session;
    pending = pendingOf(acts, pending);
    const now = [acts.size, streams.size, isLive, runs, queue, operator, pending] as const;
    if (now.every((value, at) => value === seen[at])) return;
    seen = now;
    noteSends(shared, session.acts, model.hasTaken, had);
    for (const { state: own, message } of acts)
      if (own === 'withdrawn') show((live) => without(live, message?.id));
    schedule();
  }

  const had = (message: string): boolean => model.had(message) || shared.taken.has(message);

  /** Messages that chats which are there now read from streams. */
  const read = (): string[] =>
    [...session.streams].filter((stream) => !orphans.has(stream)).map(({ messageId }) => messageId);

  /** Messages that streams of this chat write, or are about to. */
  function streamed(): ReadonlySet<string> {
    // Another chat of the same session may be the one that reads them.
    if (shared.syncs.size > 1 && !isBusy(chat)) return new Set();
    const ids = new Set(read());
    for (const { command } of session.acts) {
      // A stream that is being asked for is one of the run that began last.
      const { liveRuns } = model;
      const runs = command ? liveRuns.filter((run) => run.command === command) : liveRuns.slice(-1);
      for (const { messageId } of runs) ids.add(messageId);
    }
    return ids;
  }

  function pendingSends(): PendingSend<UI_MESSAGE>[] {
    return [...session.acts].flatMap(({ command, message, after, isQueued, state: own }) =>
      command &&
      !isQueued &&
      own !== 'withdrawn' &&
      !projection.runs.some((run) => run.command === command)
        ? { message: message as unknown as UI_MESSAGE | undefined, after }
        : [],
    );
  }

  /** Shows a list. A message that the chat lacks later was taken away by the application. */
  function show(change: (live: readonly UI_MESSAGE[]) => readonly UI_MESSAGE[]): void {
    port.write((live) => {
      const next = change(live);
      session.shown = next as unknown as readonly Message[];
      return next;
    });
  }

  function write(): void {
    const streams = streamed();
    const live = new Set(model.liveRuns.map(({ messageId }) => messageId));
    const folded = new Set<string>();
    isComplete = true;
    const messages = [...projection.items].map((item) => {
      if (streams.has(item.id)) return { id: item.id, message: null };
      folded.add(item.id);
      const isLive = live.has(item.id);
      const message = folds.of(item, isLive);
      if (message === null && !isLive) isComplete = false;
      return { id: item.id, message };
    });
    folds.keep(folded);
    const view = { messages, isWhole: model.before === null, had };
    const sends = { pending: pendingSends(), unsent: shared.unsent };
    show((live) => reconcile(live, view, sends, streams));
  }

  /** Gives the chat a stream of the run that is live, unless it has one or the user wants none. */
  function attach(): void {
    const run = model.liveRuns.at(-1);
    timers.clear('look');
    if (!run || !session.isLive || session.left.includes(run.command)) return;
    // A stream would take the chat's error away before anybody has read it; the run is folded instead.
    if (chat.status === 'error') return;
    const streams = read();
    if (session.acts.size > 0 || streams.length > 0) looked = 0;
    // Until its first word a resumed run does not make a chat busy, and another one would take the
    // stream's place: the SDK would abort it, which is a stop.
    if (session.acts.size > 0 || streams.length > 0) return;
    if (isBusy(chat)) {
      // A stream was read to its end, and the chat is about to take note of it.
      if (looked < looks) timers.set('look', lookMs * 2 ** looked++, schedule);
      return;
    }
    const pauseMs = attaching.pauseFor(run.run);
    if (pauseMs === null) return;
    if (pauseMs > 0) {
      timers.set('look', pauseMs, schedule);
      return;
    }
    attaching.tried(run.run);
    port.write((live) => {
      const last = live.at(-1);
      const bare = last?.id === run.messageId ? withoutSeeds(last) : last;
      return bare && bare !== last ? [...live.slice(0, -1), bare] : live;
    });
    chat.resumeStream().then(schedule, schedule);
  }

  function publish(): void {
    const isKnown = model.state === 'absent' || (model.state === 'known' && isComplete);
    const next: ChatSyncState = {
      runs: session.runs,
      queue: session.queue,
      operator: session.operator,
      pending,
      participants: model.participants,
      authorOf: model.authorOf,
      hasOlder: model.before !== null,
      isLoadingOlder: history.isLoading,
      isSynced: isKnown && session.isLive,
    };
    if (isSame(next, state)) return;
    state = next;
    changes.notify();
  }

  shared.syncs.add(own);
  session.isKept = true;
  const ends = [
    session.watch(hear),
    session.subscribe(noticed),
    transport.hold(id),
    onAnswered(chat, schedule),
    () => {
      shared.syncs.delete(own);
      session.isKept = shared.syncs.size > 0;
    },
  ];
  noticed();

  return {
    subscribe: changes.subscribe,
    getSnapshot: () => state,
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      heard.notify();
      timers.clear();
      typing.stop();
      answering.stop();
      runner.stop();
      for (const end of ends) end();
      folds.keep(new Set());
    },
    loadOlder: history.load,
    setTyping: (isTyping) => {
      if (!isStopped) typing.set(isTyping);
    },
    refresh: schedule,
  };
}
