import type { UIMessage } from 'ai';

/** The text of a message as its model or its author wrote it. */
export const textOf = ({ parts }: UIMessage): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
