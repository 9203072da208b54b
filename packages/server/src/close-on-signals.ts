import type { Server } from 'node:http';
import { type CloseOptions, defaultRunsMs } from './close.ts';
import { systemEnvironment } from './environment.ts';
import { processWide } from './process-wide.ts';
import { atMost } from './within.ts';

/** Options of `closeOnSignals`. */
export interface SignalOptions extends CloseOptions {
  /**
   * Signals that close.
   * @default ['SIGINT', 'SIGTERM']
   */
  readonly signals?: readonly NodeJS.Signals[];
  /** Called when all is closed, such as for `app.close()` of Next; may take 5 s. */
  readonly onClosed?: () => unknown;
  /** Ends the process then. Without it somebody else has to. @default true */
  readonly exit?: boolean;
}

/** A second signal within this time is the same one: a terminal and a wrapper such as npm each tell the process. */
const againMs = 1_000;

/** How long the application's own part, and answers on their way to clients, may take, in ms. */
const graceMs = 5_000;

/**
 * Has signals close what the process has of Holdfast, once for all copies of the module; of several calls
 * the last one's options count.
 */
export function closeOnSignals({
  signals = ['SIGINT', 'SIGTERM'],
  ...options
}: SignalOptions = {}): void {
  const wide = processWide();
  /** When the signal came that began the closing. */
  let since: number | null = null;
  wide.onSignal = (signal) => {
    if (!signals.includes(signal)) return leaveToOthers(signal);
    const { exit = true } = options;
    const { now } = systemEnvironment;
    if (since !== null && exit && now() - since > againMs) process.exit(1);
    if (since !== null) return;
    since = now();
    const closing = closeAll(signal, options);
    if (exit) void closing.then(() => process.exit(0));
    else wide.closing = closing;
  };
  for (const signal of signals) {
    if (wide.signals.has(signal)) continue;
    wide.signals.add(signal);
    process.on(signal, () => wide.onSignal?.(signal));
  }
}

/** What becomes of a signal that an earlier call has listened for: whoever listens besides has it, or it ends the process. */
function leaveToOthers(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}

/** Never rejects: what a part of it cannot do must not keep the rest from ending. */
async function closeAll(
  signal: NodeJS.Signals,
  { runsMs = defaultRunsMs, drainMs = 0, onClosed, exit = true }: SignalOptions,
): Promise<void> {
  const { members, attachments } = processWide();
  const servers = new Set([...attachments].map(({ server }) => server));
  const all = [...members];
  const draining = all.map((member) => member.drain());
  const runs = all.reduce((sum, member) => sum + member.runs, 0);
  const answers = runs === 1 ? '1 answer is' : `${runs} answers are`;
  say(
    `${signal}: takes no new work; ${answers} being written and may end within ${runsMs / 1_000} s${exit ? '; the same signal again ends at once' : ''}`,
  );
  const idle = Promise.all(draining).then(() => Promise.all(all.map((member) => member.idle())));
  await atMost(systemEnvironment, runsMs, idle.catch(complain));
  await Promise.all(all.map((member) => member.close({ drainMs, runsMs: 0 })));
  await Promise.all([...servers].map(closeServer));
  await atMost(systemEnvironment, graceMs, Promise.resolve().then(onClosed).catch(complain));
  say('closed');
}

/** Lets answers that are on their way reach their clients. */
async function closeServer(server: Server): Promise<void> {
  await atMost(
    systemEnvironment,
    graceMs,
    new Promise<void>((resolve) => void server.close(() => resolve())),
  );
  // Servers of HTTP/2 have none.
  server.closeAllConnections?.();
}

function say(words: string): void {
  // biome-ignore lint/suspicious/noConsole: whoever stops a process looks here for what it is doing
  console.info(`holdfast: ${words}`);
}

function complain(error: unknown): void {
  // biome-ignore lint/suspicious/noConsole: the process ends, and nobody else would be told
  console.error('holdfast:', error);
}
