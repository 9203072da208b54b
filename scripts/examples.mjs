// The programs of examples/: a workspace of its own, over the packed packages.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { packInto } from './pack.mjs';
import { run } from './process.mjs';
import { root } from './root.mjs';

const folder = join(root, 'examples');

/** Installs what the lockfile of the examples says, and resolves to pnpm's exit code. The packages have to be built. */
export const installExamples = () => install('--frozen-lockfile');

/** `npm run examples:lock`: the same, and writes that lockfile, after a change of a package.json. */
export const lockExamples = () => install('--no-frozen-lockfile');

function install(lockfile) {
  unpack();
  // Copies of the packages that were there before would stay.
  rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
  const options = ['--prefer-offline', '--reporter=append-only'];
  return run('pnpm', ['install', lockfile, ...options], {
    cwd: folder,
    env: { ...process.env, CI: 'true' },
    output: 'onFailure',
  });
}

/** The packed packages, as members of that workspace. */
function unpack() {
  const packed = join(folder, 'packed');
  const archives = mkdtempSync(join(tmpdir(), 'holdfast-packed-'));
  rmSync(packed, { recursive: true, force: true });
  for (const archive of Object.values(packInto(archives))) {
    const target = join(packed, basename(archive, '.tgz'));
    mkdirSync(target, { recursive: true });
    execFileSync('tar', ['--extract', '--strip-components=1', `--file=${archive}`], {
      cwd: target,
    });
    const file = join(target, 'package.json');
    writeFileSync(file, JSON.stringify(asMember(JSON.parse(readFileSync(file, 'utf8'))), null, 2));
  }
  rmSync(archives, { recursive: true });
}

/** As users have it, but for versions of each other: these would change the lockfile with every release. */
function asMember({ devDependencies: _, scripts: __, dependencies = {}, ...manifest }) {
  const names = Object.entries(dependencies).map(([name, version]) => [
    name,
    name.startsWith('@holdfast/') ? 'workspace:*' : version,
  ]);
  return { ...manifest, dependencies: Object.fromEntries(names) };
}
