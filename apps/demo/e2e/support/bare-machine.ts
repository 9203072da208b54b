import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

/**
 * What PATH leads to, without Redis and without anything that could install it: an `apt-get` that leaves a
 * mark is there instead.
 */
export class BareMachine implements AsyncDisposable {
  readonly #folder: string;
  readonly env: Readonly<Record<string, string>>;

  private constructor(folder: string) {
    this.#folder = folder;
    this.env = { PATH: folder, REDIS_SERVER: '/nonexistent/redis-server', REDIS_URL: '' };
  }

  static async set(): Promise<BareMachine> {
    const folder = await mkdtemp(join(tmpdir(), 'bare-machine-'));
    const mark = join(folder, 'installed');
    await writeFile(join(folder, 'apt-get'), `#!/bin/sh\n: > ${mark}\n`, { mode: 0o755 });
    for (const from of (process.env.PATH ?? '').split(delimiter)) {
      for (const name of await readdir(from).catch(() => []))
        if (!/redis|valkey|^apt/.test(name))
          // The first of that name counts, as in PATH.
          await symlink(join(from, name), join(folder, name)).catch(() => {});
    }
    return new BareMachine(folder);
  }

  async wasInstalledOn(): Promise<boolean> {
    return (await readdir(this.#folder)).includes('installed');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
