import type { Writer } from '@holdfast/client';

/** Who wrote a message, as the server established it: what stands in messages may be anybody's word. */
export type AuthorOf = (messageId: string) => Writer | undefined;

/** What stands above a message: agents with a name, and operators, are told apart from the assistant. */
export function writerNameOf(by: Writer | undefined): string | undefined {
  if (by?.role === 'operator') return typeof by.info?.name === 'string' ? by.info.name : by.id;
  return by?.role === 'agent' && by.id !== 'agent' ? by.id : undefined;
}
