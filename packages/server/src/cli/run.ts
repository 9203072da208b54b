import { HoldfastError } from '@holdfast/protocol';
import { redacted } from '../redact.ts';
import type { Command } from './command.ts';
import { columns, safeLine, type Terminal } from './terminal.ts';

/** Each is loaded when it is called for: one alone needs the AI SDK, which takes its time. */
interface Listed {
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

const commands: ReadonlyMap<string, Listed> = new Map(
  Object.entries({
    gateway: {
      summary: 'serves the WebSockets of sessions in Redis, on a port of its own',
      load: async () => (await import('./gateway.ts')).gateway,
    },
    tail: {
      summary: 'follows a session live, with what is said in it',
      load: async () => (await import('./tail.ts')).tail,
    },
    inspect: {
      summary: 'what the log has of a session: runs, leases, positions, entries and their sizes',
      load: async () => (await import('./inspect.ts')).inspect,
    },
    doctor: {
      summary: 'what would be refused, and why: Redis, and the way of a socket through proxies',
      load: async () => (await import('./doctor.ts')).doctor,
    },
  }),
);

const overview = (): string =>
  `Usage: holdfast <command> [options]

${columns([...commands].map(([name, { summary }]) => [`  ${name}`, summary])).join('\n')}

\`holdfast <command> --help\` tells its options. Ends with 0 where all is well, 1 where something was found or
failed, and 2 where it was called wrongly.`;

const helpOf = (summary: string, { usage, options }: Command): string =>
  `Usage: holdfast ${usage}\n\n${summary}\n\nOptions:\n${options}`;

const asksHelp = (text: string | undefined): boolean => text === '--help' || text === '-h';

/** Does what the arguments say. Never rejects. */
export async function run(
  [name, ...given]: readonly string[],
  terminal: Terminal,
): Promise<0 | 1 | 2> {
  if (name === undefined || asksHelp(name)) {
    terminal.say(overview());
    return name === undefined ? 2 : 0;
  }
  const listed = commands.get(name);
  if (!listed) {
    terminal.note(`unable to begin: there is no such command\n\n${overview()}`);
    return 2;
  }
  const command = await listed.load();
  const help = helpOf(listed.summary, command);
  if (given.some(asksHelp)) {
    terminal.say(help);
    return 0;
  }
  let act: () => Promise<0 | 1>;
  try {
    act = command.read(given, terminal);
  } catch (error) {
    terminal.note(`${safeLine(wordsOf(error))}\n\n${help}`);
    return 2;
  }
  try {
    return await act();
  } catch (error) {
    terminal.note(safeLine(wordsOf(error)));
    return 1;
  }
}

/** `parseArgs` repeats the option that it does not know, and no values. */
const wordsOf = (error: unknown): string => {
  const { message, cause } = redacted(error);
  return HoldfastError.is(error) && cause instanceof Error
    ? `${message}: ${cause.message}`
    : message;
};
