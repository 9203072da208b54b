import type { Writer } from '@holdfast/client';

/** Who wrote a message, as the server established it: what stands in messages may be anybody's word. */
export type AuthorOf = (messageId: string) => Writer | undefined;

/** What a person is called. */
export const personNameOf = ({ id, info }: Pick<Writer, 'id' | 'info'>): string =>
  typeof info?.name === 'string' ? info.name : id;

/** What stands above an answer. Whoever reads it is not told of herself by her name. */
export function writerNameOf(by: Writer | undefined, reader: string): string {
  if (by?.role === 'operator') return by.id === reader ? 'You, as operator' : personNameOf(by);
  return by?.role === 'agent' && by.id !== 'agent' ? by.id : 'assistant';
}

/**
 * What stands above a question: nothing while the reader alone has written, else whose it is. What was sent
 * just now has no author yet; it is the reader's.
 */
export function askerNameOf(by: Writer | undefined, reader: string, isAlone: boolean) {
  if (by && by.id !== reader) return personNameOf(by);
  return isAlone ? undefined : 'You';
}
