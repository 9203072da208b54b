import type { RunInfo } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent, Step } from '../contract/agent.ts';

/** A run that an engine of your own drives, in the hands of one process. */
export interface AdoptedRun<UI_MESSAGE extends UIMessage = UIMessage> {
  /** Id of the run. */
  readonly run: string;
  /** Id of the message that the run writes into. */
  readonly messageId: string;
  /** Grows with every process that has it. */
  readonly attempt: number;
  /** `running`, or how it has ended. */
  readonly state: RunInfo['state'];
  /** Fires when the run is stopped, and when another process has adopted it. */
  readonly signal: AbortSignal;
  /**
   * Writes what the agent produces as a part of the run's message. Under one name once: a part that was
   * written is not written again, and what a process wrote of one that it did not finish goes when the next
   * one writes. The agent is given what clients show now. Resolves with the run's state: with `stopped`, when
   * somebody has stopped it, there is nothing more to do. Rejects with the agent's error, and with
   * `conflict` when another process has adopted the run, or behind a part that failed: adopt it again.
   */
  write(name: string, agent: Agent<UI_MESSAGE>): Promise<RunInfo['state']>;
  /** As in `AgentContext`. */
  readonly step: Step;
  /**
   * Ends the run; resolves with how it has ended, which may be otherwise, and does nothing when it had. `reason` is
   * told to clients.
   * @default 'finished', without a reason
   */
  end(outcome?: 'finished' | 'failed', reason?: string): Promise<RunInfo['state']>;
}
