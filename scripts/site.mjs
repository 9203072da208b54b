// The site of docs/: a workspace of its own, with its own lockfile.
import { join } from 'node:path';
import { run } from './process.mjs';
import { root } from './root.mjs';

const folder = join(root, 'site');

/** Builds it from the pages and the reference; every link has to lead somewhere. Resolves to an exit code. */
export async function buildSite() {
  const { writeReference } = await import('./docs/reference.mjs');
  const install = ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only'];
  const options = { cwd: folder, env: { ...process.env, CI: 'true' }, output: 'onFailure' };
  return (
    (await writeReference()) ||
    (await run('pnpm', install, options)) ||
    (await run('pnpm', ['run', 'build'], options))
  );
}
