import type { Chunk, RunInfo } from '@holdfast/protocol';
import { type AssistantItem, callKey, type SessionProjection } from '@holdfast/protocol/projection';
import type { ClientTools, IsClientTool, ToolNames } from '../contract/client-tools.ts';

/** The chances of a client's output for a call: `later`, once no run is live in its message. */
export type Answerability = 'now' | 'later' | 'never';

/** Null where nobody has said which tools are the clients'. */
export function isClientToolOf(tools: ClientTools | undefined): IsClientTool | null {
  if (tools === undefined) return null;
  if (typeof tools === 'function') return (tool, agentName) => isIn(tools(agentName), tool);
  return (tool) => isIn(tools, tool);
}

function isIn(names: ToolNames, tool: string): boolean {
  if (Array.isArray(names)) return names.includes(tool);
  const each = Object.hasOwn(names, tool) ? (names as Record<string, object>)[tool] : undefined;
  return each !== undefined && (each as { readonly execute?: unknown }).execute === undefined;
}

/**
 * Tells for each call of a message, by its key, whether a client may say what it gave (HF-HTTP-30). Where
 * nobody has named the clients' tools, a live run may be about to settle the call itself, and one that was lost,
 * or stopped and lost, may have been.
 */
export function answerability(
  projection: SessionProjection,
  item: AssistantItem,
  isClientTool: IsClientTool | null,
): (call: string) => Answerability {
  const owners = ownersOf(projection, item);
  const isLive = projection.runsOf(item.id).some(({ state }) => state === 'running');
  return (call) => {
    const { tool = '', run } = owners.get(call) ?? {};
    if (isClientTool) {
      const agent = run?.agent ?? item.by?.id ?? '';
      return isClientTool(tool, agent) ? 'now' : 'never';
    }
    if (isLive) return 'later';
    return run?.state === 'lost' || run?.state === 'stopped' ? 'never' : 'now';
  };
}

interface Owner {
  readonly tool: string;
  /** Undefined where nothing is known of it any more. */
  readonly run: RunInfo | undefined;
}

function ownersOf(projection: SessionProjection, { segments }: AssistantItem) {
  const owners = new Map<string, Owner>();
  for (const { run, fold } of segments)
    for (const { type, toolCallId, toolName } of fold.chunks as Iterable<Chunk>)
      if (type === 'tool-input-available')
        owners.set(callKey('call', toolCallId), {
          tool: String(toolName),
          run: run === null ? undefined : projection.run(run),
        });
  return owners;
}
