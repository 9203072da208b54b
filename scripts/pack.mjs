// The archives of the packages, as a registry would have them.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writePages } from './docs/packed-pages.mjs';
import { run } from './process.mjs';
import { withProgress } from './progress.mjs';
import { root } from './root.mjs';

/** What applications install, each behind what it needs. */
const libraries = ['protocol', 'log', 'server', 'client'].map((name) => `@holdfast/${name}`);

/** All that are published: what makes an app of them is the last. */
export const published = [...libraries, 'create-holdfast'];

const folderOf = (name) => join(root, 'packages', name.replace('@holdfast/', ''));

/** @param {string} name of a package */
export const versionOf = (name) =>
  JSON.parse(readFileSync(join(folderOf(name), 'package.json'), 'utf8')).version;

/**
 * Packs packages, which have to be built, into a folder.
 *
 * @param {string} folder
 * @param {string[]} names
 * @returns {Record<string, string>} the archives by the package's name, as absolute paths
 */
export function packInto(folder, names = libraries) {
  mkdirSync(folder, { recursive: true });
  return Object.fromEntries(
    names.map((name) => {
      const source = folderOf(name);
      if (!existsSync(join(source, 'dist')))
        throw new Error(`unable to pack ${name}: it is not built; run \`npm run pack\``);
      if (name === '@holdfast/server') writePages(join(source, 'docs'));
      const target = join(folder, `${name.replace('@', '').replace('/', '-')}.tgz`);
      execFileSync('pnpm', ['pack', '--out', target], { cwd: source, stdio: 'pipe' });
      return [name, target];
    }),
  );
}

/** Resolves to the exit code. */
export function buildPackages() {
  const build = () =>
    run('turbo', ['run', 'build', '--output-logs=errors-only', '--filter=./packages/*'], {
      cwd: root,
      output: 'onFailure',
    });
  return withProgress('Building the packages', build);
}

/** `npm run pack`: builds, packs, and says how an application installs that. */
export async function pack() {
  const failed = await buildPackages();
  if (failed) return failed;
  const folder = join(root, 'packed');
  rmSync(folder, { recursive: true, force: true });
  const archives = Object.values(packInto(folder));
  const [creator] = Object.values(packInto(folder, ['create-holdfast']));
  console.log(`\nIn the folder of your application:\n\n  npm install ${archives.join(' ')}\n`);
  console.log(
    `Or a new application, where you like:\n\n  npx --yes --package=${creator} create-holdfast my-chat --archives ${folder}\n`,
  );
  return 0;
}
