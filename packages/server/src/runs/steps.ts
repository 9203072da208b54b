import type { SendCommand, SendOutcome } from '@holdfast/log';
import { HoldfastError, type StepEntry } from '@holdfast/protocol';
import { conflict } from '../conflict.ts';
import type { Step } from '../contract/agent.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import type { SessionHub } from '../session/hub.ts';
import type { HubListener } from '../session/hub-listener.ts';
import { newEntry } from '../session/new-entry.ts';
import { ownCommand } from './own-command.ts';

/** How long it is repeated to the log before the agent is told that it failed, in ms. */
const retryForMs = 10_000;
/** Part of an entry that one result may take. */
const share = 4;
/** All steps of live runs stand in the state of a checkpoint, beside the queue: that takes so many entries. */
const most = 2;

/** Bytes of each step's JSON. */
const sizes = new WeakMap<StepEntry, number>();

function sizeOf(step: StepEntry): number {
  const bytes = sizes.get(step) ?? Buffer.byteLength(JSON.stringify(step));
  sizes.set(step, bytes);
  return bytes;
}

/** The steps of one attempt. */
export interface Steps {
  readonly step: Step;
  /** The attempt is over: nothing of them is written again. */
  stop(): void;
}

export function createSteps(core: Core, hub: SessionHub, run: string, attempt: number): Steps {
  const { log, environment, limits } = core;
  const records = stepRecords(core, hub, run);
  /** The steps of this attempt: whoever asks at the same time, or when the log has lost it, gets the same. */
  const own = new Map<string, Promise<unknown>>();
  const known = (name: string) =>
    hub.project(({ steps }) =>
      steps.find((step) => step.run === run && step.name === name && !step.seals),
    );
  /** Deliveries may be late, and projections know of an attempt only once it has written. */
  const isOurs = async () => {
    const known = await log.run(hub.session, run);
    return known?.state === 'running' && known.attempt <= attempt;
  };

  const once = async <T>(name: string, act: () => T | Promise<T>): Promise<T> => {
    const before = await known(name);
    if (before) return before.result as T;
    // It would be done again, or by nobody's wish: by an attempt that was paused and knows nothing of it yet.
    if (!(await retryUnavailable(isOurs, retryForMs, environment)))
      throw conflict(
        'lost',
        `do the step ${name}: the run has ended, or another process has taken it over`,
      );
    const result = (await act()) ?? null;
    const at = environment.date();
    const entry = newEntry(environment, { k: 'step', run, name, result, at });
    const bytes = Buffer.byteLength(entry.body);
    if (bytes > limits.entryBytes / share)
      throw new HoldfastError(
        'too_large',
        `unable to keep the step ${name}: its result is over ${limits.entryBytes / share} bytes; return less`,
      );
    const held = await hub.project(({ steps }) =>
      steps.reduce((sum, step) => sum + sizeOf(step), 0),
    );
    if (held + bytes > most * limits.entryBytes)
      throw new HoldfastError(
        'too_large',
        `unable to keep the step ${name}: the steps of the session's live runs are over ${most * limits.entryBytes} bytes; return less`,
      );
    const command = {
      command: ownCommand('step', run, name),
      if: { runLive: run },
      entries: [entry],
    };
    const outcome = await records.write(command);
    if (outcome.kind === 'accepted') return result as T;
    const first = outcome.kind === 'duplicate' ? await known(name) : undefined;
    if (first) return first.result as T;
    const isFull = outcome.kind === 'refused' && outcome.why === 'full';
    if (!isFull) throw conflict('ended', `keep the step ${name}: the run has ended`);
    throw new HoldfastError('full', `unable to keep the step ${name}: the session is full`);
  };
  const step = <T>(name: string, act: () => T | Promise<T>): Promise<T> => {
    const known = own.get(name) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const doing = once(name, act);
    own.set(name, doing);
    // A step that failed may be tried again.
    doing.catch(() => own.delete(name));
    return doing;
  };
  return { step, stop: records.stop };
}

/** Writes what steps gave; again, when a failover has lost it while the attempt is alive. */
function stepRecords({ log, environment, report }: Core, hub: SessionHub, run: string) {
  const { session } = hub;
  const written: SendCommand[] = [];
  let state: 'quiet' | 'listening' | 'over' = 'quiet';
  const send = (command: SendCommand): Promise<SendOutcome> =>
    retryUnavailable(() => log.send(session, command), retryForMs, environment);
  const again = async () => {
    for (const command of written) if (state !== 'over') await send(command);
  };
  const listener: HubListener = {
    advanced: () => {},
    reset: () => void again().catch((error: unknown) => report(error, { session, run })),
    deleted: () => {},
  };
  return {
    write: async (command: SendCommand): Promise<SendOutcome> => {
      const outcome = await send(command);
      // A tool may go on for longer than its attempt, and nobody would end listening then.
      if (outcome.kind === 'refused' || state === 'over') return outcome;
      written.push(command);
      if (state === 'quiet') hub.listen(listener);
      state = 'listening';
      return outcome;
    },
    stop: () => {
      if (state === 'listening') hub.unlisten(listener);
      state = 'over';
    },
  };
}
