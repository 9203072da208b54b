import type { Durability } from '@holdfast/log';
import type { RunInfo, SendRequest } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { conflict } from '../../conflict.ts';
import type { Agent } from '../../contract/agent.ts';
import type { Participant } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import { retryUnavailable } from '../../retry-unavailable.ts';
import { checkAgentName } from '../../runs/agents.ts';
import { carryOut } from '../../runs/execute.ts';
import { ownCommand } from '../../runs/own-command.ts';
import { extrasOf, messageIdOf } from '../../runs/run-record.ts';
import type { SessionHub } from '../../session/hub.ts';
import { cancelRun } from '../cancel-run.ts';
import { type Accepted, isOurs } from './accepted.ts';
import { accept, executeLater } from './send.ts';
import { durable, type Sender } from './sender.ts';

/** The agent that runs, and on whose behalf. */
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
  /**
   * Given to the agent. With `body` at most `keptBytes` where `onLost` is not `fail`, since another attempt needs it;
   * more is refused as `too_large`.
   * @default none
   */
  readonly metadata?: unknown;
  /**
   * What the start of the run and each of its entries have survived before they count as written, where that is more
   * than the server's `durability`, in any process that executes it. Rejects with `internal` without Redis.
   * @default that of `createHoldfast`
   */
  readonly durability?: Durability;
  /** Given to the agent, as what a page adds to a send. @default none */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** A run that has ended; `running` when another process executes the same command. */
export interface SessionRun {
  /** Id of the run. */
  readonly run: string;
  /** Id of the message that it wrote into. */
  readonly messageId: string;
  /** How it ended. */
  readonly state: RunInfo['state'];
}

/**
 * Writes the start of a run into the log, once for each command. Rejects with `bad_request`, with
 * `conflict` when the parent has ended or the command is that of a message, and with `full` or
 * `unavailable`; then no run has begun, or, after `unavailable`, `onUnsure` is told. With `adopted` it is one of an
 * engine.
 */
export async function startServerRun(
  core: Core,
  hub: SessionHub,
  options: SessionRunOptions,
  { onUnsure, ...owner }: Pick<Sender, 'agentOf' | 'adopted' | 'onUnsure'>,
): Promise<Accepted> {
  const { agent: agentName, command, parent } = options;
  const participant: Participant = { id: agentName, role: 'agent' };
  const body: SendRequest = {
    id: hub.session,
    command: ownCommand('run', command ?? core.environment.id()),
    trigger: 'submit-message',
    ...extrasOf(options),
  };
  // It has begun by then: a log that is away for a moment is no reason to leave it.
  const heedParent = (run: string): Promise<void> =>
    retryUnavailable(
      async () => {
        // A stop of the parent that came before this one was there has not reached it.
        if (parent !== undefined && (await isCancelled(core, hub, parent)))
          await cancelRun(core, hub.session, { run }, participant);
      },
      core.limits.retryForMs,
      core.environment,
    );
  await core.loader?.begin(hub, { participant, isServer: true });
  const accepted = await accept(core, hub, body, {
    participant,
    agentName,
    isServer: true,
    ...durable(options),
    ...(parent === undefined ? {} : { parent }),
    ...owner,
    onUnsure: (known) =>
      onUnsure?.(async () => {
        const begun = await known();
        if (begun) await heedParent(begun.run);
        return begun;
      }),
  });
  if (!('outcome' in accepted)) throw conflict('taken', 'run: the command is that of a message');
  const { run, state } = accepted.outcome.run;
  // Also behind a repetition: whoever was told `unavailable` has not looked.
  if (state === 'running') await heedParent(run);
  return accepted;
}

/**
 * Runs an agent in a session, in this process, beside whatever else runs there. Resolves when it has
 * ended, however it did. Rejects as {@link startServerRun} does.
 */
export async function runInSession<UI_MESSAGE extends UIMessage>(
  core: Core,
  session: string,
  options: SessionRunOptions,
  agent: Agent<UI_MESSAGE>,
): Promise<SessionRun> {
  checkAgentName(options.agent);
  // The application chose the type of its messages.
  const agentOf = () => agent as unknown as Agent;
  const onUnsure: Sender['onUnsure'] = (known) =>
    executeLater(core, session, known, async (_, execution) => ({
      done: carryOut(core, execution),
    }));
  return await core.hubs.use(session, async (hub) => {
    const accepted = await startServerRun(core, hub, options, { agentOf, onUnsure });
    const { run, info, state } = accepted.outcome.run;
    const messageId = messageIdOf(info) ?? accepted.messageId;
    if (!isOurs(accepted)) return { run, messageId, state };
    return { run, messageId, state: (await carryOut(core, accepted)) ?? 'lost' };
  });
}

/** True when somebody has asked it to stop, also when it has ended since: one that came to its own end stops nobody. */
async function isCancelled({ log }: Core, { session }: SessionHub, run: string): Promise<boolean> {
  const known = await log.run(session, run);
  return known?.cancelled === true;
}
