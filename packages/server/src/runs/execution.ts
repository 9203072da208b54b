import type { Durability } from '@holdfast/log';
import type { RunStartEntry, SendRequest } from '@holdfast/protocol';
import type { Agent } from '../contract/agent.ts';
import type { Participant } from '../contract/participant.ts';
import type { SessionHub } from '../session/hub.ts';
import type { Prompt } from '../session/prompt.ts';

/** An attempt of a run that this process executes: what its agent is called with, and how the log has it. */
export interface Execution extends Pick<SendRequest, 'trigger' | 'metadata' | 'body'> {
  readonly session: string;
  readonly run: string;
  /** Counted from 1. */
  readonly attempt: number;
  readonly messageId: string;
  /** Under which the run is told of. */
  readonly agentName: string;
  /** Undefined where this process does not have it. */
  readonly agent: Agent | undefined;
  readonly participant: Participant;
  /** Null where the run starts without one: from the queue, or on a worker. */
  readonly request: Request | null;
  /** Id of the entry behind which messages may come that are sent to the run. */
  readonly through: string;
  /** The messages that the agent is given; null where the log does not have the start of the run any more. */
  readonly messages: (hub: SessionHub) => Promise<Prompt | null>;
  /** Writes the start of the run again, where the log has lost it; false where the log does not take it. */
  readonly restart: () => Promise<boolean>;
  /** W3C trace context of the send that asked for it; absent where nobody traced that. */
  readonly traceparent?: string | undefined;
  /** What its entries have to survive, where its send asked for more than all writes do. */
  readonly durability?: Durability | undefined;
  /** Of an attempt that takes over: what it begins with. */
  readonly start?: RunStartEntry;
  /** Of an engine's run, which outlives the process (HF-RUN-20): how long it may be nobody's, in ms. */
  readonly engineLeaseMs?: number;
}
