// Brings pnpm, the locked dependencies and the project's own Node to a machine that has only npm.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { output, run } from './process.mjs';
import { root } from './root.mjs';

export { root };

const bin = join(root, 'node_modules', '.bin');
const stamp = join(root, 'node_modules', '.installed');

/** Installs what is missing and puts pnpm and Node 24 first on PATH. */
export async function prepareToolchain() {
  const pnpm = findPnpm();
  process.env.PATH = [bin, dirname(pnpm), process.env.PATH].join(delimiter);
  process.env.TURBO_TELEMETRY_DISABLED ??= '1';
  process.env.NEXT_TELEMETRY_DISABLED ??= '1';

  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.log('Installing dependencies …');
  const code = await run(pnpm, ['install', '--frozen-lockfile', '--reporter=append-only'], {
    cwd: root,
    env: { ...process.env, CI: 'true' },
  });
  if (code !== 0) throw new Error('pnpm install failed; its output is above.');
  writeFileSync(stamp, wanted);
}

/** The pnpm that package.json names: npx fetches it once and keeps it in its cache. */
function findPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  if (!existsSync(stamp)) console.log(`Getting ${packageManager} …`);
  const path = output('npx', ['--yes', `--package=${packageManager}`, '-c', 'command -v pnpm']);
  if (!path)
    throw new Error(`npx could not provide ${packageManager}; is the npm registry reachable?`);
  return path.split('\n').at(-1);
}

/** Changes whenever an install could give another result. */
function fingerprint() {
  const hash = createHash('sha256');
  const folders = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  const manifests = ['.', ...folders].map((folder) => join(folder, 'package.json'));
  for (const file of ['pnpm-lock.yaml', 'pnpm-workspace.yaml', ...manifests]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest('hex');
}
