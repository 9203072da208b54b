import { copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inject } from 'vitest';
import { environment } from './environment.ts';
import { startGroup } from './group.ts';
import { type Dependencies, installed, withPacked } from './install.ts';
import { linkTree } from './link-tree.ts';
import { type Finished, type Served, served } from './served.ts';
import { within } from './within.ts';

/** Contents by path in the application's folder. */
export type Files = Readonly<Record<string, string>>;

interface RunOptions {
  /** Environment variables besides those that a shell has. */
  readonly env?: Readonly<Record<string, string>>;
  /** How long it may take. @default 180_000 for `run`, 60_000 for `serve` to listen */
  readonly timeoutMs?: number;
}

export interface Application {
  readonly folder: string;
  /** Writes files, or other contents into them. */
  write(files: Files): void;
  /** Runs a shell command to its end, whatever its exit code. Throws when that takes too long. */
  run(command: string, options?: RunOptions): Promise<Finished>;
  /** The same, and throws with the output unless the exit code is 0. Resolves to the output. */
  succeed(command: string, options?: RunOptions): Promise<string>;
  /**
   * Starts a shell command that listens on the port in `$PORT`, and resolves when it does. Throws
   * with its output when it ends before. Stopped with the test file at the latest.
   */
  serve(command: string, options?: RunOptions): Promise<Served>;
}

/**
 * A fresh folder with an application in it: the files, and `node_modules` with the packed packages
 * and the dependencies, as npm installs them. A `package.json` among the files is completed with
 * the dependencies; without one the application is an ES module.
 */
export async function application(files: Files, dependencies: Dependencies): Promise<Application> {
  const all = withPacked(dependencies);
  const base = await installed(all);
  const { folder: shared, registry } = inject('shared');
  const parent = join(shared, 'applications');
  mkdirSync(parent, { recursive: true });
  const folder = mkdtempSync(join(parent, 'app-'));
  linkTree(join(base, 'node_modules'), join(folder, 'node_modules'));
  copyFileSync(join(base, 'package-lock.json'), join(folder, 'package-lock.json'));

  const write = (some: Files) => {
    for (const [path, content] of Object.entries(some)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
  };
  const start = (command: string, env: RunOptions['env'] = {}) =>
    startGroup(command, folder, environment(folder, { npm_config_registry: registry, ...env }));

  const { 'package.json': manifest = '{ "type": "module" }', ...rest } = files;
  const completed = { private: true, ...JSON.parse(manifest), dependencies: all };
  write({ ...rest, 'package.json': JSON.stringify(completed, null, 2) });

  const run: Application['run'] = async (command, { env, timeoutMs = 180_000 } = {}) => {
    console.log(`… ${command}`);
    const begun = performance.now();
    const group = start(command, env);
    const code = await within(timeoutMs, group.ended);
    await group.kill();
    const output = group.output();
    if (code === undefined)
      throw new Error(`unable to run \`${command}\`: no end after ${timeoutMs} ms\n${output}`);
    const took = ((performance.now() - begun) / 1000).toFixed(1);
    console.log(`${code === 0 ? '✓' : `✗ (${code})`} ${command} in ${took} s`);
    return { code, output };
  };

  return {
    folder,
    write,
    run,
    async succeed(command, options) {
      const { code, output } = await run(command, options);
      if (code === 0) return output;
      throw new Error(`unable to run \`${command}\`: exit code ${code}\n${output}`);
    },
    serve: (command, { env, timeoutMs = 60_000 } = {}) =>
      served(command, { timeoutMs, start: (port) => start(command, { ...env, PORT: port }) }),
  };
}
