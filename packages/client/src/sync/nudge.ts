import type { Chunk } from '@holdfast/protocol';
import type { AssistantItem } from '@holdfast/protocol/projection';
import type { UIMessage } from 'ai';
import type { SyncContext } from './context.ts';
import type { ToolPorts } from './tool-ports.ts';

type Part = Readonly<Record<string, unknown>>;

/** A message of which clients have answered every call, and those answers. */
export interface Completed {
  readonly item: AssistantItem;
  readonly answers: readonly Chunk[];
}

/** Gives the chat an answer that it has; false when it does not ask for one, or cannot be given any. */
export function nudge<UI_MESSAGE extends UIMessage>(
  { chat, port }: SyncContext<UI_MESSAGE>,
  { item: { id }, answers }: Completed,
  hasOpenCalls: ToolPorts['hasOpenCalls'],
): boolean {
  const message = port.read().at(-1);
  if (message?.id !== id || hasOpenCalls(message)) return false;
  const output = answers.find(({ toolCallId }) => toolCallId !== undefined);
  if (output && chat.addToolOutput) {
    const { type, toolCallId, errorText } = output;
    const tool = toolNameOf(message, toolCallId);
    const result =
      type === 'tool-output-error'
        ? { state: 'output-error', errorText }
        : { output: output.output };
    chat.addToolOutput({ tool, toolCallId, ...result } as never);
    return true;
  }
  const response = answers.find(({ approvalId }) => approvalId !== undefined);
  if (!response || !chat.addToolApprovalResponse) return false;
  const { approvalId, approved, reason } = response;
  // The SDK takes a response only where one is asked for.
  port.write((live) => live.map((each) => (each.id === id ? askedAgain(each, approvalId) : each)));
  chat.addToolApprovalResponse({ id: approvalId, approved, reason } as never);
  return true;
}

/** The name of the tool that a call is for. */
function toolNameOf({ parts }: UIMessage, toolCallId: unknown): unknown {
  const part = parts.find((each) => (each as Part).toolCallId === toolCallId);
  return part && ((part as Part).toolName ?? part.type.replace(/^tool-/, ''));
}

/** The message as it was before somebody responded to the approval. */
function askedAgain<UI_MESSAGE extends UIMessage>(
  message: UI_MESSAGE,
  approvalId: unknown,
): UI_MESSAGE {
  const parts = message.parts.map((each) => {
    const { approval, ...part } = each as unknown as Part;
    const { approved: _, reason: __, ...asked } = (approval ?? {}) as Part;
    return asked.id === approvalId && part.state === 'approval-responded'
      ? { ...part, state: 'approval-requested', approval: asked }
      : each;
  });
  return { ...message, parts } as UI_MESSAGE;
}
