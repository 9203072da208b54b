import type { UIMessage } from 'ai';
import type { OwnSend } from '../contract/session.ts';
import { isEqual } from './equal.ts';
import { withLocalAnswers } from './tool-parts.ts';

/** The messages of a session as the log has them. */
export interface SessionMessages<UI_MESSAGE extends UIMessage> {
  /** In the log's order; `message` is null while it is not known what its chunks make. */
  readonly messages: readonly { readonly id: string; readonly message: UI_MESSAGE | null }[];
  /** True when the session has no older ones. */
  readonly isWhole: boolean;
  /** True when a message was in it at some time. */
  readonly had: (id: string) => boolean;
}

/** A send that the log does not have yet, with its message as the chat has it. */
export type PendingSend<UI_MESSAGE extends UIMessage> = Pick<OwnSend, 'after'> & {
  readonly message?: UI_MESSAGE | undefined;
};

export interface LocalSends<UI_MESSAGE extends UIMessage> {
  /** In the order in which they were asked for. */
  readonly pending: readonly PendingSend<UI_MESSAGE>[];
  /** Ids of messages that were sent here and that the log never had. */
  readonly unsent: ReadonlySet<string>;
}

/**
 * The list that a chat is to show, given what it shows: what is older than the session, then what the session
 * has, then what was sent here and is not in the log yet. Messages that open `streams` write are
 * theirs. Gives `local` itself when nothing changes, and keeps the objects of messages that do not.
 */
export function reconcile<UI_MESSAGE extends UIMessage>(
  local: readonly UI_MESSAGE[],
  session: SessionMessages<UI_MESSAGE>,
  sends: LocalSends<UI_MESSAGE>,
  streams: ReadonlySet<string>,
): readonly UI_MESSAGE[] {
  const mine = new Map(local.map((message) => [message.id, message]));
  const theirs = new Map(session.messages.map(({ id, message }) => [id, message]));
  const waiting = new Set(sends.pending.map(({ message }) => message?.id));
  const isOwn = (id: string): boolean => sends.unsent.has(id) || waiting.has(id) || streams.has(id);

  const older = olderThan(local, session, { ...sends, isOwn }, (id) => theirs.has(id));
  const order = [...older.map(({ id }) => id), ...theirs.keys()];
  for (const { after, message } of sends.pending) {
    const at = after == null ? -1 : order.indexOf(after);
    if (after === null || at >= 0) order.length = at + 1;
    if (message && !order.includes(message.id)) order.push(message.id);
    if (message && !isEqual(mine.get(message.id), message)) mine.set(message.id, message);
  }
  keepOwn(local, order, ({ id }) => isOwn(id) && !theirs.has(id) && !waiting.has(id));

  const shown: UI_MESSAGE[] = [];
  for (const [at, id] of order.entries()) {
    const isTheirs = !streams.has(id) && !waiting.has(id);
    const message = shownOf(mine.get(id), isTheirs ? theirs.get(id) : null);
    if (message) shown.push(message);
    // The next message is in the chat before the stream writes this one, which must not end up behind it.
    else if (streams.has(id) && at < order.length - 1)
      shown.push({
        id,
        metadata: undefined,
        role: 'assistant',
        parts: [],
      } as unknown as UI_MESSAGE);
  }
  const isSame =
    shown.length === local.length && shown.every((message, at) => message === local[at]);
  return isSame ? local : shown;
}

/**
 * Local messages that stay in front: those before the first that the session has, or up to the one
 * that a send keeps. When there is none of these they are a greeting, or from before the session,
 * unless it had them once or they come behind what was sent here.
 */
function olderThan<UI_MESSAGE extends UIMessage>(
  local: readonly UI_MESSAGE[],
  { isWhole, had }: SessionMessages<UI_MESSAGE>,
  { pending, isOwn }: LocalSends<UI_MESSAGE> & { readonly isOwn: (id: string) => boolean },
  isTheirs: (id: string) => boolean,
): readonly UI_MESSAGE[] {
  const first = local.findIndex(({ id }) => isTheirs(id));
  const kept = local.findIndex(({ id }) => pending.some(({ after }) => after === id));
  const sent = local.findIndex(({ id }) => isOwn(id));
  const none = isWhole ? (sent < 0 ? local.length : sent) : 0;
  const end = first >= 0 ? first : kept >= 0 ? kept + 1 : none;
  return local.slice(0, end).filter(({ id }) => !isOwn(id) && !(isWhole && had(id)));
}

/** Puts what is kept before the message that it stood before, or else at the end. */
function keepOwn<UI_MESSAGE extends UIMessage>(
  local: readonly UI_MESSAGE[],
  order: string[],
  isKept: (message: UI_MESSAGE) => boolean,
): void {
  for (const [at, message] of [...local.entries()].reverse()) {
    if (!isKept(message) || order.includes(message.id)) continue;
    const next = local.slice(at + 1).find(({ id }) => order.includes(id));
    order.splice(next ? order.indexOf(next.id) : order.length, 0, message.id);
  }
}

/** A message of the session that was found equal to one of the chat, which need not be compared again. */
const compared = new WeakMap<object, object>();

function shownOf<UI_MESSAGE extends UIMessage>(
  mine: UI_MESSAGE | undefined,
  theirs: UI_MESSAGE | null | undefined,
): UI_MESSAGE | undefined {
  if (!theirs || (mine && compared.get(theirs) === mine)) return mine;
  // An answer that says nothing, such as one that was stopped before its first word.
  if (theirs.role === 'assistant' && theirs.parts.length === 0) return undefined;
  const message = withLocalAnswers(theirs, mine);
  if (!mine || !isEqual(mine, message)) return message;
  compared.set(theirs, mine);
  return mine;
}
