import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const hook = fileURLToPath(new URL('./sources.ts', import.meta.url));

/**
 * A TypeScript file in a process of its own, with a channel to this one. It runs the workspace's
 * sources and the major of the AI SDK that the test runs: a build may be missing, or an old one.
 * Whoever starts it ends it.
 */
export const forkSource = (
  file: URL,
  args: readonly string[] = [],
  execArgv: readonly string[] = [],
): ChildProcess =>
  fork(fileURLToPath(file), args, {
    execArgv: [...execArgv, '--import', hook],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });

/** The arguments of Node with which a program runs a file in the same way. */
export const sourceArguments = (file: URL): readonly string[] => [
  '--import',
  hook,
  fileURLToPath(file),
];
