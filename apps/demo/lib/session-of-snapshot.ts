import type { ChatMessage } from './tools.ts';

export interface LoadedSession {
  readonly messages: readonly ChatMessage[];
  /** The answer that is being written right now, as far as it is. */
  readonly live: ChatMessage | null;
  /** An answer is on its way, even if nothing of it is there yet. */
  readonly isRunning: boolean;
}

/** What the chat route answers to `GET /{id}`. */
export interface Snapshot {
  readonly messages: readonly ChatMessage[];
  readonly runs: readonly { readonly messageId: string; readonly state: string }[];
}

/**
 * Keeps a live answer apart from the history: the stream that the page resumes brings all of it,
 * from its beginning.
 */
export function sessionOf({ messages, runs }: Snapshot): LoadedSession {
  const live = new Set(runs.filter((run) => run.state === 'running').map((run) => run.messageId));
  return {
    messages: messages.filter((message) => !live.has(message.id)),
    live: messages.find((message) => live.has(message.id)) ?? null,
    isRunning: live.size > 0,
  };
}
