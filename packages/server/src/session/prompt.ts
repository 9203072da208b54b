import { isRecord, type Message, type Writer } from '@holdfast/protocol';
import { mayRefer } from '../files/filled.ts';
import { isShown } from './fold-message.ts';
import type { Written } from './written.ts';

/** What is shown at one moment, as agents are given it, and who wrote it. */
export interface Prompt {
  /** Frozen, since everybody who is given a message is given the same one. */
  readonly messages: readonly Message[];
  /** Places of those that are not `plain`. */
  readonly special: readonly number[];
  /** The writer of a message, as far as the server knows. */
  readonly authorOf: (id: string) => Writer | undefined;
}

/** States of a part in which its call may stand open. */
const unfinished: ReadonlySet<unknown> = new Set([
  'input-available',
  'approval-requested',
  'approval-responded',
]);

/** True for a part whose call may stand open. */
export const mayBeOpen = (part: unknown): boolean =>
  isRecord(part) && (unfinished.has(part.state) || part.preliminary === true);

/** True for a message that agents are given as it is: no call stands open in it, and it refers to nothing. */
const isPlain = ({ parts }: Message): boolean =>
  Array.isArray(parts) &&
  parts.every((part) => !mayBeOpen(part) && !(isRecord(part) && mayRefer(part)));

/** A prompt that grows. */
export class GrowingPrompt implements Prompt {
  readonly messages: Message[] = [];
  readonly special: number[] = [];
  readonly #authors = new Map<string, Writer>();
  readonly #ids = new Set<string>();
  #count = 0;

  /** How many messages it was given, with those that are not shown. */
  get count(): number {
    return this.#count;
  }

  /** True when one that it was given has the id, shown or not. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  readonly authorOf = (id: string): Writer | undefined => this.#authors.get(id);

  add(all: Iterable<Written>): void {
    for (const { message, by } of all) {
      this.#count++;
      this.#ids.add(message.id);
      if (!isShown(message)) continue;
      if (!isPlain(message)) this.special.push(this.messages.length);
      this.messages.push(frozen(message));
      if (by) this.#authors.set(message.id, by);
    }
  }
}

/** A prompt of messages, behind what there is of another one now. */
export function promptOf(written: Iterable<Written>, before: Prompt = new GrowingPrompt()): Prompt {
  const own = new GrowingPrompt();
  own.add(written);
  const { length } = before.messages;
  return {
    messages: [...before.messages, ...own.messages],
    special: [...before.special, ...own.special.map((at) => length + at)],
    authorOf: (id) => own.authorOf(id) ?? before.authorOf(id),
  };
}

/** An agent that changed a message would change what others are shown, and are given. */
function frozen<T>(value: T): T {
  // What is no object is so by nature.
  if (Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const each of Object.values(value as object)) frozen(each);
  return value;
}
