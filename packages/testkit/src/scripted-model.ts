import type { Gate } from './scripted-model-gate.ts';
import {
  type Line,
  type ModelOptions,
  type ModelPart,
  type ModelV3,
  partsOf,
} from './scripted-model-script.ts';

export { createGate, type Gate } from './scripted-model-gate.ts';
export {
  call,
  emit,
  fail,
  type Line,
  type ModelPart,
  pause,
  say,
  think,
  wait,
} from './scripted-model-script.ts';
export { words } from './scripted-model-words.ts';

/** How a call of the model ended: `cancelled` when its stream was dropped without an abort. */
export type CallEnd = 'finished' | 'failed' | 'aborted' | 'cancelled';

/** A call of `doStream`: what the model saw and did. */
export interface ModelCall {
  /** What it was asked. */
  readonly options: ModelOptions;
  /** Counts from 0. A run with tools makes one call per step. */
  readonly index: number;
  /** Undefined while it streams. */
  readonly end: CallEnd | undefined;
  /** Resolves when it has ended. */
  readonly ended: Promise<CallEnd>;
  /** The parts that were asked for so far. */
  readonly parts: readonly ModelPart[];
}

/** Options of `scriptedModel`. */
export interface ScriptedModelOptions {
  /** The lines of every call, or what gives the lines of each. */
  readonly script: readonly Line[] | ((call: ModelCall) => readonly Line[]);
  /** Is passed before every delta, so that a test opens the text piece by piece. */
  readonly gate?: Gate;
  /**
   * Makes time pass at a `pause`. It should reject when the signal fires.
   * @default no time
   */
  readonly delay?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** What the model calls itself. @default 'scripted' */
  readonly modelId?: string;
}

/** A model that plays a script. */
export interface ScriptedModel extends ModelV3 {
  /** Every time that it was asked, oldest first. */
  readonly calls: readonly ModelCall[];
}

class Call implements ModelCall {
  readonly options: ModelOptions;
  readonly index: number;
  readonly parts: ModelPart[] = [];
  readonly ended: Promise<CallEnd>;
  end: CallEnd | undefined;
  readonly #settle: (end: CallEnd) => void;

  constructor(options: ModelOptions, index: number) {
    this.options = options;
    this.index = index;
    const { promise, resolve } = Promise.withResolvers<CallEnd>();
    this.ended = promise;
    this.#settle = resolve;
  }

  /** The first end counts: an abort also makes the stream fail. */
  close(end: CallEnd): void {
    this.end ??= end;
    this.#settle(this.end);
  }
}

const finish = (calledTools: boolean): ModelPart => ({
  type: 'finish',
  finishReason: { unified: calledTools ? 'tool-calls' : 'stop', raw: undefined },
  usage: {
    inputTokens: { total: 1, noCache: 1, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: 1, text: 1, reasoning: undefined },
  },
});

async function* play(
  call: Call,
  lines: readonly Line[],
  { gate, delay }: ScriptedModelOptions,
): AsyncGenerator<ModelPart, void> {
  const signal = call.options.abortSignal;
  yield { type: 'stream-start', warnings: [] };
  for (const [at, line] of lines.entries()) {
    if (line.do === 'pause') await delay?.(line.ms, signal);
    if (line.do === 'wait') await line.gate.pass(signal);
    if (line.do === 'fail') throw line.error;
    for (const part of partsOf(line, String(at))) {
      if (part.type.endsWith('-delta')) await gate?.pass(signal);
      yield part;
    }
  }
  yield finish(lines.some((line) => line.do === 'call'));
}

/** A stream that fails with the signal's reason as soon as it fires, as the stream of a fetch does. */
function streamOf(call: Call, parts: AsyncGenerator<ModelPart, void>): ReadableStream<ModelPart> {
  const signal = call.options.abortSignal;
  return new ReadableStream<ModelPart>(
    {
      start(controller) {
        const onAbort = (): void => {
          if (call.end !== undefined) return;
          call.close('aborted');
          controller.error(signal?.reason);
        };
        if (signal?.aborted) onAbort();
        else signal?.addEventListener('abort', onAbort, { once: true });
      },
      async pull(controller) {
        try {
          const next = await parts.next();
          if (call.end !== undefined) return;
          if (next.done) {
            call.close('finished');
            controller.close();
          } else {
            call.parts.push(next.value);
            controller.enqueue(next.value);
          }
        } catch (error) {
          if (call.end !== undefined) return;
          call.close('failed');
          controller.error(error);
        }
      },
      cancel() {
        call.close('cancelled');
      },
    },
    // Nothing is made before it is asked for, so that a test sees how far a reader got.
    { highWaterMark: 0 },
  );
}

/**
 * A model that plays a script, for versions 6 and 7 of the SDK. It only streams. Each call of it is
 * recorded in `calls`, with how it ended.
 */
export function scriptedModel(options: ScriptedModelOptions): ScriptedModel {
  const calls: Call[] = [];
  return {
    specificationVersion: 'v3',
    provider: 'testkit',
    modelId: options.modelId ?? 'scripted',
    supportedUrls: {},
    calls,
    doGenerate: () =>
      Promise.reject(new Error('unable to generate: a scripted model only streams')),
    async doStream(modelOptions) {
      const call = new Call(modelOptions, calls.length);
      calls.push(call);
      const { script } = options;
      const lines = typeof script === 'function' ? script(call) : script;
      return { stream: streamOf(call, play(call, lines, options)) };
    },
  };
}
