import type { Chunk, Message } from '@holdfast/protocol';
import { isRecord } from '@holdfast/protocol';

type Part = Readonly<Record<string, unknown>>;

/** What a reader has of one text or reasoning part. */
interface Prose {
  readonly id: string;
  text: string;
  ended: boolean;
}

/** What a list of chunks has already said, part by part. */
class Progress {
  readonly prose: { readonly text: Prose[]; readonly reasoning: Prose[] } = {
    text: [],
    reasoning: [],
  };
  /** Of parts that come whole, how many of each type. */
  readonly whole = new Map<string, number>();
  /** `<stage> <toolCallId>` */
  readonly tools = new Set<string>();
  readonly data = new Map<string, string>();
  started = false;
  /** Something was taken back, so that parts can no longer be counted. */
  countable = true;

  constructor(chunks: readonly Chunk[]) {
    const approvals = new Map<unknown, unknown>();
    for (const chunk of chunks) {
      const { type } = chunk;
      const [kind, step] = type.split('-');
      if (type === 'start') this.started = true;
      else if (type === 'reset-step') this.countable = false;
      else if ((kind === 'text' || kind === 'reasoning') && step !== 'file')
        this.#prose(this.prose[kind], step, chunk);
      else if (type.startsWith('data-') && typeof chunk.id === 'string')
        this.data.set(`${type} ${chunk.id}`, JSON.stringify(chunk.data));
      else if (kind === 'tool') {
        if (type === 'tool-approval-request') approvals.set(chunk.approvalId, chunk.toolCallId);
        const call = chunk.toolCallId ?? approvals.get(chunk.approvalId);
        if (chunk.preliminary !== true) this.tools.add(`${stageOf(type)} ${String(call)}`);
      } else this.whole.set(type, (this.whole.get(type) ?? 0) + 1);
    }
  }

  #prose(list: Prose[], step: string | undefined, chunk: Chunk): void {
    const id = String(chunk.id);
    const open = list.findLast((prose) => prose.id === id && !prose.ended);
    if (step === 'start') list.push({ id, text: '', ended: false });
    else if (open && step === 'delta') open.text += String(chunk.delta);
    else if (open && step === 'end') open.ended = true;
  }
}

const stageOf = (type: string): string =>
  type.startsWith('tool-output') || type === 'tool-input-error' ? 'tool-output' : type;

/** Only the members that have a value: an explicit `undefined` would show in the message. */
const chunk = (type: string, members: Part): Chunk => ({
  type,
  ...Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)),
});

/**
 * The chunks that make a message at rest of what a reader has `seen` of it; of the first
 * `partsBefore` parts only what became of their tool calls. Null when what was seen is not the
 * beginning of the message. The run's own chunks are gone by then: a snapshot has only their result.
 */
export function chunksToRest(
  message: Message,
  seen: readonly Chunk[],
  partsBefore = 0,
): Chunk[] | null {
  const progress = new Progress(seen);
  if (!progress.countable) return null;
  const counts = new Map<string, number>();
  const nextOf = (type: string): number => {
    const at = counts.get(type) ?? 0;
    counts.set(type, at + 1);
    return at;
  };
  const { id: messageId, metadata: messageMetadata } = message;
  const made: Chunk[] = [];
  if (!progress.started) made.push(chunk('start', { messageId, messageMetadata }));
  else if (messageMetadata !== undefined) made.push(chunk('message-metadata', { messageMetadata }));

  for (const [at, part] of message.parts.entries()) {
    if (!isRecord(part)) continue;
    const type = String(part.type);
    if (type === 'dynamic-tool' || type.startsWith('tool-'))
      made.push(...toolChunks(part, progress, at < partsBefore));
    else if (at < partsBefore) continue;
    else if (type === 'text' || type === 'reasoning') {
      const count = nextOf(type);
      const said = proseChunks(type, part, progress.prose[type][count], `${messageId}/${at}`);
      if (!said) return null;
      made.push(...said);
    } else if (type.startsWith('data-') && typeof part.id === 'string') {
      const before = progress.data.get(`${type} ${part.id}`);
      if (before !== JSON.stringify(part.data)) made.push(chunk(type, part));
    } else {
      const asChunk = type === 'step-start' ? 'start-step' : type;
      if (nextOf(asChunk) >= (progress.whole.get(asChunk) ?? 0))
        made.push(chunk(asChunk, { ...part, type: asChunk }));
    }
  }
  const overrun = (['text', 'reasoning'] as const).some(
    (type) => progress.prose[type].length > (counts.get(type) ?? 0),
  );
  return overrun ? null : made;
}

function proseChunks(
  kind: 'text' | 'reasoning',
  part: Part,
  seen: Prose | undefined,
  freshId: string,
): Chunk[] | null {
  const text = String(part.text ?? '');
  const { providerMetadata, citations } = part;
  const id = seen?.id ?? (typeof part.id === 'string' ? part.id : freshId);
  if (seen && !text.startsWith(seen.text)) return null;
  const rest = text.slice(seen?.text.length ?? 0);
  const made: Chunk[] = [];
  if (!seen) made.push(chunk(`${kind}-start`, { id, providerMetadata }));
  if (rest !== '') made.push(chunk(`${kind}-delta`, { id, delta: rest, providerMetadata }));
  if (!seen?.ended && part.state !== 'streaming')
    made.push(chunk(`${kind}-end`, { id, providerMetadata, citations }));
  return made;
}

function toolChunks(part: Part, progress: Progress, outcomeOnly: boolean): Chunk[] {
  const { toolCallId, state, input, rawInput, output, errorText, providerExecuted } = part;
  const { title, toolMetadata, inputEncoding } = part;
  const isDynamic = part.type === 'dynamic-tool';
  const toolName = isDynamic ? part.toolName : String(part.type).slice('tool-'.length);
  const call = {
    toolCallId,
    toolName,
    dynamic: isDynamic || undefined,
    providerExecuted,
    title,
    toolMetadata,
    providerMetadata: part.callProviderMetadata,
  };
  const made: Chunk[] = [];
  const say = (type: string, members: Part): void => {
    const stage = `${stageOf(type)} ${String(toolCallId)}`;
    if (!progress.tools.has(stage)) made.push(chunk(type, members));
  };
  if (state === 'input-streaming') {
    if (outcomeOnly) return made;
    say('tool-input-start', { ...call, inputEncoding });
    if (typeof rawInput === 'string' && made.length > 0)
      made.push(chunk('tool-input-delta', { toolCallId, inputTextDelta: rawInput }));
    return made;
  }
  if (state === 'output-error' && input === undefined && rawInput !== undefined) {
    if (!outcomeOnly) say('tool-input-error', { ...call, input: rawInput, errorText });
    return made;
  }
  if (!outcomeOnly) say('tool-input-available', { ...call, input });
  const { approval } = part;
  if (isRecord(approval)) {
    const { id: approvalId, approved, reason, requestReason, descriptor, ...others } = approval;
    if (!outcomeOnly)
      say('tool-approval-request', {
        ...others,
        approvalId,
        toolCallId,
        reason: requestReason,
        approvalDescriptor: descriptor,
      });
    if (approved !== undefined) say('tool-approval-response', { approvalId, approved, reason });
  }
  const providerMetadata = part.resultProviderMetadata;
  if (state === 'output-available') {
    const { preliminary } = part;
    say('tool-output-available', { toolCallId, output, preliminary, providerMetadata });
  } else if (state === 'output-error')
    say('tool-output-error', { toolCallId, errorText, providerMetadata });
  else if (state === 'output-denied') say('tool-output-denied', { toolCallId });
  return made;
}
