import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { packInto } from '../../scripts/pack.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const prefix = 'holdfast-hosts-';

/** What all test files of one run share. */
export interface Shared {
  /** A temporary folder for everything that is written; it is removed after the run. */
  readonly folder: string;
  /** Where npm gets packages from, by its own configuration. */
  readonly registry: string;
  /** The packed packages by name, as absolute paths. */
  readonly tarballs: Readonly<Record<string, string>>;
  /** The packed program that makes an app of them, beside them. */
  readonly creator: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly shared: Shared;
  }
}

/** Packs the packages as they would be published. */
export default function setup(project: TestProject): () => Promise<void> {
  sweep();
  const folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
  const registry = execFileSync('npm', ['config', 'get', 'registry'], {
    cwd: root,
    encoding: 'utf8',
  }).trim();
  const tarballs = packInto(join(folder, 'packed'));
  const { 'create-holdfast': creator = '' } = packInto(join(folder, 'packed'), ['create-holdfast']);
  project.provide('shared', { folder, registry, tarballs, creator });
  // Not at once: it is many files, and vitest has its workers to end meanwhile.
  return () => rm(folder, { recursive: true, force: true });
}

/** Removes what a run left that was killed before it could. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(name.startsWith(prefix) && name.slice(prefix.length).split('-')[0]);
    if (pid > 0 && !isAlive(pid)) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
