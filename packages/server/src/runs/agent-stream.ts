import type { UIMessageChunk } from 'ai';
import type { AgentStreamOptions } from '../contract/agent.ts';
import { notAStream } from './agent-fault.ts';
import { optionalExport } from './optional-export.ts';

interface ConversionOptions extends AgentStreamOptions {
  readonly generateMessageId: () => string;
  readonly onError: (error: unknown) => string;
}

type Convert = (options: ConversionOptions & { stream: unknown }) => AsyncIterable<UIMessageChunk>;

/** Only `ai` 7 has the function. */
const convertV7 = optionalExport<Convert>('toUIMessageStream');

const has = <K extends string>(value: unknown, member: K): value is Record<K, unknown> =>
  typeof value === 'object' && value !== null && member in value;

/** Turns whatever an agent returned into chunks. Throws `internal` in words that say what it was, and what is accepted. */
export function toChunkStream(
  result: unknown,
  options: ConversionOptions,
): AsyncIterable<UIMessageChunk> {
  if (has(result, Symbol.asyncIterator as unknown as string))
    return result as unknown as AsyncIterable<UIMessageChunk>;
  if (convertV7 && has(result, 'stream') && isStream(result.stream))
    return convertV7({ ...options, stream: result.stream });
  if (has(result, 'toUIMessageStream') && typeof result.toUIMessageStream === 'function')
    return (result.toUIMessageStream as (o: ConversionOptions) => AsyncIterable<UIMessageChunk>)(
      options,
    );
  throw notAStream(result);
}

const isStream = (value: unknown): boolean => has(value, 'getReader');
