import { inject } from 'vitest';
import type { Command, ExitCode } from '../../src/cli/command.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

interface Told {
  readonly text: string;
  readonly notes: string;
}

export interface FakeTerminal {
  readonly terminal: Terminal;
  readonly told: Told;
  readonly end: () => void;
}

/** A terminal that keeps what it is told. */
export function fakeTerminal(env: Terminal['env'] = {}): FakeTerminal {
  const told = { text: '', notes: '' };
  const ending = new AbortController();
  const write = (text: string) => {
    told.text += text;
  };
  const terminal: Terminal = {
    env: { REDIS_URL: inject('redisUrl'), ...env },
    write,
    say: (line) => write(`${line}\n`),
    note: (line) => {
      told.notes += `${line}\n`;
    },
    ended: ending.signal,
  };
  return { terminal, told, end: () => ending.abort() };
}

/** Does what a command says, to its end. Rejects as it does. */
export async function typed(
  command: Command,
  args: readonly string[],
  env?: Terminal['env'],
): Promise<Told & { readonly code: ExitCode }> {
  const { terminal, told } = fakeTerminal(env);
  const code = await command.read(args, terminal)();
  return { code, ...told };
}
