import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Model } from './situation.ts';
import type { Step } from './step.ts';
import { wordsOf } from './words.ts';

type Streamed = Awaited<ReturnType<Model['doStream']>>['stream'];
type Part = Streamed extends ReadableStream<infer P> ? P : never;

/** How many times as long a word takes where that is asked for. */
const slow = 3;

export interface Pace {
  readonly wordMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Plays a script as a provider's stream would come. Throws the signal's reason when it fires. */
export async function* play(steps: readonly Step[], pace: Pace): AsyncGenerator<Part> {
  yield { type: 'stream-start', warnings: [] };
  let words = 0;
  let calls = 0;
  for (const [at, step] of steps.entries()) {
    const id = String(at);
    if (step.do === 'fail') throw new Error(step.message);
    if (step.do === 'call') {
      calls++;
      yield* call(step.tool, JSON.stringify(step.input), pace);
      continue;
    }
    const kind = step.do === 'reason' ? 'reasoning' : 'text';
    yield { type: `${kind}-start`, id };
    const wordMs = step.do === 'write' && step.slowly ? pace.wordMs * slow : pace.wordMs;
    for (const delta of wordsOf(step.text)) {
      await wait(wordMs, undefined, { signal: pace.signal });
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

async function* call(toolName: string, input: string, pace: Pace): AsyncGenerator<Part> {
  const toolCallId = `call_${randomUUID()}`;
  yield { type: 'tool-input-start', id: toolCallId, toolName };
  for (const delta of input.match(/.{1,6}/gsu) ?? []) {
    await wait(pace.wordMs, undefined, { signal: pace.signal });
    yield { type: 'tool-input-delta', id: toolCallId, delta };
  }
  yield { type: 'tool-input-end', id: toolCallId };
  yield { type: 'tool-call', toolCallId, toolName, input };
}
