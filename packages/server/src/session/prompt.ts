import { isRecord, type Message, type Writer } from '@holdfast/protocol';
import { mayRefer } from '../files/filled.ts';
import { isShown } from './fold-message.ts';
import type { Written } from './written.ts';

/** What is shown at one moment, as agents are given it, and who wrote it. */
export interface Prompt {
  /**
   * Frozen messages, since everybody who is given one is given the same, in an array of the caller's own: it is made
   * when it is asked for, since to copy the list of a long session is most of what a send into it costs.
   */
  readonly messages: () => Message[];
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

/** A beginning of prompts, which grows. */
export class GrowingPrompt implements Omit<Prompt, 'messages'> {
  readonly #messages: Message[] = [];
  readonly special: number[] = [];
  readonly #authors = new Map<string, Writer>();
  readonly #ids = new Set<string>();
  #count = 0;

  /** How many messages are shown. */
  get length(): number {
    return this.#messages.length;
  }

  /** How many messages it was given, with those that are not shown. */
  get count(): number {
    return this.#count;
  }

  /** True when one that it was given has the id, shown or not. */
  has(id: string): boolean {
    return this.#ids.has(id);
  }

  readonly authorOf = (id: string): Writer | undefined => this.#authors.get(id);

  /** The first `length` messages that are shown, and those of another one behind them, in a new array. */
  followedBy(other: GrowingPrompt, length: number): Message[] {
    const first = length < this.length ? this.#messages.slice(0, length) : this.#messages;
    return first.concat(other.#messages);
  }

  add(all: Iterable<Written>): void {
    for (const { message, by } of all) {
      this.#count++;
      this.#ids.add(message.id);
      if (!isShown(message)) continue;
      if (!isPlain(message)) this.special.push(this.length);
      this.#messages.push(frozen(message));
      if (by) this.#authors.set(message.id, by);
    }
  }
}

/** A prompt of messages, behind what there is of a beginning now. */
export function promptOf(
  beginning: GrowingPrompt | null,
  ...written: readonly Iterable<Written>[]
): Prompt {
  const before = beginning ?? new GrowingPrompt();
  const { length } = before;
  const own = new GrowingPrompt();
  for (const each of written) own.add(each);
  return {
    messages: () => before.followedBy(own, length),
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
