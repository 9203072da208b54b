import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

const libraries = ['protocol', 'log', 'server', 'client'] as const;

export interface TemplateOptions {
  /** The folder that is copied. */
  readonly template: URL;
  /** The version of the packages, which is that of this program. */
  readonly version: string;
  /** A folder with archives of the packages, in the place of what the registry has. */
  readonly archives: string | undefined;
  /** Where the app serves sockets in development. */
  readonly gatewayPort: number;
}

/** Writes the app into the folder, which is empty or not there. Throws where an archive is missing, before all else. */
export function writeApp(
  folder: string,
  { template, version, archives, gatewayPort }: TemplateOptions,
): void {
  const packages = archives === undefined ? ofRegistry(version) : ofArchives(archives);
  cpSync(template, folder, { recursive: true });
  // Under its own name npm would leave it out of the archive.
  renameSync(join(folder, 'gitignore'), join(folder, '.gitignore'));
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8'));
  const dependencies = { ...packages, ...manifest.dependencies };
  const named = { name: basename(folder), ...manifest, dependencies: sorted(dependencies) };
  writeFileSync(file, `${JSON.stringify(named, null, 2)}\n`);
  writeFileSync(join(folder, '.env.development'), environmentOf(gatewayPort));
}

const environmentOf = (
  port: number,
): string => `# Where sockets are served, and where the page finds them.
HOLDFAST_PORT=${port}
NEXT_PUBLIC_HOLDFAST_URL=http://localhost:${port}/holdfast
`;

const ofRegistry = (version: string): Record<string, string> => ({
  '@holdfast/client': `^${version}`,
  '@holdfast/server': `^${version}`,
});

/** All of them: what they need of each other is not on the registry either. */
function ofArchives(folder: string): Record<string, string> {
  const entries = libraries.map((name) => {
    const archive = resolve(folder, `holdfast-${name}.tgz`);
    if (!existsSync(archive)) throw new Error(`${archive} is missing: run \`npm run pack\` first`);
    return [`@holdfast/${name}`, `file:${archive}`];
  });
  return Object.fromEntries(entries);
}

const sorted = (dependencies: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
