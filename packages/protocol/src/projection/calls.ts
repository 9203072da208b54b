import type { Chunk } from '../entries.ts';

const settling: ReadonlySet<string> = new Set([
  // A call whose input its tool does not take: the SDK has answered it with that error.
  'tool-input-error',
  'tool-output-available',
  'tool-output-error',
  'tool-output-denied',
]);

/** The calls and approval requests of a message, by the keys of {@link callKey}. */
export interface Calls {
  readonly all: ReadonlySet<string>;
  /** Those that wait for an answer. */
  readonly open: ReadonlySet<string>;
}

export const callKey = (kind: 'call' | 'approval', id: unknown): string => `${kind} ${String(id)}`;

/** Reads from a message's chunks which tool calls and approvals nobody has answered yet. */
export function callsOf(chunks: Iterable<Chunk>): Calls {
  const open = new Set<string>();
  const all = new Set<string>();
  const set = (kind: 'call' | 'approval', id: unknown, isOpen: boolean) => {
    const key = callKey(kind, id);
    all.add(key);
    if (isOpen) open.add(key);
    else open.delete(key);
  };
  for (const chunk of chunks) {
    if (chunk.type === 'tool-input-available')
      set('call', chunk.toolCallId, chunk.providerExecuted !== true);
    else if (settling.has(chunk.type) && chunk.preliminary !== true)
      set('call', chunk.toolCallId, false);
    else if (chunk.type === 'tool-approval-request') set('approval', chunk.approvalId, true);
    else if (chunk.type === 'tool-approval-response') set('approval', chunk.approvalId, false);
  }
  return { all, open };
}
