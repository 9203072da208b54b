import type { HoldfastError, RunInfo, StepEntry } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { conflict } from '../conflict.ts';
import type { Agent, Step } from '../contract/agent.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { abandon } from '../runs/abandon.ts';
import { type AgentCall, createAgentCall } from '../runs/agent-call.ts';
import { AgentPump } from '../runs/agent-pump.ts';
import { Attempt } from '../runs/attempt.ts';
import { cutOffEnding } from '../runs/cut-off.ts';
import { afterRun } from '../runs/execute.ts';
import type { Execution } from '../runs/execution.ts';
import { finishRun, writeLast } from '../runs/finish-run.ts';
import { remindOfHooks } from '../runs/remind.ts';
import { messageIdOf, runRecordOf } from '../runs/run-record.ts';
import { createSteps, type Steps } from '../runs/steps.ts';
import type { SessionHub } from '../session/hub.ts';
import type { Prompt } from '../session/prompt.ts';
import { noteRun } from '../telemetry/metrics.ts';
import type { AdoptedRun } from './adopted-run.ts';

export interface AdoptedWritingOptions {
  readonly core: Core;
  readonly hub: SessionHub;
  readonly execution: Omit<Execution, 'agent' | 'messages' | 'restart'> & {
    readonly engineLeaseMs: number;
  };
  /** The run on whose behalf it works. */
  readonly parent: string | undefined;
  readonly command: string;
  /** The text that the log keeps with the run. */
  readonly info: string;
}

/**
 * `fresh`: what this attempt writes takes the place of what the one before left unfinished. `writing`: it
 * follows what is kept. `spent`: a part was left unfinished. `left`: the run was let go.
 */
type State = 'fresh' | 'writing' | 'spent' | 'left' | Ended;

/** How long it is repeated to the log, in ms. */
const retryForMs = 5_000;

/** A run of an engine in this process's hands, one thing at a time. */
export class AdoptedWriting<UI_MESSAGE extends UIMessage> implements AdoptedRun<UI_MESSAGE> {
  readonly run: string;
  readonly messageId: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  readonly #options: AdoptedWritingOptions;
  readonly #held: Attempt;
  readonly #steps: Steps;
  #state: State;
  #turns: Promise<unknown> = Promise.resolve();

  constructor(options: AdoptedWritingOptions) {
    const { core, hub, execution } = options;
    const { run, messageId, attempt } = execution;
    this.run = run;
    this.messageId = messageId;
    this.attempt = attempt;
    this.#options = options;
    this.#held = new Attempt(core, hub, {
      ...execution,
      agent: undefined,
      messages: () => this.#messages(),
      // Chunks that the log has lost are lost: the engine does its activity again.
      restart: async () => false,
    });
    this.signal = AbortSignal.any([this.#held.stopped, this.#held.lost]);
    this.#steps = createSteps(core, hub, run, attempt);
    this.#state = attempt === 1 ? 'writing' : 'fresh';
  }

  get state(): RunInfo['state'] {
    return isEnded(this.#state) ? this.#state : 'running';
  }

  readonly step: Step = async (name, act) => {
    if (isEnded(this.#state) || this.#state === 'left' || this.#held.lost.aborted)
      throw conflict(
        'lost',
        `do the step ${name}: the run has ended, or this process has it no more`,
      );
    return await this.#steps.step(name, act);
  };

  write(name: string, agent: Agent<UI_MESSAGE>): Promise<RunInfo['state']> {
    return this.#turn(async () => {
      const { core, hub } = this.#options;
      if (await hub.project(({ steps }) => hasPart(steps, this.run, name))) return 'running';
      await this.#start();
      // The application chose the type of its messages.
      const execution = { ...this.#held.execution, agent: agent as unknown as Agent };
      const call = createAgentCall(core, hub, execution);
      this.#state = 'spent';
      try {
        const pump = new AgentPump(this.#held);
        const reading = await pump.read(failing(call));
        if (this.#held.lost.aborted) return await this.#look();
        if (reading.kind === 'stopped')
          return this.#ended(await finishRun(this.#held, reading, pump));
        if (reading.kind === 'failed') throw reading.error;
        if (!(await this.#seal(name))) return await this.#look();
        this.#state = 'writing';
        return 'running';
      } finally {
        call.stop();
      }
    }, ['left', 'spent']);
  }

  end(outcome: 'finished' | 'failed' = 'finished', reason?: string): Promise<RunInfo['state']> {
    return this.#turn(async () => {
      const { run, attempt, messageId } = this;
      await this.#closeParts(outcome === 'failed' ? outcome : 'left');
      const why = reason === undefined ? {} : { reason: reason.slice(0, 64) };
      const { core, hub } = this.#options;
      await remindOfHooks(core, hub.session);
      const at = core.environment.date();
      const written = await this.#held.writer.write(
        { k: 'run-end', run, attempt, outcome, messageId, ...why, at },
        { outcome },
      );
      return written === 'written' ? this.#ended(outcome) : await this.#look();
    });
  }

  /** Leaves the run to whoever adopts it next. Never rejects. */
  async release(): Promise<void> {
    await this.#turns;
    const isOurs = !isEnded(this.#state) && !this.#held.lost.aborted;
    if (isOurs)
      await this.#leave().catch((error: unknown) =>
        this.#options.core.report(error, { session: this.#options.hub.session, run: this.run }),
      );
    this.#held.close();
    this.#steps.stop();
  }

  async #leave(): Promise<void> {
    const { core, hub, execution } = this.#options;
    const { run, engineLeaseMs: leaseMs } = execution;
    const isFresh = this.#state === 'fresh';
    this.#state = 'left';
    if (this.#held.stopped.aborted) {
      // Nobody is shown chunks of an attempt that has not begun.
      if (isFresh) await this.#goOn();
      const ending = { sawError: false, abort: null };
      this.#ended(await finishRun(this.#held, { kind: 'stopped' }, ending));
      return;
    }
    // An attempt that nobody holds: a stop can end it at once, and the next process take it.
    const attempt = this.attempt + 1;
    const renew = () => core.log.renew(hub.session, { run, attempt, leaseMs });
    const left = await retryUnavailable(renew, retryForMs, core.environment);
    if (left.kind !== 'held' || !left.cancelled) return;
    const { info } = this.#options;
    await abandon(core, hub.session, { run, attempt, info }, { outcome: 'stopped' });
  }

  #turn(
    act: () => Promise<RunInfo['state']>,
    refused: readonly State[] = ['left'],
  ): Promise<RunInfo['state']> {
    const turn = this.#turns.then(async () => {
      if (isEnded(this.#state)) return this.#state;
      if (refused.includes(this.#state)) throw spentError();
      return await act();
    });
    this.#turns = turn.catch(() => {});
    return turn;
  }

  /** A part that was left unfinished stays where its run ends, and nothing in it as under way (HF-RUN-6). */
  async #closeParts(why: 'failed' | 'left'): Promise<void> {
    // Looked at before a seal hides what was left.
    const chunks = await cutOffEnding(this.#held, why);
    if (chunks.length === 0) return;
    if (this.#state === 'fresh') await this.#goOn();
    await writeLast(this.#held, chunks);
  }

  /** Begins this attempt behind all that there is, also what the one before left unfinished. */
  async #goOn(): Promise<void> {
    await this.#seal('');
    await this.#writeStart();
  }

  /** Seals what the run has written so far, as that part. False when the run is not this process's any more. */
  async #seal(name: string): Promise<boolean> {
    const at = this.#options.core.environment.date();
    const entry: StepEntry = { k: 'step', run: this.run, name, seals: true, at };
    return (await this.#held.writer.write(entry)) === 'written';
  }

  /** Null where the log has lost the run. */
  #messages(): Promise<Prompt | null> {
    return this.#options.hub.project(async (projection, _, view) =>
      projection.run(this.run) ? await view.prompt() : null,
    );
  }

  /** Takes what an attempt left unfinished out of the message. */
  async #start(): Promise<void> {
    if (this.#state !== 'fresh') return;
    await this.#writeStart();
    this.#state = 'writing';
  }

  async #writeStart(): Promise<void> {
    const { core, execution, command, parent, info } = this.#options;
    const { run, attempt, messageId } = this;
    const { traceparent } = runRecordOf(info);
    const child = parent === undefined ? {} : { parent };
    const traced = traceparent === undefined ? {} : { traceparent };
    const start = { k: 'run-start' as const, run, attempt, agent: execution.agentName, messageId };
    const at = core.environment.date();
    const written = await this.#held.writer.write({ ...start, command, ...child, ...traced, at });
    if (written !== 'written') this.#held.lose();
  }

  #ended(outcome: Ended): RunInfo['state'] {
    noteRun(outcome, this.#options.execution.agentName);
    this.#state = outcome;
    this.#held.close();
    void afterRun(this.#options.core, this.#options.hub.session);
    return outcome;
  }

  /** How it ended elsewhere. Rejects with `conflict` where it goes on there. */
  async #look(): Promise<RunInfo['state']> {
    this.#held.lose();
    const { core, hub } = this.#options;
    const known = await core.log.run(hub.session, this.run);
    if (known?.state === 'running') throw this.#held.fencedError();
    this.#state = (await endOf(core, hub.session, this.#options.command)).state;
    return this.#state;
  }
}

type Ended = Exclude<RunInfo['state'], 'running'>;

/** How the run of a command ended that is live no more; `lost` where nothing is known of it any more. */
export async function endOf(
  { log, environment }: Core,
  session: string,
  command: string,
): Promise<{ readonly state: Ended; readonly messageId: string }> {
  const ask = () => log.command(session, command);
  const { run } = (await retryUnavailable(ask, retryForMs, environment)) ?? {};
  const state = run === undefined || run.state === 'running' ? 'lost' : run.state;
  return { state, messageId: (run && messageIdOf(run.info)) ?? '' };
}

const isEnded = (state: State): state is Ended =>
  state !== 'fresh' && state !== 'writing' && state !== 'spent' && state !== 'left';

const spentError = (): HoldfastError =>
  conflict('lost', 'write: a part was left unfinished, or the run was let go; adopt it again');

/** The agent's chunks; one that says that it failed is the end of them, since it is tried again. */
const failing =
  (call: AgentCall): AgentCall['source'] =>
  async (signal, onAsked) => {
    const chunks = await call.source(signal, onAsked);
    return (async function* () {
      for await (const chunk of chunks) {
        const { type, errorText } = chunk as {
          readonly type?: unknown;
          readonly errorText?: string;
        };
        if (type === 'error') throw call.fault ?? new Error(errorText);
        yield chunk;
      }
    })();
  };

/** True when a part of a run is complete and sealed. */
const hasPart = (steps: readonly StepEntry[], run: string, name: string): boolean =>
  steps.some((step) => step.run === run && step.name === name && step.seals);
