import type { SendRequest } from '@holdfast/protocol';
import type { Participant } from '../options.ts';

/** What a client adds to a send, or the server to a run, for the agent. */
export type Extras = Pick<SendRequest, 'metadata' | 'body'>;

export const extrasOf = ({ metadata, body }: Extras): Extras => ({
  ...(metadata === undefined ? {} : { metadata }),
  ...(body === undefined ? {} : { body }),
});

/** What the log keeps with a live run, for whoever has to end it or to answer a repeated send. */
export interface RunNote {
  readonly messageId: string;
  readonly agent: string;
  readonly command: string;
  /** Who executes it, where that is not the process that began it. */
  readonly by?: 'worker' | 'engine';
  /** What another process needs to execute it; absent where none takes over. */
  readonly retry?: Extras & {
    readonly participant: Participant;
    readonly trigger: SendRequest['trigger'];
    readonly parent?: string;
  };
}

export const runNote = (note: RunNote): string => JSON.stringify(note);

export const noteOf = (info: string): Partial<RunNote> => JSON.parse(info) as Partial<RunNote>;

export function messageIdOf(info: string): string | null {
  const { messageId } = noteOf(info);
  return typeof messageId === 'string' ? messageId : null;
}
