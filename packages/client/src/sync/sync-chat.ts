import type { ChunksEntry } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { SessionNews } from '../contract/session.ts';
import { defaultEnvironment, type Environment } from '../environment.ts';
import { onAnswered } from './answered.ts';
import { createAttaching } from './attaching.ts';
import type { ClientTools } from './client-tools.ts';
import type { ChatSync, SyncedChat, SyncTransport } from './contract.ts';
import { createHistory } from './history.ts';
import { createPort } from './port.ts';
import { createPublished } from './published.ts';
import { createSessionModel } from './session-model.ts';
import { join, sharedOf } from './shared.ts';
import { createShowing } from './showing.ts';
import { createStreams } from './streams.ts';
import { createTools } from './tools.ts';
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
  const model = createSessionModel();
  const port = createPort(chat);
  const context = { chat, port, transport, session, model, shared, environment, schedule };
  const streams = createStreams(context);
  const attaching = createAttaching(context, streams);
  const showing = createShowing(context, streams);
  const history = createHistory(context, showing.show);
  const tools = createTools(context, () => options.tools);
  const typing = createTyping((state) => session.present(state), environment);
  const published = createPublished(context, history);
  let isScheduled = false;
  let isStopped = false;

  function schedule(): void {
    if (isScheduled || isStopped) return;
    isScheduled = true;
    queueMicrotask(() => {
      isScheduled = false;
      if (isStopped) return;
      const isShown = (model.state === 'known' || model.state === 'deleted') && showing.write();
      attaching.look();
      published.publish(isShown);
      tools.look();
    });
  }

  function hear(news: SessionNews): void {
    const fits = model.hear(news);
    for (const unsent of shared.unsent) if (model.hasTaken(unsent)) shared.unsent.delete(unsent);
    if (!fits) session.startOver();
    history.heard(news);
    const chunks = chunksIn(news);
    const run = chunks && model.projection.run(chunks.run);
    // What a stream shows anyway changes nothing else: the most usual news of all.
    if (!run || !streams.written().has(run.messageId)) schedule();
    else if (chunks.c.some(({ type }) => type === 'tool-input-available')) tools.look();
  }

  /** Told with every entry. */
  function noticed(): void {
    if (!published.hasChanged()) return;
    showing.noteSends();
    schedule();
  }

  const ends = [
    join(session),
    session.watch(hear),
    session.subscribe(noticed),
    transport.hold(id),
    onAnswered(chat, schedule),
  ];
  noticed();

  return {
    subscribe: published.subscribe,
    getSnapshot: published.getSnapshot,
    stop: () => {
      if (isStopped) return;
      isStopped = true;
      for (const part of [history, attaching, typing, tools]) part.stop();
      for (const end of ends) end();
      showing.stop();
    },
    loadOlder: history.load,
    loadWhole: history.loadWhole,
    setTyping: (isTyping) => {
      if (!isStopped) typing.set(isTyping);
    },
    refresh: schedule,
  };
}

const chunksIn = (news: SessionNews): ChunksEntry | null =>
  news.t === 'entry' && news.d.k === 'chunks' ? news.d : null;
