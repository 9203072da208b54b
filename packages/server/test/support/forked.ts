import type { ChildProcess } from 'node:child_process';
import { forkSource } from '@holdfast/testkit/fork-source';
import { onTestFinished, vi } from 'vitest';

export interface Forked {
  readonly child: ChildProcess;
  /** All that it has sent. */
  readonly told: readonly Record<string, unknown>[];
  /** Resolves with the first of what it has sent, or sends yet, that has the member. */
  tells(member: string): Promise<Record<string, unknown>>;
  send(message: Record<string, unknown> | string): void;
}

/** A file of this folder in a process of its own, until the test is over. */
export function forked(file: string, ...args: readonly string[]): Forked {
  const child = forkSource(new URL(`./${file}`, import.meta.url), args);
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  const told: Record<string, unknown>[] = [];
  child.on('message', (message) => told.push(message as Record<string, unknown>));
  return {
    child,
    told,
    tells: (member) =>
      vi.waitFor(
        () => {
          const found = told.find((message) => member in message);
          if (!found) throw new Error(`${file} has not told ${member}: ${JSON.stringify(told)}`);
          return found;
        },
        { timeout: 20_000 },
      ),
    // What is sent to a process that was killed is lost with it.
    send: (message) => child.send(message, () => {}),
  };
}
