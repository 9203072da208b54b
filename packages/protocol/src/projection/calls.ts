import type { Chunk } from '../entries.ts';

/** True for the last word on a call. With `tool-input-error` the SDK has answered one whose input its tool does not take. */
export const settles = ({ type, preliminary }: Chunk): boolean =>
  /^tool-(input-error|output-(available|error|denied))$/.test(type) && preliminary !== true;

/** The calls and approval requests of a message, by the keys of {@link callKey}. */
export interface Calls {
  /** All of the message, answered or not. */
  readonly all: ReadonlySet<string>;
  /** Calls without a result, and requests without a response. */
  readonly open: ReadonlySet<string>;
  /** Open ones that a client has to answer; a call that was approved is its agent's. */
  readonly unanswered: ReadonlySet<string>;
  /** Calls for which an approval was asked, whatever came of it: their outcome is their run's to say. */
  readonly asked: ReadonlySet<string>;
  /** The chunk that settled each of the others first. */
  readonly settled: ReadonlyMap<string, Chunk>;
}

/** The key of a call or of a request for an approval: the two have ids of their own. */
export const callKey = (kind: 'call' | 'approval', id: unknown): string => `${kind} ${String(id)}`;

/** The key of what a chunk answers: a call, or a request for an approval. */
export const answeredKey = ({ type, approvalId, toolCallId }: Chunk): string =>
  type === 'tool-approval-response' ? callKey('approval', approvalId) : callKey('call', toolCallId);

/** Reads from a message's chunks which tool calls and approvals nobody has answered yet. */
export function callsOf(chunks: Iterable<Chunk>): Calls {
  const all = new Set<string>();
  const open = new Set<string>();
  const settled = new Map<string, Chunk>();
  const asked = new Set<string>();
  for (const chunk of chunks) {
    const { type, toolCallId } = chunk;
    if (type === 'tool-input-available') {
      const key = callKey('call', toolCallId);
      all.add(key);
      if (chunk.providerExecuted === true) open.delete(key);
      else open.add(key);
    } else if (type === 'tool-approval-request') {
      const key = callKey('approval', chunk.approvalId);
      all.add(key);
      open.add(key);
      asked.add(callKey('call', toolCallId));
    } else if (type === 'tool-approval-response' || settles(chunk)) {
      const key = answeredKey(chunk);
      all.add(key);
      open.delete(key);
      if (!settled.has(key)) settled.set(key, chunk);
    }
  }
  return {
    all,
    open,
    unanswered: new Set([...open].filter((key) => !asked.has(key))),
    asked,
    settled,
  };
}
