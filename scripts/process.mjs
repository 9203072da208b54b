// Starts child processes and hands them the signals that this process gets.
import { spawn, spawnSync } from 'node:child_process';
import { isKept, print } from './output.mjs';

const children = new Set();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the whole group, so the children have it already.
    const delivered = signal === 'SIGINT' && process.stdin.isTTY;
    for (const child of children) if (!delivered) child.kill(signal);
    if (children.size === 0) process.exit(1);
    stopped = true;
  });
}

let stopped = false;

const outputs = { shown: 'inherit', hidden: 'ignore', onFailure: 'pipe' };

/**
 * Runs a command to its end and resolves to its exit code. Its output is `shown`, `hidden`, or shown when it
 * has failed.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, output?: keyof typeof outputs }} options
 */
export async function run(command, args, { env = process.env, cwd, output = 'shown' } = {}) {
  const kept = [];
  const code = await new Promise((resolve, reject) => {
    const out = output === 'shown' && isKept() ? 'pipe' : outputs[output];
    const child = spawn(command, args, { env, cwd, stdio: ['ignore', out, out] });
    const take = output === 'shown' ? print : (data) => kept.push(data);
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', take);
    children.add(child);
    child.on('error', reject);
    child.on('close', (exitCode) => {
      children.delete(child);
      resolve(exitCode ?? 1);
    });
  });
  if (stopped) process.exit(code === 0 ? 0 : 130);
  if (code !== 0 && kept.length > 0) print(Buffer.concat(kept));
  return code;
}

/** What a command prints, or null when it is missing or fails. */
export function output(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 });
  return result.status === 0 ? result.stdout.trim() : null;
}
