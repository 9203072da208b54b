import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { gatewayPortOn, type PortsOfMachine } from './gateway-port.ts';
import { help, optionsOf } from './options.ts';
import { packageManagerOf } from './package-manager.ts';
import { obstacleIn } from './target.ts';
import { writeApp } from './template.ts';

/** Runs a program to its end in the folder, and resolves with its exit code. Rejects where it cannot be started. */
export type Run = (command: string, args: readonly string[], cwd: string) => Promise<number>;

export interface CreateAppPorts {
  readonly cwd: string;
  /** `npm_config_user_agent`: who runs this. */
  readonly userAgent: string | undefined;
  /** The folder of the template, and the package.json of this program. */
  readonly template: URL;
  readonly manifest: URL;
  /** Writes a line to whoever asked, and one to whom something went wrong for. */
  readonly write: (text: string) => void;
  readonly complain: (text: string) => void;
  readonly run: Run;
  readonly ports: PortsOfMachine;
  /** The version of Node that runs this, such as `24.21.0`: the app will be run by the same. */
  readonly node: string;
}

/** What the packages need: see docs/versioning.md. */
const oldestNode = 22;

/** The whole program; resolves with its exit code, and never rejects. */
export async function createApp(args: readonly string[], ports: CreateAppPorts): Promise<number> {
  const { cwd, write, complain } = ports;
  const { version } = JSON.parse(readFileSync(ports.manifest, 'utf8'));
  const options = optionsOf(args);
  if (options === 'help' || options === 'version') {
    write(options === 'help' ? help : version);
    return 0;
  }
  if ('wrong' in options) {
    complain(`unable to understand this: ${options.wrong}\n\n${help}`);
    return 2;
  }

  if (Number.parseInt(ports.node, 10) < oldestNode) {
    complain(
      `unable to create an app: it needs Node ${oldestNode} or later, and this is ${ports.node}`,
    );
    return 1;
  }

  const folder = resolve(cwd, options.folder);
  const shown = relative(cwd, folder) || '.';
  const manager = packageManagerOf(ports.userAgent);
  let gatewayPort: number;
  try {
    const obstacle = obstacleIn(folder);
    if (obstacle !== null) throw new Error(obstacle);
    const archives = options.archives && resolve(cwd, options.archives);
    gatewayPort = await gatewayPortOn(ports.ports);
    writeApp(folder, { template: ports.template, version, archives, gatewayPort });
  } catch (error) {
    complain(`unable to create ${shown}: ${(error as Error).message}`);
    return 1;
  }
  write(`Made ${shown}, with its sockets on port ${gatewayPort}`);

  /** A step of the package manager. What it says it says itself. */
  const step = async (...words: readonly string[]): Promise<number> => {
    write(`\n▸ ${[manager, ...words].join(' ')}\n`);
    try {
      return await ports.run(manager, words, folder);
    } catch (error) {
      complain((error as Error).message);
      return 1;
    }
  };

  if (options.installs && (await step('install')) !== 0) {
    complain(`unable to install: see above, and go on by hand\n${nextSteps(shown, manager, true)}`);
    return 1;
  }
  if (options.starts) return await step('run', 'dev');
  write(nextSteps(shown, manager, !options.installs));
  return 0;
}

function nextSteps(folder: string, manager: string, installs: boolean): string {
  const steps = [
    ...(folder === '.' ? [] : [`cd ${folder}`]),
    ...(installs ? [`${manager} install`] : []),
    `${manager} run dev`,
  ];
  return `\n${steps.map((each) => `  ${each}`).join('\n')}\n\nThen open http://localhost:3000`;
}
