import type { LogDurability } from '@holdfast/log';
import type { ErrorCode } from '@holdfast/protocol';
import { HoldfastError } from '@holdfast/protocol';
import { inCleanContext } from './clean-context.ts';
import type { Core } from './core.ts';
import type { Gateway } from './gateway/gateway.ts';
import type { Phase } from './lifecycle.ts';
import { redacted } from './redact.ts';
import { within } from './within.ts';

/** Options of `health`. */
export interface HealthOptions {
  /** How long the log may take to answer before it counts as away, in ms. @default 1_000 */
  readonly timeoutMs?: number;
}

/** State of this process, for whoever runs it: counts and words about faults, no contents and no credentials. */
export interface Health {
  /** True when new work is taken here and the log answers: what a readiness probe asks for. */
  readonly ready: boolean;
  /** `draining`: what is there may end, and nothing new begins. `closed`: all is over. */
  readonly phase: Phase;
  /** Whether the log answers. */
  readonly log: LogHealth;
  /** WebSockets that are open. */
  readonly sockets: number;
  /** Streams of events over HTTP that are open. */
  readonly streams: number;
  /** Sessions that these sockets and streams follow, each counted once for each of them. */
  readonly subscriptions: number;
  /** Sessions of which this process keeps what it knows; one that nobody follows any more stays for `lingerMs`. */
  readonly sessions: number;
  /** Live runs that this process executes. */
  readonly runs: number;
  /** Work that waits. */
  readonly backlog: {
    /** Bytes that sockets and streams were sent and the network has not taken yet. */
    readonly bytes: number;
    /** Background work under way: messages to store, hooks to call, queued sends to begin. */
    readonly tasks: number;
  };
}

/** What a look at the log came to. */
export type LogHealth =
  | {
      /** It answered. */
      readonly state: 'reachable';
      /** Time until its answer to one read, in ms. */
      readonly latencyMs: number;
      /**
       * What every acknowledged write has survived; `memory`: the end of no process. Absent where a log of your own
       * does not tell.
       */
      readonly durability?: LogDurability;
    }
  | {
      /** It failed, or did not answer in time. */
      readonly state: 'unreachable';
      /** Code of the fault. */
      readonly code: ErrorCode;
      /** Words for who runs the server. They may say where the log is: do not show them to strangers. */
      readonly reason: string;
    };

const defaultTimeoutMs = 1_000;

/** Looks at a process and its log. However many ask at once, the log is asked once. */
export function healthOf(
  core: Core,
  gateway: Gateway,
): (options?: HealthOptions) => Promise<Health> {
  let asking: Promise<LogHealth> | null = null;
  const look = (): Promise<LogHealth> => {
    asking ??= inCleanContext(() => lookAt(core)).finally(() => {
      asking = null;
    });
    return asking;
  };
  return async ({ timeoutMs = defaultTimeoutMs } = {}) => {
    const log = await within(core.environment, timeoutMs, look(), () => late(timeoutMs));
    const { phase, isOpen } = core.lifecycle;
    const { bytes, ...carried } = gateway.load();
    return {
      ready: isOpen && log.state === 'reachable',
      phase,
      log,
      ...carried,
      sessions: core.hubs.size,
      runs: core.attempts.size,
      backlog: { bytes, tasks: core.tasks() },
    };
  };
}

/** Reads the state of a session that nobody has: one command, and another node of a cluster each time. */
async function lookAt({ log, environment }: Core): Promise<LogHealth> {
  const { durability } = log;
  const since = environment.now();
  try {
    await log.head(environment.id());
    const latencyMs = environment.now() - since;
    return { state: 'reachable', latencyMs, ...(durability && { durability }) };
  } catch (error) {
    const code = HoldfastError.is(error) ? error.code : 'internal';
    return { state: 'unreachable', code, reason: redacted(error).message };
  }
}

const late = (ms: number): LogHealth => ({
  state: 'unreachable',
  code: 'unavailable',
  reason: `unable to reach the log: no answer in ${ms} ms; look at its server and the network`,
});
