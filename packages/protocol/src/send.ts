import { withAnswers } from './answers.ts';
import type { Author, Chunk, Message, QueuedSend, RunInfo, Steer, Writers } from './entries.ts';
import type { Queueing } from './queue.ts';

/** The policies for a send while a run is live: HF-HTTP-21. */
export type WhileBusy = 'parallel' | 'reject' | 'interrupt' | 'rollback' | Queueing;

/** The list that a chat shows when it sends. */
export interface ShownTranscript {
  /** Oldest first; those of agents may come without their parts. */
  readonly messages: readonly Message[];
  /** Ids of what the chat was known to show before: one of them that is missing was taken away. */
  readonly shown: readonly string[];
  /** True when it is certain that this chat has shown them, and not another one of the same session. */
  readonly isSameChat: boolean;
}

/** A send as it travels in a POST: PROTOCOL.md section 9. */
export interface SendRequest {
  /** Session id. */
  readonly id: string;
  /** Idempotency key: the same command is answered with the first answer. */
  readonly command: string;
  /** As the AI SDK has it: `regenerate-message` asks for the last reply again. */
  readonly trigger: 'submit-message' | 'regenerate-message';
  /** A new message, or an edited one under its old id. */
  readonly message?: Message;
  /** The last message that stays, null for none; absent when nothing is cut off. */
  readonly after?: string | null;
  /** The assistant message that goes on. */
  readonly continues?: string;
  /** Outputs of client tools and approvals for the message that goes on. */
  readonly answers?: readonly Chunk[];
  /**
   * With `after`: the last position that the sender has seen. Refused as `conflict` when a send came
   * behind it, which the sender would cut off without knowing.
   */
  readonly base?: string;
  /**
   * The last message that the sender has seen, null for none: refused as `conflict` when it is another
   * one. Absent where that does not matter.
   */
  readonly expect?: string | null;
  /**
   * True when a run is to answer. False: the message is for people, and wakes no agent.
   * @default true, and false for operators
   */
  readonly wake?: boolean;
  /** The list that the chat shows; from it the server tells what the user did: HF-HTTP-25. */
  readonly transcript?: ShownTranscript | undefined;
  /** The name of the agent that is to answer, where the server has several. */
  readonly to?: string | undefined;
  /** A wish; the server decides. */
  readonly whileBusy?: WhileBusy;
  /** Given to the agent, and kept while the send waits. It is not told to other clients. */
  readonly metadata?: unknown;
  /** Members that the application adds to a request; the agent is given them as they are. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

/** The answer to a send that a run answers. */
export interface SendResponse {
  /** Id of the run. */
  readonly run: string;
  /** Id of the message that the run writes into. */
  readonly messageId: string;
  /** The command of the send. */
  readonly command: string;
  /** The position before the run: reading from here meets all of it. */
  readonly position: string;
  /** The last entry that the send wrote; absent when it was sent before. */
  readonly through?: string;
  /** State of the run: `running`, or how it ended where the send was repeated. */
  readonly state: RunInfo['state'];
}

/** The answer to a send that waits for its turn. */
export interface QueuedResponse {
  readonly state: 'queued';
  /** The command under which its run will start: that of another send where the two were merged. */
  readonly command: string;
  /** From this position on the queue is told with it, until its turn has come. */
  readonly position: string;
}

/** The answer to a send that no run answers: its message is in the session. */
export interface PostedResponse {
  readonly state: 'posted';
  /** The command of the send. */
  readonly command: string;
  /** That of the last entry that it wrote. */
  readonly position: string;
}

/** The answer to `POST /{id}/handoff`. */
export interface HandoffResponse {
  /** The operator who answers now; null for the agents. */
  readonly operator: Author | null;
}

/** The answer to `POST /{id}/queue`: the queue as it is afterwards. */
export interface QueueResponse {
  /** The sends that wait now, the next one first. */
  readonly queue: readonly QueuedSend[];
}

/** The answer to `POST /{id}/answer`. */
export interface AnswerResponse {
  /**
   * For each call and approval that was named, the answer that stands: the first one. Of those that stood already,
   * values of more than 4 MiB in all are references.
   */
  readonly answers: readonly Chunk[];
}

/** The answer to `POST /{id}/claim`. */
export type ClaimResponse =
  /** The caller may execute the call; it has to ask again within `leaseMs`, or another may. */
  | { readonly state: 'held'; readonly leaseMs: number }
  /** Another one may, for `retryMs` unless it asks again. */
  | { readonly state: 'taken'; readonly retryMs: number }
  /** The call has its answer, or the conversation went on without. */
  | { readonly state: 'settled' };

/** The answer to `POST /{id}/steer`. */
export interface SteerResponse {
  /** Absent when there was none. */
  readonly run?: string;
  /** `ended`: there is no such live run, and nothing was written. */
  readonly state: Steer['state'] | 'ended';
}

/** The answer to `GET /{id}?before=…`. */
export interface PageResponse {
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** The cursor of what is older; null when nothing is. */
  readonly before: string | null;
  /** Their writers, as far as the server knows. */
  readonly authors: Writers;
}

/** The answer to `GET /{id}`: the newest page. */
export interface SnapshotResponse extends PageResponse {
  /** Live runs, and those of the last message. */
  readonly runs: readonly RunInfo[];
  /** Sends that wait for their turn, the next one first. */
  readonly queue: readonly QueuedSend[];
  /** The operator who answers in place of the agents; null when nobody does. */
  readonly operator: Author | null;
  /** The position that the page shows: following from here misses nothing. */
  readonly position: string;
  /** The query that stands behind the URLs of its files; absent where the page's cookies are asked for. */
  readonly files?: string;
}

/** The arguments of the SDK's `ChatTransport.sendMessages` that say what the user did. */
export interface SendArguments {
  /** Id of the chat, which is that of the session. */
  readonly id: string;
  /** The act that the SDK was asked for. */
  readonly trigger: 'submit-message' | 'regenerate-message';
  /** The message that is edited, asked for again or gone on with; undefined for a new one. */
  readonly messageId: string | undefined;
  /** All messages of the chat, oldest first. */
  readonly messages: readonly Message[];
}

/**
 * Reduces the whole transcript that the SDK hands a transport to what is new in it, because the
 * session keeps the messages. `mintId` gives a command id where the act has no natural one; a new
 * message's own id is its command, and so is what a continuation answers, so that every repetition
 * and every other tab that does the same is recognized.
 */
export function toSendRequest(args: SendArguments, mintId: () => string): SendRequest {
  return withAnswers(toDraft(args, mintId), args.messages);
}

/** As {@link toSendRequest}, but for the answers of a continuation, and the command that follows from them. */
export function toDraft(args: SendArguments, mintId: () => string): SendRequest {
  const { id, trigger, messageId, messages } = args;
  const last = messages.at(-1);
  const named = messages.find((message) => message.id === messageId) ?? last;
  const act = { id, trigger, command: mintId() };
  if (trigger === 'regenerate-message') return { ...act, after: last?.id ?? null };
  // Not always the last one: an approval may be given for an earlier message.
  if (named?.role === 'assistant') return { ...act, continues: named.id };
  if (!last) return act;
  if (messageId === undefined) return { ...act, command: last.id, message: last };
  return { ...act, message: last, after: messages.at(-2)?.id ?? null };
}
