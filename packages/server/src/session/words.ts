import { isRecord, isSteering, type Message } from '@holdfast/protocol';

type Part = Readonly<Record<string, unknown>>;

const partsOf = ({ parts }: Message): readonly Part[] => parts.filter(isRecord);

const textOf = (message: Message): string =>
  partsOf(message)
    .map(({ type, text }) => (type === 'text' ? String(text) : ''))
    .join('');

const contentOf = (message: Message): string =>
  JSON.stringify(partsOf(message).map(({ type, text, url, data }) => [type, text, url, data]));

/** True when a page shows a user's message as the session has it. */
export const isSameContent = (stored: Message, shown: Message): boolean =>
  contentOf(stored) === contentOf(shown);

export const isSameText = (stored: Message, shown: Message): boolean =>
  textOf(stored) === textOf(shown);

/** True when a page shows an agent's words, or as many of them as have come until it was left. */
export const isSoFar = (stored: Message, shown: Message): boolean =>
  textOf(stored).startsWith(textOf(shown));

/** Ids of the messages of users that have reached the agent while it wrote this one. */
export const steersIn = (message: Message): string[] =>
  partsOf(message).flatMap(({ type, id }) =>
    isSteering(String(type)) && typeof id === 'string' ? [id] : [],
  );
