import type { Chunk, Message } from '@holdfast/protocol';
import type { ModelMessage, UserModelMessage } from 'ai';
import type { PrepareStep } from '../contract/agent.ts';
import { valuesOf } from './read-values.ts';

const end: IteratorReturnResult<undefined> = { done: true, value: undefined };

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
  through(chunks: AsyncIterable<unknown>): AsyncIterable<unknown>;
} {
  const waiting: Waiting[] = [];
  const written: Chunk[] = [];
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
  // No generator: one that is left before it was asked, or in the middle of a chunk, would not leave the agent.
  const through = (chunks: AsyncIterable<unknown>): AsyncIterable<unknown> => {
    const values = valuesOf(chunks);
    /** What is given before the agent is asked again. */
    const ahead: IteratorResult<unknown>[] = [];
    const next = async (): Promise<IteratorResult<unknown>> => {
      if (ahead.length === 0) {
        const result = await values.next();
        if (!result.done) for (const value of written.splice(0)) ahead.push({ done: false, value });
        ahead.push(result);
      }
      return ahead.shift() ?? end;
    };
    const leave = async (): Promise<IteratorResult<unknown>> => {
      await values.return?.();
      return end;
    };
    return { [Symbol.asyncIterator]: () => ({ next, return: leave }) };
  };
  return {
    add: (each: Waiting) => {
      waiting.push(each);
    },
    prepareStep,
    through,
  };
}
