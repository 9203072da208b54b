import { isRecord, isSteering, type Message } from '@holdfast/protocol';
import { isSameUrl, isSameValue } from '../files/same.ts';

type Part = Readonly<Record<string, unknown>>;

const partsOf = ({ parts }: Message): readonly Part[] => parts.filter(isRecord);

const textOf = (message: Message): string =>
  partsOf(message)
    .map(({ type, text }) => (type === 'text' ? String(text) : ''))
    .join('');

const isSamePart = (session: string, stored: Part, shown: Part | undefined): boolean =>
  shown !== undefined &&
  stored.type === shown.type &&
  isSameValue(stored.text, shown.text) &&
  isSameUrl(session, stored.url, shown.url) &&
  isSameValue(stored.data, shown.data);

/** True when a page of the session shows a user's message as the session has it. */
export function isSameContent(session: string, stored: Message, shown: Message): boolean {
  const given = partsOf(shown);
  const own = partsOf(stored);
  return (
    own.length === given.length && own.every((part, at) => isSamePart(session, part, given[at]))
  );
}

export const isSameText = (stored: Message, shown: Message): boolean =>
  textOf(stored) === textOf(shown);

/**
 * True when a page shows an agent's words, or as many of them as have come until it was left. Of a long text, of which
 * only the end is at hand, a page is believed.
 */
export const isSoFar = (stored: Message, shown: Message): boolean =>
  partsOf(stored).some(({ front }) => front !== undefined) ||
  textOf(stored).startsWith(textOf(shown));

/** Ids of the messages of users that have reached the agent while it wrote this one. */
export const steersIn = (message: Message): string[] =>
  partsOf(message).flatMap(({ type, id }) =>
    isSteering(String(type)) && typeof id === 'string' ? [id] : [],
  );
