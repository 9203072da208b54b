import type { UIMessage } from 'ai';

/** The text of a message as its model or its author wrote it. */
export const textOf = ({ parts }: UIMessage): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

/** Whether the last thing that a user said has it. */
export const asks = (messages: readonly UIMessage[], what: RegExp): boolean => {
  const asked = messages.findLast(({ role }) => role === 'user');
  return asked !== undefined && what.test(textOf(asked));
};
