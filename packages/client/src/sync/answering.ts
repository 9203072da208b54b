import { type Chunk, HoldfastError } from '@holdfast/protocol';
import { answerOf } from '@holdfast/protocol/answers';
import { answeredKey, callsOf, chunksOfItem } from '@holdfast/protocol/projection';
import type { UIMessage } from 'ai';
import { mayPass } from '../errors.ts';
import { isUnderWay } from '../session/own-send.ts';
import { createTimers } from '../timers.ts';
import type { SyncContext } from './context.ts';
import { type Completed, nudge } from './nudge.ts';
import type { SessionModel } from './session-model.ts';
import type { ToolPorts } from './tool-ports.ts';

/** The SDK sends what it sends by itself first, and then it need not be sent again. In ms. */
const courtesyMs = 30;
/** Clients that have answered nothing let those go on that have. In ms. */
const deferenceMs = 2_000;

/**
 * Sends answers that were given in this chat and that do not make its message complete, so that other
 * devices can add theirs; and has the chat look again whether to go on when others have completed it.
 */
export interface Answering {
  /** Sends answers; rejects as the transport does. */
  give(messageId: string, answers: readonly Chunk[]): Promise<void>;
  look(): void;
  stop(): void;
}

export function createAnswering<UI_MESSAGE extends UIMessage>(
  context: SyncContext<UI_MESSAGE>,
  ports: ToolPorts,
): Answering {
  const { chat, port, transport, session, model, environment } = context;
  const { id } = chat;
  const timers = createTimers<'post' | 'go-on'>(environment);
  /** Answers that were posted. */
  const posted = new Set<string>();
  /** Keys of the answers that the chat was made to look at. */
  const nudged = new Set<string>();
  /** Key of the answers that it is about to be made to look at. */
  let next = '';
  /** Whether answers are about to be posted: entries come faster than this takes, and would put it off for ever. */
  let isDue = false;

  /** A send that waits for its turn, or for somebody who may send it, takes along nothing that comes now. */
  const isSending = (): boolean =>
    [...session.acts].some(
      (act) =>
        act.command &&
        isUnderWay(act) &&
        !session.queue.some(({ id: waiting }) => waiting === act.command),
    );

  /** Answers of this chat that the log does not have. */
  function unsent(): { readonly messageId: string; readonly answers: readonly Chunk[] }[] {
    return port.read().flatMap((message) => {
      const item = model.projection.item(message.id);
      if (item?.kind !== 'assistant') return [];
      const { open } = callsOf(chunksOfItem(item));
      const answers = message.parts.flatMap((part) => {
        const answer = answerOf(part);
        const key = answer && answeredKey(answer);
        return key && open.has(key) && !posted.has(`${message.id} ${key}`) ? answer : [];
      });
      return answers.length === 0 ? [] : [{ messageId: message.id, answers }];
    });
  }

  async function give(messageId: string, answers: readonly Chunk[]): Promise<void> {
    const keys = answers.map((answer) => `${messageId} ${answeredKey(answer)}`);
    for (const key of keys) posted.add(key);
    try {
      await transport.answer(id, messageId, answers);
    } catch (error) {
      // A call that was refused would be refused again.
      if (HoldfastError.is(error) && !mayPass(error.code)) throw error;
      for (const key of keys) posted.delete(key);
      throw error;
    }
  }

  function post(): void {
    isDue = false;
    // The send under way may have them in it.
    if (isSending()) return;
    for (const { messageId, answers } of unsent()) give(messageId, answers).catch(session.report);
  }

  /** Gives the chat an answer that it has, upon which the SDK asks `sendAutomaticallyWhen` again. */
  function goOn(): void {
    next = '';
    const done = completedIn(model);
    if (!done || isSending() || ports.isBusy()) return;
    if (nudge(context, done, ports.hasOpenCalls)) nudged.add(keyOf(done));
  }

  return {
    give,
    look: () => {
      if (!isDue && unsent().length > 0) {
        isDue = true;
        timers.set('post', courtesyMs, post);
      }
      const done = completedIn(model);
      const key = done && !nudged.has(keyOf(done)) ? keyOf(done) : '';
      if (key === next) return;
      next = key;
      timers.clear('go-on');
      if (!done || !key) return;
      const isOurs = done.answers.some((each) =>
        posted.has(`${done.item.id} ${answeredKey(each)}`),
      );
      timers.set('go-on', isOurs ? courtesyMs : deferenceMs, goOn);
    },
    stop: timers.clear,
  };
}

/** The last message, when clients have answered all of it and no run has gone on with it. */
function completedIn({ projection, liveRuns }: SessionModel): Completed | null {
  const { last: item, operator } = projection;
  if (item?.kind !== 'assistant' || liveRuns.length > 0 || operator) return null;
  const run = projection.runsOf(item.id).at(-1);
  const { segments } = item;
  // Chunks that the run wrote behind an early answer make no difference.
  const at = segments.findIndex((segment) => segment.run === run?.run);
  const answers = segments
    .slice(at)
    .flatMap(({ run: by, fold }) => (by === null ? fold.chunks : []));
  if (answers.length === 0 || run?.state !== 'finished') return null;
  return callsOf(chunksOfItem(item)).unanswered.size > 0 ? null : { item, answers };
}

const keyOf = ({ item, answers }: Completed) => `${item.id} ${answers.length}`;
