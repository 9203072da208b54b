import { fileURLToPath } from 'node:url';
import { environment } from '../../../hosts/harness/environment.ts';
import { startGroup } from '../../../hosts/harness/group.ts';
import { type Served, served } from '../../../hosts/harness/served.ts';

/**
 * Starts the program of an example in its folder, on the port in `$PORT`; resolves when it listens. Ended
 * with the test file at the latest.
 */
export function serve(example: string, command: string, env = {}): Promise<Served> {
  const folder = fileURLToPath(new URL(`../../${example}`, import.meta.url));
  return served(command, {
    start: (port) => startGroup(command, folder, environment(folder, { ...env, PORT: port })),
    timeoutMs: 60_000,
  });
}
