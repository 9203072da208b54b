import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { environment } from './environment.ts';
import { startGroup } from './group.ts';
import { within } from './within.ts';

/** Package names with exact versions; see ../versions.ts. */
export type Dependencies = Readonly<Record<string, string>>;

const installMs = 240_000;

/** What an application depends on: the packed packages, and what it asked for. */
export const withPacked = (dependencies: Dependencies): Dependencies => {
  const { tarballs } = inject('shared');
  const packed = Object.entries(tarballs).map(([name, path]) => [name, `file:${path}`]);
  return { ...Object.fromEntries(packed), ...dependencies };
};

/** A folder with these dependencies installed by npm; one for all who ask for the same. */
export async function installed(dependencies: Dependencies): Promise<string> {
  const { folder, registry } = inject('shared');
  const list = JSON.stringify(Object.entries(dependencies).sort());
  const key = createHash('sha256').update(list).digest('hex').slice(0, 12);
  const target = join(folder, 'installs', key);
  if (existsSync(join(target, 'node_modules'))) return target;

  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), JSON.stringify({ private: true, dependencies }));
  const others = Object.entries(dependencies).filter(([name]) => !name.startsWith('@holdfast/'));
  const names = others.map(([name, version]) => `${name}@${version}`).join(' ');
  console.log(`… installing ${names}`);
  const begun = performance.now();
  const command = 'npm install --prefer-offline --no-audit --no-fund';
  const group = startGroup(command, target, environment(target, { npm_config_registry: registry }));
  const code = await within(installMs, group.ended);
  await group.kill();
  if (code !== 0) {
    rmSync(target, { recursive: true, force: true });
    const reason = code === undefined ? `no end after ${installMs} ms` : `exit code ${code}`;
    throw new Error(`unable to install ${names}: ${reason}\n${group.output()}`);
  }
  console.log(`✓ installed in ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return target;
}
