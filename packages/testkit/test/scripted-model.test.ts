import { isStepCount, streamText as streamText7, tool as tool7 } from 'ai';
import {
  type LanguageModel as LanguageModel6,
  stepCountIs,
  streamText as streamText6,
  tool as tool6,
} from 'ai6';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import {
  call,
  createGate,
  fail,
  pause,
  type ScriptedModel,
  say,
  scriptedModel,
  think,
  wait,
  words,
} from '../src/scripted-model.ts';

interface Reply {
  readonly chunks: ReadableStream<{ readonly type: string; readonly delta?: string }>;
}
type Ask = (model: ScriptedModel, abortSignal?: AbortSignal) => Reply;

const input = z.object({ city: z.string() });
const ignore = (): void => {};
const optional = (abortSignal: AbortSignal | undefined): object =>
  abortSignal ? { abortSignal } : {};

const sdks: readonly { readonly sdk: number; readonly ask: Ask }[] = [
  {
    sdk: 7,
    ask: (model, abortSignal) => ({
      chunks: streamText7({
        model,
        prompt: 'Hi',
        stopWhen: isStepCount(3),
        tools: { weather: tool7({ inputSchema: input, execute: ({ city }) => `${city}: fog` }) },
        onError: ignore,
        ...optional(abortSignal),
      }).toUIMessageStream(),
    }),
  },
  {
    sdk: 6,
    ask: (model, abortSignal) => ({
      chunks: streamText6({
        // The JSON types of the two versions differ under exactOptionalPropertyTypes, nothing else.
        model: model as unknown as LanguageModel6,
        prompt: 'Hi',
        stopWhen: stepCountIs(3),
        tools: { weather: tool6({ inputSchema: input, execute: ({ city }) => `${city}: fog` }) },
        onError: ignore,
        ...optional(abortSignal),
      }).toUIMessageStream(),
    }),
  },
];

async function typesOf(reply: Reply): Promise<string[]> {
  const types: string[] = [];
  for await (const chunk of reply.chunks) types.push(chunk.type);
  return types;
}

describe.each(sdks)('with ai $sdk', ({ ask }) => {
  test('the script becomes the chunks of a reply', async () => {
    const model = scriptedModel({ script: [think('Hm'), pause(5), say(['Hel', 'lo'])] });
    expect(await typesOf(ask(model))).toEqual([
      'start',
      'start-step',
      'reasoning-start',
      'reasoning-delta',
      'reasoning-end',
      'text-start',
      'text-delta',
      'text-delta',
      'text-end',
      'finish-step',
      'finish',
    ]);
    expect(model.calls.map(({ end }) => end)).toEqual(['finished']);
  });

  test('a tool call is run and the script of the next step follows', async () => {
    const model = scriptedModel({
      script: ({ index }) =>
        index === 0 ? [call('weather', { city: 'Bergen' }, { pieceLength: 6 })] : [say('Fog.')],
    });
    const types = await typesOf(ask(model));
    expect(types.filter((type) => type === 'tool-input-delta').length).toBeGreaterThan(1);
    expect(types).toContain('tool-output-available');
    expect(types.at(-4)).toBe('text-delta');
    expect(model.calls).toHaveLength(2);
  });

  test('an abort is seen by the model that waits at a gate', async () => {
    const gate = createGate();
    const abort = new AbortController();
    const model = scriptedModel({ script: [say('Hel'), wait(gate), say('lo')] });
    const reply = typesOf(ask(model, abort.signal));
    await gate.arrival();
    abort.abort();
    expect(await reply).toContain('abort');
    expect(await model.calls[0]?.ended).toBe('aborted');
  });

  test('a gate lets a reply through delta by delta', async () => {
    const gate = createGate();
    const model = scriptedModel({ script: [say(['a', 'b', 'c'])], gate });
    const deltas: (string | undefined)[] = [];
    const reader = ask(model).chunks.getReader();
    const untilDelta = async (): Promise<void> => {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        if (value.type === 'text-delta') return void deltas.push(value.delta);
      }
    };
    for (const piece of ['a', 'b']) {
      const read = untilDelta();
      await gate.arrival();
      gate.open();
      await read;
      expect(deltas.at(-1)).toBe(piece);
    }
    gate.openForGood();
    await untilDelta();
    expect(deltas).toEqual(['a', 'b', 'c']);
  });

  test('an error in mid-stream fails the call', async () => {
    const model = scriptedModel({ script: [say('Hel'), fail(new Error('line is dead'))] });
    await typesOf(ask(model)).catch(ignore);
    expect(await model.calls[0]?.ended).toBe('failed');
  });
});

test('the same seed gives the same words, another seed gives others', () => {
  expect(words(7, 40)).toEqual(words(7, 40));
  expect(words(7, 40)).not.toEqual(words(8, 40));
  expect(words(1, 40).join('').split(' ')).toHaveLength(40);
});
