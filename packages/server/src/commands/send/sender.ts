import type { Durability } from '@holdfast/log';
import type { Author } from '@holdfast/protocol';
import type { Agent } from '../../contract/agent.ts';
import type { IsClientTool } from '../../contract/client-tools.ts';
import type { Participant, SessionAction } from '../../contract/participant.ts';
import type { Execution } from '../../runs/execution.ts';

/** A sender, with what they may, and who answers. */
export interface Sender {
  readonly participant: Participant;
  /** The author that entries name. @default the participant */
  readonly by?: Author;
  /** The HTTP request, for the agent; null or absent for what starts without one. */
  readonly request?: Request | null;
  /** The agent that answers where nobody is named. */
  readonly agentName: string;
  /** The agents that may be named; absent where there are no others. */
  readonly addressable?: readonly string[] | undefined;
  /** The agents of this process, by name; undefined for what it does not have. */
  readonly agentOf: (name: string) => Agent | undefined;
  /** Rejects with `forbidden` unless the sender may do that too; absent for the server. */
  readonly permit?: (action: SessionAction) => Promise<void>;
  /** Which tools are the clients', where the route says so. */
  readonly isClientTool?: IsClientTool | null;
  /** The server asks by itself: it settles no calls, and an operator who answers does not keep it away. */
  readonly isServer?: boolean;
  /** What the send and its run have to survive, where that is more than all writes do. */
  readonly durability?: Durability | undefined;
  /** The run on whose behalf another one is started. */
  readonly parent?: string;
  /** The run is one of an engine's: its id, and how long it may be nobody's, in ms. */
  readonly adopted?: { readonly run: string; readonly leaseMs: number };
  /** Called when it is not known whether the log has the send, with what asks for that until it is. */
  readonly onUnsure?: (known: () => Promise<Execution | null>) => void;
}

/** The member that commands and records say it with; none where nothing was asked for. */
export const durable = ({
  durability,
}: Pick<Sender, 'durability'>): { readonly durability?: Durability } =>
  durability === undefined ? {} : { durability };
