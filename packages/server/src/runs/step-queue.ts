import type { Chunk, Message } from '@holdfast/protocol';
import type { ModelMessage, UserModelMessage } from 'ai';
import type { PrepareStep } from '../contract/agent.ts';

/** A message for the model, as it was sent and as it is said to it. */
interface Waiting {
  readonly id: string;
  readonly message: Message;
  readonly model: UserModelMessage;
}

/** Without a steering object messages get into the prompt of a step, and must be put there again for every later one. */
export function createStepQueue(): {
  add(each: Waiting): void;
  readonly prepareStep: PrepareStep;
  /** The agent's chunks, with a part for every message that `prepareStep` gave to the model. */
  through(chunks: AsyncIterable<unknown>): AsyncGenerator<unknown>;
} {
  const waiting: Waiting[] = [];
  let written: Chunk[] = [];
  /** Messages of the prompt in front of which each stands, counted without these. */
  const inserted: { readonly at: number; readonly model: UserModelMessage }[] = [];
  const prepareStep: PrepareStep = ({ messages }) => {
    for (const { id, message, model } of waiting.splice(0)) {
      inserted.push({ at: messages.length, model });
      written.push({ type: 'data-steering', id, data: { parts: message.parts } });
    }
    if (inserted.length === 0) return undefined;
    const steered: ModelMessage[] = [];
    for (let at = 0; at <= messages.length; at++) {
      for (const each of inserted) if (each.at === at) steered.push(each.model);
      const message = messages[at];
      if (message) steered.push(message);
    }
    return { messages: steered };
  };
  const through = async function* (chunks: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    for await (const chunk of chunks) {
      const before = written;
      written = [];
      yield* before;
      yield chunk;
    }
  };
  return {
    add: (each: Waiting) => {
      waiting.push(each);
    },
    prepareStep,
    through,
  };
}
