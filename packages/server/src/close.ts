import type { Core } from './core.ts';
import type { Gateway } from './gateway/gateway.ts';
import { leaveRuns } from './upkeep/leave-runs.ts';
import { atMost } from './within.ts';

/** Options of `close`. */
export interface CloseOptions {
  /** How long clients may take to move on to another process, in ms. @default 0 */
  readonly drainMs?: number;
  /** How long runs of this process may take to end, in ms; then they are left to others. @default 25_000 */
  readonly runsMs?: number;
}

/** Less than the half minute that most hosts give a process to end. */
export const defaultRunsMs = 25_000;

/** How long what the application has a part in (hooks, a queue of jobs) may take to end, in ms. */
const graceMs = 5_000;

const closings = new WeakMap<Core, Promise<void>>();

/** See `Holdfast.close`. */
export function close(core: Core, gateway: Gateway, options: CloseOptions = {}): Promise<void> {
  const closing = closings.get(core) ?? shut(core, gateway, options);
  closings.set(core, closing);
  return closing;
}

/** Takes no new work from now on; what waits is for processes that stay. */
export async function drain(core: Core): Promise<void> {
  core.lifecycle.drain();
  await atMost(core.environment, graceMs, core.scheduler.close());
}

async function shut(
  core: Core,
  gateway: Gateway,
  { drainMs = 0, runsMs = defaultRunsMs }: CloseOptions,
): Promise<void> {
  await drain(core);
  const runs = atMost(core.environment, runsMs, Promise.allSettled([...core.runs]))
    .then(() => leaveRuns(core))
    .catch((error: unknown) => core.report(error, {}));
  // Clients that have not moved on see the end of what is being written here.
  await Promise.all([gateway.drain(drainMs), runs]);
  gateway.close();
  core.lifecycle.close();
  await core.close().catch((error: unknown) => core.report(error, {}));
}
