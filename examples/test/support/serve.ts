import { fileURLToPath } from 'node:url';
import { environment } from '../../../hosts/harness/environment.ts';
import { startGroup } from '../../../hosts/harness/group.ts';
import { type Served, served } from '../../../hosts/harness/served.ts';

const folderOf = (example: string): string =>
  fileURLToPath(new URL(`../../${example}`, import.meta.url));

/** Runs a command of an example to its end, such as its build. Throws with its output when it fails. */
export async function build(example: string, command: string): Promise<void> {
  const folder = folderOf(example);
  const group = startGroup(command, folder, environment(folder));
  const code = await group.ended;
  if (code !== 0)
    throw new Error(`unable to build ${example}: exit code ${code}\n${group.output()}`);
}

/**
 * Starts the program of an example in its folder, on the port in `$PORT`; resolves when it listens. Ended
 * with the test file at the latest.
 */
export function serve(example: string, command: string, env = {}): Promise<Served> {
  const folder = folderOf(example);
  return served(command, {
    start: (port) => startGroup(command, folder, environment(folder, { ...env, PORT: port })),
    timeoutMs: 60_000,
  });
}
