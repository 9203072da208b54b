import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Model } from './situation.ts';
import type { Step } from './step.ts';
import { paragraphsIn, wordsOf } from './words.ts';

type Streamed = Awaited<ReturnType<Model['doStream']>>['stream'];
type Part = Streamed extends ReadableStream<infer P> ? P : never;

/** How many times as long a word takes where that is asked for. */
const slow = 3;

export interface Playing {
  readonly wordMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Plays a script as a provider's stream would come. Throws the signal's reason when it fires. */
export async function* play(steps: readonly Step[], playing: Playing): AsyncGenerator<Part> {
  yield { type: 'stream-start', warnings: [] };
  let words = 0;
  let calls = 0;
  for (const [at, step] of steps.entries()) {
    const id = String(at);
    if (step.do === 'fail') throw new Error(step.message);
    if (step.do === 'call') {
      calls++;
      yield* call(step.tool, JSON.stringify(step.input), playing);
      continue;
    }
    const kind = step.do === 'reason' ? 'reasoning' : 'text';
    yield { type: `${kind}-start`, id };
    const pace = step.do === 'write' ? step.pace : undefined;
    const wordMs = pace === 'slow' ? playing.wordMs * slow : playing.wordMs;
    for (const delta of pace === 'fast' ? paragraphsIn(step.text) : wordsOf(step.text)) {
      await wait(wordMs, undefined, { signal: playing.signal });
      yield { type: `${kind}-delta`, id, delta };
      words++;
    }
    yield { type: `${kind}-end`, id };
  }
  yield {
    type: 'finish',
    finishReason: { unified: calls > 0 ? 'tool-calls' : 'stop', raw: undefined },
    usage: {
      inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
      outputTokens: { total: words, text: words, reasoning: 0 },
    },
  };
}

async function* call(
  toolName: string,
  input: string,
  { wordMs, signal }: Playing,
): AsyncGenerator<Part> {
  const toolCallId = `call_${randomUUID()}`;
  yield { type: 'tool-input-start', id: toolCallId, toolName };
  for (const delta of input.match(/.{1,6}/gsu) ?? []) {
    await wait(wordMs, undefined, { signal });
    yield { type: 'tool-input-delta', id: toolCallId, delta };
  }
  yield { type: 'tool-input-end', id: toolCallId };
  yield { type: 'tool-call', toolCallId, toolName, input };
}
