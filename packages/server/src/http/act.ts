import { HoldfastError, type Message, type SendRequest } from '@holdfast/protocol';
import { conflict } from '../conflict.ts';

/** A message of the session, as far as it matters to what a page's list says. */
export interface Held {
  readonly id: string;
  readonly role: string;
  /** True when the page has shown it: one that is missing then was taken away, or the page is an old one. */
  readonly isSeen: boolean;
}

/** The session that a list is compared with. */
export interface Standing {
  /** Oldest first; back to the oldest that the list has, at least. */
  readonly held: readonly Held[];
  /** True when `held` begins with the session's first message. */
  readonly isWhole: boolean;
  /** True when the page is certain to have shown what counts as seen: what its list lacks at its end was cut off. */
  readonly isSure: boolean;
  /** True when a message waits, or was given to a run, and stands in no place of its own. */
  readonly isElsewhere: (id: string) => boolean;
  /** True when the session has other words under a message's id. */
  readonly isChanged: (message: Message) => boolean;
}

/** An act of a page, as a change of the session. */
export interface Act {
  /** The message that is new or changed, if any. */
  readonly message?: Message;
  /** Index in `held` of the oldest message that is cut off; absent where the send says itself what is kept. */
  readonly cut?: number;
}

/** How far into the session a list has come, message by message. */
interface Walk {
  /** Place of the newest message of the session that the list has shown so far; -1 before the first. */
  readonly place: number;
  /** Comes to a place, by the message of that index. Throws where something stands elsewhere, or is missing on the way. */
  pass(to: number, at: number): void;
  /** Messages of the rest that the page has shown, and has no more. */
  behind(): readonly Held[];
  /** Place of the first of these; the session's end where there is none. */
  firstLacking(): number;
}

function walkAlong(held: readonly Held[], given: ReadonlySet<string>): Walk {
  const lacks = ({ id, isSeen }: Held): boolean => isSeen && !given.has(id);
  let place = -1;
  return {
    get place() {
      return place;
    },
    pass: (to, at) => {
      if (to < place) throw refused('bad_request', at, moved);
      if (place >= 0 && held.slice(place + 1, to).some(lacks))
        throw refused('bad_request', at, removed);
      place = to;
    },
    behind: () => held.slice(place + 1).filter(lacks),
    firstLacking: () => {
      const at = held.findIndex((each, index) => index > place && lacks(each));
      return at < 0 ? held.length : at;
    },
  };
}

/** Goes through what the list keeps of the session. */
function passKept(
  walk: Walk,
  kept: readonly Message[],
  places: ReadonlyMap<string, number>,
  { isElsewhere, isChanged }: Standing,
): void {
  let isGreeting = true;
  for (const [at, message] of kept.entries()) {
    isGreeting &&= message.role !== 'user';
    const to = places.get(message.id);
    if (to === undefined) {
      if ((isGreeting && walk.place < 0) || isElsewhere(message.id)) continue;
      throw refused('bad_request', at, unknown);
    }
    if (isChanged(message)) throw refused('bad_request', at, changed);
    walk.pass(to, at);
  }
}

/**
 * The act that a chat's list says beyond its send, by comparison with the session (HF-HTTP-25, HF-HTTP-26): a question
 * that was changed and is asked again is an edit. Throws `bad_request` or `conflict`, in words that name the
 * message, where the model would be given other messages than the page shows.
 */
export function actOf(send: SendRequest, messages: readonly Message[], standing: Standing): Act {
  const { held, isWhole, isSure, isElsewhere, isChanged } = standing;
  const last = messages.at(-1);
  const end = messages.length - 1;
  const places = new Map(held.map(({ id }, at) => [id, at]));
  const isAsked = send.trigger === 'regenerate-message';
  const ownPlace = last && places.get(last.id);
  // A repetition is compared with nothing: the log knows what became of it.
  if (send.message && send.after === undefined && ownPlace !== undefined) return {};
  const isAgain = isAsked && last?.role === 'user' && (ownPlace === undefined || isChanged(last));
  const walk = walkAlong(held, new Set(messages.map(({ id }) => id)));
  passKept(walk, send.message || isAgain ? messages.slice(0, -1) : messages, places, standing);
  const { place } = walk;
  const questionsBehind = (): number => walk.behind().filter(({ role }) => role === 'user').length;

  if (isAgain && last) {
    if (ownPlace !== undefined) walk.pass(ownPlace, end);
    else if (isElsewhere(last.id)) return {};
    // Which question it takes the place of is not to be told.
    else if (place < 0 && !isSure && (!isWhole || questionsBehind() > 1))
      throw refused('conflict', end, nothing);
    return { message: last, cut: ownPlace ?? (isSure ? walk.firstLacking() : place + 1) };
  }
  if (isAsked) {
    if (place < 0 && (!isWhole || questionsBehind() > 0)) throw refused('conflict', end, nothing);
    return {};
  }
  if (send.message && ownPlace !== undefined) {
    walk.pass(ownPlace, end);
    return { message: send.message, cut: ownPlace };
  }
  if (isSure && send.message) return { message: send.message, cut: walk.firstLacking() };
  if (walk.behind().length > 0) throw refused('conflict', end, place < 0 ? nothing : lacking);
  return send.message ? { message: send.message, cut: held.length } : {};
}

const unknown = 'the session has no such message; take it out, load the session again, or seed it';
const changed = 'the session has other words for it; load it again, or edit by `messageId`';
const moved = 'the session has it in another place; load the session again';
const removed = 'the session has another one before it; load the session again';
const lacking = 'the session has messages that are missing before it; load the session again';
const nothing = 'none of the session’s messages are before it; load them, or use a new chat id';

function refused(code: 'bad_request' | 'conflict', at: number, why: string): HoldfastError {
  const what = at < 0 ? 'the end' : `message ${at + 1}`;
  const words = `send: ${what} of the chat: ${why}`;
  return code === 'conflict'
    ? conflict('outdated', words)
    : new HoldfastError(code, `unable to ${words}`);
}
