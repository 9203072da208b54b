import type { LanguageModel } from 'ai';
import type { Gate } from './scripted-model-gate.ts';

/** Version 3 of the SDK's model interface: the newest that its versions 6 and 7 both take. */
export type ModelV3 = Extract<LanguageModel, { specificationVersion: 'v3' }>;
/** What a model is asked: `prompt`, `tools`, `abortSignal` and more. */
export type ModelOptions = Parameters<ModelV3['doStream']>[0];
/** What a model gives. */
export type ModelStream = Awaited<ReturnType<ModelV3['doStream']>>['stream'];
/** One part of what a model gives. */
export type ModelPart = ModelStream extends ReadableStream<infer Part> ? Part : never;

/** A line of a script. Text comes in pieces, each of which becomes one delta. */
export type Line =
  | {
      /** Says it, or reasons. */
      readonly do: 'say' | 'think';
      /** One delta each. */
      readonly pieces: readonly string[];
    }
  | {
      readonly do: 'call';
      /** The name of the tool. */
      readonly tool: string;
      /** Any JSON value. */
      readonly input: unknown;
      /** The id of the call. */
      readonly id: string;
      /** Streams the input in pieces of so many characters before the call itself. */
      readonly pieceLength: number | undefined;
    }
  | {
      readonly do: 'pause';
      /** How long, in ms. */
      readonly ms: number;
    }
  | {
      readonly do: 'wait';
      /** Lets the script go on. */
      readonly gate: Gate;
    }
  | {
      readonly do: 'fail';
      /** What the stream of the model rejects with. */
      readonly error: unknown;
    }
  | {
      readonly do: 'emit';
      /** What the model gives. */
      readonly part: ModelPart;
    };

const list = (pieces: string | readonly string[]): readonly string[] =>
  typeof pieces === 'string' ? [pieces] : pieces;

/** Says a text; each piece of a list is one delta. */
export const say = (pieces: string | readonly string[]): Line => ({
  do: 'say',
  pieces: list(pieces),
});
/** Reasons, as `say` says. */
export const think = (pieces: string | readonly string[]): Line => ({
  do: 'think',
  pieces: list(pieces),
});
/** Calls a tool. `id` is by default `call-` and the tool's name; `pieceLength` has the input streamed in pieces. */
export const call = (
  tool: string,
  input: unknown,
  options: { readonly id?: string; readonly pieceLength?: number } = {},
): Line => ({
  do: 'call',
  tool,
  input,
  id: options.id ?? `call-${tool}`,
  pieceLength: options.pieceLength,
});
/** Lasts as long as the `delay` that the model was given makes of it. */
export const pause = (ms: number): Line => ({ do: 'pause', ms });
/** Lasts until the test opens the gate. */
export const wait = (gate: Gate): Line => ({ do: 'wait', gate });
/** Breaks the model's stream, as a lost connection to a provider does. */
export const fail = (error: unknown): Line => ({ do: 'fail', error });
/** Puts any part into the model's stream. */
export const emit = (part: ModelPart): Line => ({ do: 'emit', part });

function* piecesOf(text: string, length: number): Generator<string> {
  for (let at = 0; at < text.length; at += length) yield text.slice(at, at + length);
}

function* partsOfCall(line: Extract<Line, { do: 'call' }>): Generator<ModelPart> {
  const { id, tool: toolName, pieceLength } = line;
  const input = JSON.stringify(line.input);
  if (pieceLength !== undefined) {
    yield { type: 'tool-input-start', id, toolName };
    for (const delta of piecesOf(input, pieceLength)) yield { type: 'tool-input-delta', id, delta };
    yield { type: 'tool-input-end', id };
  }
  yield { type: 'tool-call', toolCallId: id, toolName, input };
}

function* partsOfText(
  kind: 'text' | 'reasoning',
  id: string,
  pieces: readonly string[],
): Generator<ModelPart> {
  yield { type: `${kind}-start`, id };
  for (const delta of pieces) yield { type: `${kind}-delta`, id, delta };
  yield { type: `${kind}-end`, id };
}

/** The parts of a line that is spoken; nothing for one that only lets time pass. */
export function partsOf(line: Line, id: string): Iterable<ModelPart> {
  switch (line.do) {
    case 'say':
    case 'think':
      return partsOfText(line.do === 'say' ? 'text' : 'reasoning', id, line.pieces);
    case 'call':
      return partsOfCall(line);
    case 'emit':
      return [line.part];
    default:
      return [];
  }
}
