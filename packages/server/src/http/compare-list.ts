import { HoldfastError, type Message, type Position, type SendRequest } from '@holdfast/protocol';
import type { ProjectedItem, SessionProjection } from '@holdfast/protocol/projection';
import { readLoaded } from '../commands/load.ts';
import { admitMessage } from '../commands/send/admit-message.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { authorOf } from '../rights/authorize.ts';
import { endedWell } from '../session/ended-well.ts';
import { isOfAgent, isShown, messageOf } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import { idAt } from '../session/page.ts';
import type { Sight } from '../session/sight.ts';
import type { SessionView } from '../session/view.ts';
import { isSameContent, isSameText, isSoFar, steersIn } from '../session/words.ts';
import { type Act, actOf, type Held, type Standing } from './act.ts';
import type { Transcript } from './send-body.ts';
import { withNamedAnswers } from './unnamed-answers.ts';

/** A page's list, and who has it. */
interface Page extends Transcript {
  readonly session: string;
  readonly author: string;
  /** True when the application has a gate of its own, which may change what users write. */
  readonly isGated: boolean;
  /** Results of that gate for messages whose words are not the session's. */
  readonly admitted: ReadonlyMap<string, Message>;
}

/** The result of comparing: the send, or why it is refused. */
interface Compared {
  readonly send: SendRequest | HoldfastError;
  /** Messages of users that are not worded as in the session. */
  readonly reworded: readonly Message[];
  /** Of the session as it was compared. */
  readonly position: Position;
}

/**
 * The send with what its chat's list says: that of a stock client (HF-HTTP-26), or of one that says what it had
 * shown (HF-HTTP-25). Rejects with `bad_request` or `conflict`
 * what is no change of the session; nothing is written then.
 */
export async function compareList(
  core: Core,
  send: SendRequest,
  transcript: Transcript,
  participant: Participant,
): Promise<SendRequest> {
  const isGated = core.acceptMessage !== undefined;
  const { id: author } = authorOf(participant);
  const page: Page = { ...transcript, session: send.id, author, isGated, admitted: new Map() };
  return await core.hubs.use(send.id, async (hub) => {
    // Nearly always what was delivered is enough, so that a send does not wait for the log twice.
    const first = await compare(hub, send, page, 'delivered');
    const isSure = !isGated || first.reworded.length === 0;
    if (!(first.send instanceof HoldfastError) && isSure) return first.send;
    const admitted = isGated
      ? await admittedOf(core, send.id, first.reworded, participant)
      : page.admitted;
    const look = () => compare(hub, send, { ...page, admitted }, 'top');
    const { send: act } = await readLoaded(core, hub, { participant }, look);
    // Of a page that was kept in step it is the session that has changed meanwhile.
    if (act instanceof HoldfastError)
      throw page.shown ? new HoldfastError('conflict', act.message, { reason: 'outdated' }) : act;
    return act;
  });
}

/** The results of the gate now, as they were when the messages were new. */
async function admittedOf(
  core: Core,
  session: string,
  messages: readonly Message[],
  participant: Participant,
): Promise<ReadonlyMap<string, Message>> {
  const admitted = new Map<string, Message>();
  for (const message of messages) {
    const taken = await admitMessage(core, session, message, participant).catch(() => null);
    if (taken) admitted.set(message.id, taken);
  }
  return admitted;
}

const compare = (
  hub: SessionHub,
  send: SendRequest,
  given: Page,
  sight: Sight,
): Promise<Compared> =>
  hub.project(async (projection, _, view) => {
    await reachOldest(view, given);
    // The log knows what became of a repetition.
    if (projection.runs.some(({ command }) => command === send.command))
      return { send, reworded: [], position: view.position };
    const page = given.isText
      ? { ...given, messages: await withNamedAnswers(projection, given.messages) }
      : given;
    const changed = new Set<string>();
    const reworded: Message[] = [];
    const elsewhere = new Set(outOfPlace(projection));
    for (const shown of page.messages) {
      const item = projection.item(shown.id);
      const stored = item && (await messageOf(item));
      if (!stored) continue;
      for (const id of steersIn(stored)) elsewhere.add(id);
      if (!isAsShown(stored, shown, page)) changed.add(shown.id);
      if (stored.role === 'user' && !isSameText(stored, shown)) reworded.push(shown);
    }
    const standing: Standing = {
      held: await heldOf(projection, page),
      isWhole: view.start === 0,
      isSure: page.isSameChat === true,
      isElsewhere: (id) => elsewhere.has(id),
      isChanged: ({ id }) => changed.has(id),
    };
    const act = await actedOn(view, send, page, standing);
    return { send: act, reworded, position: view.position };
  }, sight);

/** Holds the session back to the oldest message that the list has of it; what is in front of that is another page's. */
async function reachOldest(view: SessionView, { messages, shown = [] }: Page): Promise<void> {
  for (const id of shown.slice(0, greetings)) if (await view.reach(id)) break;
  for (const { id, role } of messages.slice(0, greetings))
    if ((await view.reach(id)) || role === 'user') return;
}

/** So many messages that the session does not have may stand in front: the log is asked for each. */
const greetings = 20;

/** Messages that wait for their turn or were given to runs: a page may show them in any place. */
const outOfPlace = ({ queue, runs }: SessionProjection): string[] =>
  [
    ...queue.flatMap(({ messages }) => messages),
    ...runs.flatMap(({ steers = [] }) => steers.map(({ message }) => message)),
  ].map(({ id }) => id);

function isAsShown(stored: Message, shown: Message, { session, isGated, admitted }: Page): boolean {
  // An operator's message is stored as an assistant's, and no other one changes its role.
  if (stored.role !== shown.role && stored.role === 'user') return false;
  if (shown.role === 'assistant') return isSoFar(stored, shown);
  if (!isGated) return isSameContent(session, stored, shown);
  // The gate may have put files elsewhere; what can be told is the text.
  return isSameText(stored, admitted.get(shown.id) ?? shown);
}

/** Only the last answers of a page's own questions are looked at closely: they are what it may have taken away. */
async function heldOf(projection: SessionProjection, page: Page): Promise<Held[]> {
  const given = new Set(page.messages.map(({ id }) => id));
  const shown = page.shown && new Set(page.shown);
  const held: Held[] = [];
  let isOwn = false;
  for (const item of [...projection.items]) {
    const { id, by } = item;
    const isReply = isOfAgent(item);
    if (!isReply) isOwn = by === undefined || by.id === page.author;
    const isMissing = isOwn && isReply && !given.has(id);
    const isOfOwn = isMissing ? !shown && (await isComplete(projection, item)) : isOwn;
    const isSeen = shown ? shown.has(id) : isOfOwn;
    held.push({ id, role: isReply ? 'assistant' : 'user', isSeen });
  }
  return held;
}

/**
 * True when an answer was there to be seen by whoever asked: it came to a good end, says something, and was not
 * written on behalf of another answer.
 */
async function isComplete(projection: SessionProjection, item: ProjectedItem): Promise<boolean> {
  if (item.by?.parent !== undefined || !endedWell(projection, item)) return false;
  return isShown(await messageOf(item));
}

/** The send as the act says it. A place is named by the message in front of it, which the list need not have. */
async function actedOn(
  view: SessionView,
  send: SendRequest,
  { messages }: Page,
  standing: Standing,
): Promise<SendRequest | HoldfastError> {
  let act: Act;
  try {
    act = actOf(send, messages, standing);
  } catch (error) {
    if (HoldfastError.is(error)) return error;
    throw error;
  }
  const { message, cut } = act;
  if (!message || cut === undefined) return send;
  const { after: _, ...rest } = send;
  // A question that is asked again without ever having been there is new.
  if (cut === standing.held.length) return { ...rest, trigger: 'submit-message', message };
  const place = view.start + cut;
  const after = place === 0 ? null : ((await idAt(view, place - 1)) ?? null);
  return { ...rest, message, after };
}
