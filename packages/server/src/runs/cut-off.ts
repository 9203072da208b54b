import { type Chunk, isRecord } from '@holdfast/protocol';
import { callsOf, chunksOfItem, type SessionProjection } from '@holdfast/protocol/projection';
import { parsePartialJson } from 'ai';
import { retryUnavailable } from '../retry-unavailable.ts';
import { callEnds } from '../session/call-ends.ts';
import type { Attempt } from './attempt.ts';
import type { Execution } from './execution.ts';

const errorTexts = {
  stopped: 'The call was stopped.',
  failed: 'The answer failed before the call was over.',
  left: 'The call was left unfinished.',
} as const;

interface Cut extends Pick<Attempt, 'core' | 'hub'> {
  readonly execution: Pick<Execution, 'session' | 'run' | 'messageId'>;
}

/**
 * The chunks that end everything that a stopped or failed run leaves open in its message
 * (HF-RUN-6), so that clients show nothing as under way, and that a provider takes the message in the next prompt. Never rejects: the
 * run must end in any case.
 */
export async function cutOffEnding(
  { core, hub, execution }: Cut,
  why: keyof typeof errorTexts,
): Promise<readonly Chunk[]> {
  const { limits, environment, report } = core;
  const { session, run, messageId } = execution;
  // As the log has it: others may have answered calls meanwhile.
  const read = () => hub.project((projection) => endingOf(projection, run, messageId, why));
  try {
    return await retryUnavailable(read, limits.retryForMs, environment);
  } catch (error) {
    report(error, { session, run });
    return [];
  }
}

/**
 * `left`: the run ends well behind a part that was left unfinished, and of what is sealed a call may wait for a client.
 */
async function endingOf(
  projection: SessionProjection,
  run: string,
  messageId: string,
  why: keyof typeof errorTexts,
): Promise<readonly Chunk[]> {
  const item = projection.item(messageId);
  if (item?.kind !== 'assistant') return [];
  const own = item.segments.flatMap(({ run: by, fold }) =>
    by === run ? fold.chunks.slice(why === 'left' ? fold.sealedCount : 0) : [],
  );
  const others = projection.liveRuns.some(
    (live) => live.messageId === messageId && live.run !== run,
  );
  const all = chunksOfItem(item);
  return [
    ...(await endsOfParts(own, errorTexts[why])),
    // Calls of those that it continues too; another run that writes into the message may be about to answer them.
    ...(others ? [] : callEnds(why === 'left' ? own : all, callsOf(all).open, errorTexts[why])),
  ];
}

interface Input {
  readonly start: Chunk;
  text: string;
}

/** Ends texts, reasoning and inputs of calls that are still being written. */
async function endsOfParts(chunks: readonly Chunk[], errorText: string): Promise<readonly Chunk[]> {
  const ends = new Map<string, Chunk>();
  const inputs = new Map<unknown, Input>();
  for (const chunk of chunks) {
    const { type, id, toolCallId } = chunk;
    const [kind, step] = type.split('-');
    switch (type) {
      case 'text-start':
      case 'reasoning-start':
      case 'text-delta':
      case 'reasoning-delta': {
        // A provider's note on a part names an answer that it has not kept: it would look for
        // the text there, and not take what stands here.
        const forget = chunk.providerMetadata === undefined ? {} : { providerMetadata: {} };
        const known = step === 'start' ? {} : ends.get(`${kind} ${id}`);
        ends.set(`${kind} ${id}`, { ...known, type: `${kind}-end`, id, ...forget });
        break;
      }
      case 'text-end':
      case 'reasoning-end':
        ends.delete(`${kind} ${id}`);
        break;
      case 'finish-step':
        ends.clear();
        break;
      case 'start-step':
        // The SDK looks for such a call in the last step only.
        inputs.clear();
        break;
      case 'tool-input-start':
        if (chunk.providerExecuted !== true) inputs.set(toolCallId, { start: chunk, text: '' });
        break;
      case 'tool-input-delta': {
        const input = inputs.get(toolCallId);
        if (input && typeof chunk.inputTextDelta === 'string') input.text += chunk.inputTextDelta;
        break;
      }
      case 'tool-input-available':
      case 'tool-input-error':
        inputs.delete(toolCallId);
        break;
      default:
        break;
    }
  }
  return [
    ...ends.values(),
    ...(await Promise.all([...inputs.values()].map((input) => endOfInput(input, errorText)))),
  ];
}

/** As an input that its tool does not take: `tool-input-available` would make a client call the tool. */
async function endOfInput({ start, text }: Input, errorText: string): Promise<Chunk> {
  const { value } = await parsePartialJson(text);
  return {
    type: 'tool-input-error',
    toolCallId: start.toolCallId,
    toolName: start.toolName,
    // Providers take objects only.
    input: isRecord(value) ? value : {},
    ...(start.dynamic === true ? { dynamic: true } : {}),
    errorText,
  };
}
