import { parseArgs } from 'node:util';

/** What the command was given: `npm run demo -- --lan --port 4000`. Run by itself, this file only checks it. */
export interface CommandLine {
  /** Whether other devices in the network may open the demo. */
  readonly lan: boolean;
  /** Where to listen; undefined where any free port will do. */
  readonly port: number | undefined;
}

const usage = `  --lan          lets other devices in your network open it, such as your phone
  --port <n>     listens on that port; without it, on the first free one from 3000 on
  --dev          the development server, with hot reload`;

/** Ends the process with these words. There is no stack to be read: the cause is what was typed, or another program. */
export function giveUp(words: string): never {
  console.error(words);
  process.exit(1);
}

function read(): CommandLine {
  try {
    const { values } = parseArgs({
      options: {
        lan: { type: 'boolean', default: false },
        port: { type: 'string' },
        dev: { type: 'boolean' },
      },
    });
    return { lan: values.lan, port: portOf(values.port ?? process.env.PORT) };
  } catch (error) {
    return giveUp(`unable to start; ${(error as Error).message}\n\n${usage}`);
  }
}

function portOf(text: string | undefined): number | undefined {
  if (!text) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error('a port is a number from 0 to 65535');
}

export const commandLine: CommandLine = read();
