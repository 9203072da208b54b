import { HoldfastError, type RunInfo, type SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Core } from '../core.ts';
import type { Agent, Participant } from '../options.ts';
import { accept } from './accept.ts';
import { checkAgentName } from './agents.ts';
import { cancelRun } from './cancel-run.ts';
import { carryOut } from './execute.ts';
import { messageIdOf } from './run-info.ts';

export interface SessionRunOptions {
  /** Names the writer, for clients, for other agents and for stops: 1 to 64 characters. */
  readonly agent: string;
  /**
   * Idempotency key: the same again, in this process or another, starts no second run.
   * @default another one each time
   */
  readonly command?: string;
  /** The run on whose behalf this one works: it must be live, and a stop of it stops this one too. */
  readonly parent?: string;
  /** Given to the agent. */
  readonly metadata?: unknown;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A run that has ended; `running` when another process executes the same command. */
export interface SessionRun {
  readonly run: string;
  readonly messageId: string;
  readonly state: RunInfo['state'];
}

/**
 * Runs an agent in a session, in this process, beside whatever else runs there. Resolves when it has
 * ended, however it did. Rejects with `bad_request`, with `conflict` when the parent has ended, and with
 * `full` or `unavailable`; then no run has begun.
 */
export async function runInSession<UI_MESSAGE extends UIMessage>(
  core: Core,
  session: string,
  { agent: agentName, command, parent, metadata, body: custom }: SessionRunOptions,
  agent: Agent<UI_MESSAGE>,
): Promise<SessionRun> {
  checkAgentName(agentName);
  const participant: Participant = { id: agentName, role: 'agent' };
  const share = await core.hubs.acquire(session);
  let executing = false;
  try {
    const { hub } = share;
    const body: SendRequest = {
      id: session,
      command: command ?? `run ${core.environment.id()}`,
      trigger: 'submit-message',
      ...(metadata === undefined ? {} : { metadata }),
      ...(custom === undefined ? {} : { body: custom }),
    };
    const by = { id: agentName, role: 'agent' as const };
    const child = parent === undefined ? {} : { parent };
    const sender = { by, participant, agentName, isServer: true, ...child };
    const accepted = await accept(core, hub, body, sender);
    if (!('outcome' in accepted))
      throw new HoldfastError('conflict', 'unable to run: the command is that of a message');
    const { run, info, state } = accepted.outcome.run;
    const messageId = messageIdOf(info) ?? accepted.messageId;
    if (run !== accepted.run || state !== 'running') return { run, messageId, state };
    // A stop of the parent that came before this one was there has not reached it.
    if (parent !== undefined && (await isCancelled(core, session, parent)))
      await cancelRun(core, session, { run }, participant);
    executing = true;
    const sending = { request: null, participant, agent, agentName };
    const outcome = await carryOut(core, share, body, sending, accepted);
    return { run, messageId, state: outcome ?? 'lost' };
  } finally {
    if (!executing) share.release();
  }
}

async function isCancelled({ log }: Core, session: string, run: string): Promise<boolean> {
  const head = await log.head(session);
  return head?.runs.find((each) => each.run === run)?.cancelled ?? true;
}
