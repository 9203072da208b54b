/**
 * A `UIMessageChunk` of the AI SDK, whatever its version knows: only `type` is relied on, so that
 * kinds which do not exist yet pass through.
 */
export interface Chunk {
  /** Its kind, such as `text-delta`; a kind that is not known here is kept and passed on. */
  readonly type: string;
  readonly [member: string]: unknown;
}

/** A `UIMessage` of the AI SDK as far as the protocol looks at it. */
export interface Message {
  /** Unique in its session. */
  readonly id: string;
  /** `user`, `assistant` or `system`. */
  readonly role: string;
  /** As the AI SDK makes them. */
  readonly parts: readonly unknown[];
  readonly [member: string]: unknown;
}

/** The participant or agent who wrote, as the server established it. */
export interface Author {
  /** The id that `authorize` returned for a participant; the name of an agent. */
  readonly id: string;
  /** `operator`: a person who may answer in the place of the agents. */
  readonly role: 'user' | 'agent' | 'operator';
}

/** The writer of a message, as the server established it: no client has a say in it (HF-ENT-11). */
export interface Writer extends Author {
  /** Of a person, as the application described it when the message came. */
  readonly info?: Readonly<Record<string, unknown>>;
  /** Of an agent that works for another one: the message of that one. */
  readonly parent?: string;
}

/** The writers of messages, by the ids of these. */
export type Writers = Readonly<Record<string, Writer>>;

/** How a run ended: by itself, because somebody stopped it, by an error, or because its process died. */
export type Outcome = 'finished' | 'stopped' | 'failed' | 'lost';

/** A message: added at the end, or in the place of one with the same id. */
export interface MessageEntry {
  readonly k: 'message';
  /** The whole message. */
  readonly message: Message;
  /** The writer, as the server established it. */
  readonly by?: Writer;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** Takes away all messages behind one. */
export interface TruncateEntry {
  readonly k: 'truncate';
  /** The last message that stays; null when none does. */
  readonly after: string | null;
  /** The author of this, as the server established it. */
  readonly by?: Author;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/**
 * Outputs of tools that clients executed, and responses to approvals, as chunks of the message that has the
 * calls.
 */
export interface AnswerEntry {
  readonly k: 'answer';
  /** The assistant's message that they belong to. */
  readonly messageId: string;
  /** The outcomes, one for each call or approval. */
  readonly chunks: readonly Chunk[];
  /** The participant who answered; absent where the server settled a call that nobody would answer any more. */
  readonly by?: Author;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** A run begins to write into a message. */
export interface RunStartEntry {
  readonly k: 'run-start';
  /** Id of the run. */
  readonly run: string;
  /** 1, and more where the run is tried again. */
  readonly attempt: number;
  /** Name of the agent. */
  readonly agent: string;
  /** The assistant's message that it writes into. */
  readonly messageId: string;
  /** The command that asked for this run. */
  readonly command: string;
  /** The message is there already and goes on. */
  readonly continues?: true;
  /** The run on whose behalf it works: stopping that stops this one. */
  readonly parent?: string;
  /** W3C trace context of the send that asked for it, where the server traces (HF-TEL-1). */
  readonly traceparent?: string;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** A batch of what a run wrote. */
export interface ChunksEntry {
  readonly k: 'chunks';
  /** The run. */
  readonly run: string;
  /** Attempt of the run that wrote this, from 1; a higher one supersedes what a lower one wrote. */
  readonly attempt: number;
  /** The chunks, in order. */
  readonly c: readonly Chunk[];
}

/** A run ended. There is one for each run, and nothing of the run comes behind it. */
export interface RunEndEntry {
  readonly k: 'run-end';
  /** The run. */
  readonly run: string;
  /** The attempt that ended. */
  readonly attempt: number;
  /** How it ended. */
  readonly outcome: Outcome;
  /** The message that it wrote into. */
  readonly messageId?: string;
  /** Why it failed, where that is known: an error code, `attempts`, or what `giveUp` was told. */
  readonly reason?: string;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** A run was asked to stop. There is one for each run, however many ask. */
export interface CancelEntry {
  readonly k: 'cancel';
  /** The run. */
  readonly run: string;
  /** The author of this, as the server established it. */
  readonly by?: Author;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** A message for a run that is under way. */
export interface SteerEntry {
  readonly k: 'steer';
  /** The run that it is meant for. */
  readonly run: string;
  /** The whole message. */
  readonly message: Message;
  /** The sender. */
  readonly by?: Author;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** The result of a step of a run, kept so that another attempt need not do it again. */
export interface StepEntry {
  readonly k: 'step';
  /** The run. */
  readonly run: string;
  /** Name of the step, which the agent chose; unique in its run. */
  readonly name: string;
  /** Absent where clients are told of it. */
  readonly result?: unknown;
  /** Seals what the run has written so far: it stays, whatever attempts follow (HF-ENT-5). */
  readonly seals?: true;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** A hand-over: from now on an operator answers, or the agents again. */
export interface HandoffEntry {
  readonly k: 'handoff';
  /** The operator; null for the agents. */
  readonly to: Author | null;
  /** The author of this, as the server established it. */
  readonly by?: Author;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** The session began with messages from elsewhere; they are stored, and do not stand in the log. */
export interface SeedEntry {
  readonly k: 'seed';
  /** How many messages the session began with. */
  readonly count: number;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
  readonly at: number;
}

/** A send that waits for its turn. */
export interface QueuedSend {
  /** The command under which its run will start. */
  readonly id: string;
  /** Usually one; more where sends were merged. */
  readonly messages: readonly Message[];
  /** The sender, as the server established it. */
  readonly by?: Author;
  /** Milliseconds since 1970 by the clock of the server that took it. */
  readonly at: number;
  /**
   * The run to which it was sent while that was under way. When its model was given the message, it waits
   * no longer; when the run ended before, it is asked as any other.
   */
  readonly run?: string;
  /** For whoever starts the run; clients are not told. */
  readonly hidden?: unknown;
}

/** The queue as it is from now on. */
export interface QueueEntry {
  readonly k: 'queue';
  /** Ids of all that wait, the next one first. */
  readonly order: readonly string[];
  /** The one among them that is new, or changed. */
  readonly add?: QueuedSend;
  /** Milliseconds since 1970 by the clock of whoever wrote it. For display only: nothing is ordered by it. */
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
  /** Id of the message. */
  readonly id: string;
  /** The whole message. */
  readonly message: Message;
  /** The sender. */
  readonly by?: Author | undefined;
  /** `consumed`: the model was given it. `unconsumed`: the run ended before that. */
  readonly state: 'waiting' | 'consumed' | 'unconsumed';
}

/** A run as clients see it. */
export interface RunInfo {
  /** Id of the run. */
  readonly run: string;
  /** The newest attempt, from 1. */
  readonly attempt: number;
  /** Name of the agent. */
  readonly agent: string;
  /** The message that it writes into. */
  readonly messageId: string;
  /** The command of the send that asked for it. */
  readonly command: string;
  /** The run on whose behalf it works. */
  readonly parent?: string;
  /** W3C trace context of the send that asked for it, where the server traces (HF-TEL-1). */
  readonly traceparent?: string;
  /** `running`, or how it ended. */
  readonly state: 'running' | Outcome;
  /** Why it failed, where that is known: an error code, `attempts`, or what `giveUp` was told. */
  readonly reason?: string | undefined;
  /** In the order in which they came; absent when there were none. */
  readonly steers?: readonly Steer[];
}

/** A participant who is in the session now, however many tabs that takes. */
export interface Presence {
  /** The participant's id. */
  readonly id: string;
  /** The participant's role. */
  readonly role: Author['role'];
  /** `typing` where one of the tabs says so. */
  readonly state: 'here' | 'typing';
  /** Facts that others are told about the participant, such as a name. */
  readonly info?: Readonly<Record<string, unknown>>;
}
