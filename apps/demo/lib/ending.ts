import { type TextStreamPart, type ToolSet, toUIMessageStream, type UIMessageChunk } from 'ai';
import { streamOf } from './stream-of.ts';

/** What a message keeps of an end before its time. */
export interface Metadata {
  readonly ended?: 'stopped' | 'failed';
}

interface Result<TOOLS extends ToolSet> {
  readonly stream: ReadableStream<TextStreamPart<TOOLS>>;
}

/**
 * What an agent may return in the place of the result of `streamText`. An answer that is stopped or breaks
 * off says so in its message, where every page finds it, also later: what is told of runs is told of those
 * of the last message only.
 */
export const withEnding = <TOOLS extends ToolSet>({ stream }: Result<TOOLS>) => ({
  // With what the server wants of the stream, such as how errors are told.
  toUIMessageStream: (options?: object): ReadableStream<UIMessageChunk> =>
    streamOf(marked(toUIMessageStream<TOOLS>({ ...options, stream }))),
});

async function* marked(chunks: AsyncIterable<UIMessageChunk>): AsyncGenerator<UIMessageChunk> {
  try {
    for await (const chunk of chunks) {
      if (chunk.type === 'abort') yield ended('stopped');
      // Nothing counts behind an error.
      if (chunk.type === 'error') yield ended('failed');
      yield chunk;
    }
  } catch (error) {
    yield ended((error as Error).name === 'AbortError' ? 'stopped' : 'failed');
    throw error;
  }
}

const ended = (how: NonNullable<Metadata['ended']>): UIMessageChunk => ({
  type: 'message-metadata',
  messageMetadata: { ended: how } satisfies Metadata,
});
