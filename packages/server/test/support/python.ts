import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { onTestFinished, vi } from 'vitest';

/** A program in Python in a process of its own, until the test is over. */
export interface Python {
  /** Resolves with the rest of the first line that begins so. */
  says(beginning: string): Promise<string>;
  /** Gives it a line to read; resolves with the next one that it writes. */
  ask(line: string): Promise<string>;
  kill(): void;
  readonly ended: Promise<number | null>;
}

/** Starts a file, named by its place under the repository. */
export function startPython(
  file: string,
  env: Readonly<Record<string, string>> = {},
  ...args: readonly string[]
): Python {
  const path = new URL(`../../../../${file}`, import.meta.url).pathname;
  // Without byte code beside the sources.
  const child = spawn(process.env.PYTHON ?? 'python3', ['-B', path, ...args], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  for (const from of [child.stdout, child.stderr])
    createInterface(from).on('line', (line) => lines.push(line));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  child.stdin.on('error', () => {});
  ended.catch((error: unknown) => lines.push(String(error)));
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  let asked = 0;
  return {
    ask: (line) => {
      const at = asked++;
      child.stdin.write(`${line}\n`);
      return vi.waitFor(
        () => {
          const answer = lines[at];
          if (answer === undefined) throw new Error(`${file} has not answered ${line}`);
          return answer;
        },
        { timeout: 20_000, interval: 10 },
      );
    },
    kill: () => {
      child.kill('SIGKILL');
    },
    ended,
    says: (beginning) =>
      vi.waitFor(
        () => {
          const line = lines.find((each) => each.startsWith(beginning));
          if (line === undefined) throw new Error(`${file} has not said it: ${lines.join('\n')}`);
          return line.slice(beginning.length);
        },
        { timeout: 20_000 },
      ),
  };
}
