// Puts the packed packages on the registry: `npm run release`, by the workflow of that name.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildPackages, packInto, published, versionOf } from './pack.mjs';
import { run } from './process.mjs';
import { root } from './root.mjs';

/**
 * Those that the registry does not have at their version, in their order: what is begun may be begun again.
 *
 * @template {{ name: string, version: string }} ARCHIVE
 * @param {ARCHIVE[]} archives
 * @param {(id: string) => Promise<boolean>} isPublished
 * @returns {Promise<ARCHIVE[]>}
 */
export async function toPublish(archives, isPublished) {
  const are = await Promise.all(
    archives.map(({ name, version }) => isPublished(`${name}@${version}`)),
  );
  return archives.filter((_, at) => !are[at]);
}

/** Nothing is printed for a version that is not there; a registry that cannot be asked is an error. */
async function isOnRegistry(id) {
  try {
    return (
      execFileSync('npm', ['view', id, 'version'], { encoding: 'utf8', stdio: 'pipe' }).trim() !==
      ''
    );
  } catch (error) {
    if (/E404/.test(String(error.stderr))) return false;
    throw error;
  }
}

/**
 * Builds, packs and publishes, with a statement of which commit and which workflow made the archives. What is on the
 * registry already stays as it is. `--dry-run` does all but the last step.
 *
 * @param {string[]} args
 */
export async function release(args) {
  const failed = await buildPackages();
  if (failed) return failed;
  const folder = join(root, 'packed');
  rmSync(folder, { recursive: true, force: true });
  const files = packInto(folder, published);
  const archives = published.map((name) => ({ name, version: versionOf(name), file: files[name] }));
  const isDry = args.includes('--dry-run');
  // What is not signed by the workflow cannot be stated.
  const options = isDry ? ['--dry-run'] : ['--provenance'];
  for (const { name, version, file } of await toPublish(archives, isOnRegistry)) {
    console.log(`\n▸ ${name}@${version}`);
    const code = await run('npm', ['publish', file, '--access', 'public', ...options], {
      cwd: root,
    });
    if (code) return code;
  }
  return 0;
}
