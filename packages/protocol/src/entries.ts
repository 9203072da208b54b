import type { QueueEntry } from './queue.ts';

/**
 * One `UIMessageChunk` of the AI SDK, whatever its version knows: only `type` is relied on, so that
 * kinds which do not exist yet pass through.
 */
export interface Chunk {
  readonly type: string;
  readonly [member: string]: unknown;
}

/** A `UIMessage` of the AI SDK as far as the protocol looks at it. */
export interface Message {
  readonly id: string;
  readonly role: string;
  readonly parts: readonly unknown[];
  readonly [member: string]: unknown;
}

/** Who wrote, as the server established it. */
export interface Author {
  readonly id: string;
  readonly role: 'user' | 'agent' | 'operator';
}

/** Who wrote a message, as the server established it: no client has a word in it (HF-ENT-11). */
export interface Writer extends Author {
  /** Of a person, as the application described it when the message came. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** Of an agent that works for another one: the message of that one. */
  readonly parent?: string;
}

/** Who wrote which message, by its id. */
export type Writers = Readonly<Record<string, Writer>>;

export type Outcome = 'finished' | 'stopped' | 'failed' | 'lost';

export interface MessageEntry {
  readonly k: 'message';
  readonly message: Message;
  readonly by?: Writer;
  readonly at: number;
}
export interface TruncateEntry {
  readonly k: 'truncate';
  /** The last message that stays; null when none does. */
  readonly after: string | null;
  readonly by?: Author;
  readonly at: number;
}
export interface AnswerEntry {
  readonly k: 'answer';
  readonly messageId: string;
  readonly chunks: readonly Chunk[];
  readonly by?: Author;
  readonly at: number;
}
export interface RunStartEntry {
  readonly k: 'run-start';
  readonly run: string;
  readonly attempt: number;
  readonly agent: string;
  readonly messageId: string;
  /** The command that asked for this run. */
  readonly command: string;
  /** The message is there already and goes on. */
  readonly continues?: true;
  /** The run on whose behalf it works: stopping that stops this one. */
  readonly parent?: string;
  readonly at: number;
}
export interface ChunksEntry {
  readonly k: 'chunks';
  readonly run: string;
  readonly attempt: number;
  readonly c: readonly Chunk[];
}
export interface RunEndEntry {
  readonly k: 'run-end';
  readonly run: string;
  readonly attempt: number;
  readonly outcome: Outcome;
  readonly messageId?: string;
  readonly reason?: string;
  readonly at: number;
}
export interface CancelEntry {
  readonly k: 'cancel';
  readonly run: string;
  readonly by?: Author;
  readonly at: number;
}

/** A message for a run that is under way. */
export interface SteerEntry {
  readonly k: 'steer';
  readonly run: string;
  readonly message: Message;
  readonly by?: Author;
  readonly at: number;
}

/** What a step of a run gave, so that another attempt need not do it again. */
export interface StepEntry {
  readonly k: 'step';
  readonly run: string;
  readonly name: string;
  /** Absent where clients are told of it. */
  readonly result?: unknown;
  /** What the run has written so far stays, whatever attempts follow (HF-ENT-5). */
  readonly seals?: true;
  readonly at: number;
}

/** Who answers from now on. */
export interface HandoffEntry {
  readonly k: 'handoff';
  /** The operator; null for the agents. */
  readonly to: Author | null;
  readonly by?: Author;
  readonly at: number;
}

export interface SeedEntry {
  readonly k: 'seed';
  /** How many messages the session began with. */
  readonly count: number;
  readonly at: number;
}

/** The body of one record of the log: PROTOCOL.md section 4. */
export type Entry =
  | MessageEntry
  | TruncateEntry
  | AnswerEntry
  | RunStartEntry
  | ChunksEntry
  | RunEndEntry
  | CancelEntry
  | SteerEntry
  | QueueEntry
  | HandoffEntry
  | StepEntry
  | SeedEntry;

/** A message that somebody sent to a run, and what became of it. */
export interface Steer {
  /** Of the message. */
  readonly id: string;
  readonly message: Message;
  readonly by?: Author | undefined;
  /** `consumed`: the model was given it. `unconsumed`: the run ended before that. */
  readonly state: 'waiting' | 'consumed' | 'unconsumed';
}

/** A run as clients see it. */
export interface RunInfo {
  readonly run: string;
  readonly attempt: number;
  readonly agent: string;
  readonly messageId: string;
  readonly command: string;
  /** The run on whose behalf it works. */
  readonly parent?: string;
  readonly state: 'running' | Outcome;
  /** Why it failed, where that is known: an error code, `attempts`, or what `giveUp` was told. */
  readonly reason?: string | undefined;
  /** In the order in which they came; absent when there were none. */
  readonly steers?: readonly Steer[];
}

/** A participant who is in the session now, however many tabs that takes. */
export interface Presence {
  readonly id: string;
  readonly role: Author['role'];
  readonly state: 'here' | 'typing';
  /** What the server tells others about the participant, such as a name. */
  readonly info?: Readonly<Record<string, unknown>>;
}
