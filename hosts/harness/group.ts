import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const leash = fileURLToPath(new URL('./leash.ts', import.meta.url));
const mostOutput = 1_000_000;

/** A command with all processes that it starts. */
export interface Group {
  /** Its exit code, 128 and the number of the signal that ended it; resolves when all output is there. */
  readonly ended: Promise<number>;
  /** What it printed so far on both streams; the last megabyte of it. */
  output(): string;
  /** Sends a signal to all of its processes. */
  signal(signal: NodeJS.Signals): void;
  /** Kills what is left of it. */
  kill(): Promise<void>;
}

const groups = new Set<Group>();

/** Kills what the tests of a file left running. */
export async function killAll(): Promise<void> {
  await Promise.all([...groups].map((group) => group.kill()));
}

/** Starts a shell command with its own process group, which never outlives this process. */
export function startGroup(
  command: string,
  folder: string,
  env: Readonly<Record<string, string>>,
): Group {
  const child = spawn(process.execPath, [leash, command], {
    cwd: folder,
    env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A group that has ended does not read.
  child.stdin.on('error', () => {});
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-mostOutput);
    });

  const signal = (name: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, name);
    } catch {
      // Nobody is left in it.
    }
  };
  // The command has ended; what it left in the background must not hold its output open.
  child.on('exit', () => signal('SIGKILL'));
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? 137));
  });
  ended.catch(() => {}).finally(() => groups.delete(group));
  const kill = async () => {
    signal('SIGKILL');
    await ended.catch(() => {});
  };
  const group: Group = { ended, output: () => output, signal, kill };
  groups.add(group);
  return group;
}
