import { type Chunk, isRecord, type Message, type Segment } from '@holdfast/protocol';
import { callsOf } from '@holdfast/protocol/projection';
import { callEnds } from './call-ends.ts';
import { foldMessage } from './fold-message.ts';

type Part = Readonly<Record<string, unknown>>;

/** The run of messages that a session begins with: no real one has this name. */
const seed = 'seed';

/**
 * The chunks of which the AI SDK's reducer makes a message again, for one that a session begins with
 * (HF-ENT-8). Null unless a call or an approval stands open in it, since nothing is written into others.
 */
export function revived({ id, role, parts, metadata }: Message): readonly Segment[] | null {
  if (role !== 'assistant' || !Array.isArray(parts)) return null;
  const start = chunk('start', { messageId: id, messageMetadata: metadata });
  const chunks = parts.flatMap((part, at) => (isRecord(part) ? chunksOfPart(part, `p${at}`) : []));
  if (callsOf(chunks).open.size === 0) return null;
  return [{ run: seed, chunks: [start, ...chunks] }];
}

/**
 * The message with every call and approval ended that stands open in it, or with those calls alone that
 * nobody has answered and for which no approval was asked.
 */
export async function ended(
  message: Message,
  errorText: string,
  which: 'open' | 'unanswered' = 'open',
): Promise<Message> {
  const chunks = revived(message)?.flatMap((segment) => segment.chunks);
  if (!chunks) return message;
  const ends = callEnds(chunks, callsOf(chunks)[which], errorText);
  return ends.length === 0 ? message : await foldMessage(message.id, [...chunks, ...ends]);
}

/** Only the members that there are. */
function chunk(type: string, members: Part): Chunk {
  const there = Object.entries(members).filter(([, value]) => value !== undefined);
  return { type, ...Object.fromEntries(there) };
}

function chunksOfPart(part: Part, name: string): Chunk[] {
  const type = String(part.type);
  if (type === 'step-start') return [{ type: 'start-step' }];
  if (type === 'text' || type === 'reasoning') return chunksOfText(part, type, name);
  if (type === 'dynamic-tool')
    return chunksOfCall(part, { toolName: part.toolName, dynamic: true });
  if (type.startsWith('tool-')) return chunksOfCall(part, { toolName: type.slice('tool-'.length) });
  // Files, sources, data and kinds to come are chunks themselves.
  return [part as Chunk];
}

function chunksOfText({ text, state, ...part }: Part, type: string, name: string): Chunk[] {
  const id = typeof part.id === 'string' ? part.id : name;
  const { providerMetadata, citations } = part;
  return [
    chunk(`${type}-start`, { id, providerMetadata }),
    chunk(`${type}-delta`, { id, delta: text }),
    ...(state === 'streaming' ? [] : [chunk(`${type}-end`, { id, citations })]),
  ];
}

function chunksOfCall(part: Part, named: Part): Chunk[] {
  const { toolCallId, state, input, rawInput, errorText } = part;
  const { title, toolMetadata, providerExecuted, callProviderMetadata } = part;
  const call = { toolCallId, ...named, title, toolMetadata, providerExecuted };
  const begun = { ...call, providerMetadata: callProviderMetadata };
  if (state === 'input-streaming') {
    const text = rawInput ?? (input === undefined ? undefined : JSON.stringify(input));
    return [
      chunk('tool-input-start', { ...begun, inputEncoding: part.inputEncoding }),
      ...(typeof text === 'string'
        ? [chunk('tool-input-delta', { toolCallId, inputTextDelta: text })]
        : []),
    ];
  }
  const isRefused = state === 'output-error' && input === undefined;
  if (isRefused && part.approval === undefined)
    return [
      chunk('tool-input-start', begun),
      chunk('tool-input-error', {
        ...call,
        input: rawInput,
        errorText,
        providerMetadata: part.resultProviderMetadata,
      }),
    ];
  return [
    chunk('tool-input-available', { ...begun, input: input === undefined ? rawInput : input }),
    ...(state !== 'output-available' && part.preliminary === true ? [outputOf(part)] : []),
    ...chunksOfApproval(part),
    ...chunksOfOutput(part),
  ];
}

function chunksOfApproval({ toolCallId, approval }: Part): Chunk[] {
  if (!isRecord(approval)) return [];
  const { id: approvalId, approved, reason, isAutomatic, signature } = approval;
  const { descriptor: approvalDescriptor, requestReason, inputSchemaInput } = approval;
  const about = { approvalDescriptor, reason: requestReason, inputSchemaInput };
  return [
    chunk('tool-approval-request', { approvalId, toolCallId, ...about, isAutomatic, signature }),
    ...(typeof approved === 'boolean'
      ? [chunk('tool-approval-response', { approvalId, approved, reason })]
      : []),
  ];
}

function chunksOfOutput(part: Part): Chunk[] {
  const { toolCallId, state, errorText, resultProviderMetadata: providerMetadata } = part;
  if (state === 'output-available') return [outputOf(part)];
  if (state === 'output-denied') return [chunk('tool-output-denied', { toolCallId })];
  return state === 'output-error'
    ? [chunk('tool-output-error', { toolCallId, errorText, providerMetadata })]
    : [];
}

const outputOf = ({ toolCallId, output, preliminary, resultProviderMetadata }: Part): Chunk =>
  chunk('tool-output-available', {
    toolCallId,
    output,
    preliminary,
    providerMetadata: resultProviderMetadata,
  });
