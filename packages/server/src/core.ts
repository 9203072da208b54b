import type { Head, SessionLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';
import type { Agent, AgentStreamOptions } from './contract/agent.ts';
import type { IsClientTool } from './contract/client-tools.ts';
import type { Dispatch } from './contract/job.ts';
import type {
  AcceptMessage,
  DecideOnLost,
  DecideWhileBusy,
  HoldfastOptions,
  OnLost,
  OpenCalls,
  Report,
  WhileBusy,
} from './contract/options.ts';
import type { Participant } from './contract/participant.ts';
import type { WritersOptions } from './contract/writers.ts';
import type { Environment } from './environment.ts';
import type { FilesOfSessions } from './files/create-files.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { MetLimits } from './over-limit.ts';
import type { Reach } from './reach.ts';
import type { Gatekeeper } from './rights/authorize.ts';
import type { LargeBodies } from './rights/large-bodies.ts';
import type { Quotas } from './rights/quotas.ts';
import type { Revocations } from './rights/revocations.ts';
import type { IsStillAllowed } from './rights/still-allowed.ts';
import type { Aftermath } from './runs/aftermath.ts';
import type { LiveAttempts } from './runs/live-attempts.ts';
import type { Gathering } from './runs/pace.ts';
import type { WrittenRuns } from './runs/written-runs.ts';
import type { SessionHub } from './session/hub.ts';
import type { SessionHubs } from './session/hubs.ts';

/** The context that every part of the server works with. */
export interface Core extends FilesOfSessions {
  readonly log: SessionLog;
  readonly hubs: SessionHubs;
  readonly gatekeeper: Gatekeeper;
  readonly revocations: Revocations;
  readonly lifecycle: Lifecycle;
  readonly quotas: Quotas;
  readonly largeBodies: LargeBodies;
  readonly metLimits: MetLimits;
  readonly isStillAllowed: IsStillAllowed;
  readonly origins: readonly string[];
  readonly limits: Limits;
  readonly environment: Environment;
  readonly stream: AgentStreamOptions;
  readonly openCalls: OpenCalls;
  /** Null where nobody has named the tools of clients. */
  readonly isClientTool: IsClientTool | null;
  /** Kinds of data parts that clients may write. */
  readonly clientData: HoldfastOptions['clientData'];
  readonly acceptMessage: AcceptMessage | undefined;
  /** Undefined where answers have ids of the server's making. */
  readonly generateId: HoldfastOptions['generateId'];
  /** Null without `load`. */
  readonly loader: Loader | null;
  readonly onLost: OnLost | DecideOnLost;
  readonly maxAttempts: number;
  /** How often in a row a message goes on by outputs of client tools alone. */
  readonly maxContinuations: number;
  /** How long an agent may say nothing, in ms; null for ever. */
  readonly stallMs: number | null;
  /** Null where the words of answers are written as they are said. */
  readonly gathering: Gathering | null;
  /** How long approvals wait, in ms; null for ever. */
  readonly approvalMs: number | null;
  readonly whileBusy: WhileBusy | DecideWhileBusy;
  readonly report: Report;
  readonly errorText: (error: unknown) => string;
  readonly checkpointer: Checkpointer;
  /** Null where gateways of other processes may serve the log. */
  readonly reach: Reach | null;
  readonly scheduler: Scheduler;
  /** Null where runs are executed in the process that began them. */
  readonly dispatch: Dispatch | null;
  /** Null without hooks. */
  readonly hookDelivery: HookDelivery | null;
  /** Null where programs in other languages write nothing. */
  readonly writers: WritersOptions | null;
  readonly writtenRuns: WrittenRuns;
  readonly attempts: LiveAttempts;
  readonly aftermath: Aftermath;
  readonly lookout: Lookout;
  /** Runs that this process executes, so that closing can wait for them. */
  readonly runs: Set<Promise<unknown>>;
  /** Work that goes on by itself and is under way. */
  tasks(): number;
  close(): Promise<void>;
}

/** Puts what entries amount to in their place. */
interface Checkpointer {
  /** Notes that a session has grown by so many bytes; from `checkpointBytes` on, or what its last checkpoint wrote, it is stored. */
  wrote(session: string, bytes: number): void;
  /** Stores a session now. Never rejects. */
  store(session: string): Promise<void>;
  close(): Promise<void>;
}

/** Asks the application for the beginning of sessions that the log does not have. */
interface Loader {
  /**
   * Resolves once the session is in the log, or turns out to have nothing; at once where it is known here. Rejects
   * with what the client is to be told; nothing is written then.
   */
  begin(
    hub: SessionHub,
    visitor: { readonly participant: Participant; readonly isServer?: boolean },
  ): Promise<void>;
  /** The same where it is known here: the log has turned out not to have it any more. */
  readonly regain: Loader['begin'];
  /** True where the application had nothing for the session, and that is not known to have begun since. */
  hadNothing(hub: SessionHub): boolean;
}

/** Begins what a session has waiting: queued sends, runs of others that were lost, approvals whose time is over. */
interface Scheduler {
  readonly agents: ReadonlyMap<string, Agent>;
  register(name: string, agent: Agent): void;
  agent(name: string): Agent | undefined;
  canRun(name: string): boolean;
  /** Looks after a session beside what is under way. Never rejects. */
  begin(session: string): void;
  /** Has some process look after the runs of a session later. Rejects with the log's error. */
  remindOfRuns(session: string): Promise<void>;
  /** The same of its queue. */
  remind(session: string): Promise<void>;
  close(): Promise<void>;
}

/** Tells the application's hooks what a session has come to. */
interface HookDelivery {
  /** Beside what is under way. Never rejects. */
  begin(session: string): void;
}

/** Looks after runs whose lease has run out. */
interface Lookout {
  /** Never rejects: what fails is tried again at the next look. */
  look(session: string, head: Head): Promise<void>;
}
