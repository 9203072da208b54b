// A release: what its workflows may do, and what readers find in the changelogs.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { published } from './pack.mjs';
import { toPublish } from './publish.mjs';
import { root } from './root.mjs';

const workflows = readdirSync(join(root, '.github/workflows'));
const workflow = (name) => readFileSync(join(root, '.github/workflows', name), 'utf8');

describe.each(workflows)('the workflow %s', (name) => {
  it('runs only actions whose commit it names, with their version beside it', () => {
    const used = workflow(name).match(/uses: .*/g) ?? [];
    expect(used.length).toBeGreaterThan(0);
    const foreign = used.filter((line) => !line.startsWith('uses: ./'));
    for (const line of foreign)
      expect(line).toMatch(/^uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('may only read where a job asks for no more', () => {
    expect(workflow(name)).toMatch(/^permissions:\n {2}contents: read$/m);
  });
});

it('what the release runs by npm is a script of the repository', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const asked = workflow('release.yml').match(/(?<=\bnpm run )[\w:]+/g);
  expect(asked).toEqual(['release:version', 'release']);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(asked));
});

it('a job of the release waits for jobs that are there, and for steps that say what it asks', () => {
  const text = workflow('release.yml');
  const jobs = text.match(/^ {2}\w+:$/gm).map((line) => line.trim().slice(0, -1));
  const needed = [...text.matchAll(/needs: \[?([\w, ]+)/g)].flatMap(([, names]) =>
    names.split(', '),
  );
  for (const name of needed) expect(jobs).toContain(name);
  for (const [, name] of text.matchAll(/needs\.plan\.outputs\.(\w+)/g)) {
    expect(text).toContain(`${name}: \${{ steps.plan.outputs.${name} }}`);
    expect(text).toMatch(new RegExp(`echo "${name}=.*>> "\\$GITHUB_OUTPUT"`));
  }
});

it('only the job that publishes can sign for npm, and it does so behind all tests', () => {
  const text = workflow('release.yml');
  const jobs = text.slice(text.indexOf('\njobs:')).split(/\n(?= {2}\w+:\n)/);
  const signing = jobs.filter((job) => job.includes('id-token: write'));
  expect(signing).toHaveLength(1);
  expect(signing[0]).toMatch(/^ {2}publish:\n/);
  expect(signing[0]).toMatch(/needs: \[plan, test\]/);
  expect(signing[0]).toMatch(/npm run release/);
  expect(workflow('ci.yml')).toMatch(/^ {2}workflow_call:$/m);
});

it('publishes what the registry lacks, what others need first', async () => {
  const has = new Set(['@holdfast/protocol@1.0.0']);
  const archives = published.map((name) => ({ name, version: '1.0.0', file: `${name}.tgz` }));
  const asked = await toPublish(archives, async (id) => has.has(id));
  expect(asked.map(({ name }) => name)).toEqual(published.slice(1));
});

/** Where versions are made of changesets: a copy of what that reads, with a history. */
function workspaceCopy() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-release-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = execFileSync(
    'git',
    ['ls-files', 'package.json', 'pnpm-*.yaml', '.changeset', '*/package.json', 'packages/*/*.md'],
    { cwd: root, encoding: 'utf8' },
  );
  for (const file of files
    .trim()
    .split('\n')
    .filter((each) => !each.startsWith('examples/')))
    cpSync(join(root, file), join(folder, file));
  const git = (...args) => execFileSync('git', ['-C', folder, ...args], { stdio: 'pipe' });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=test', '-c', 'user.email=test@test', 'commit', '--quiet', '-m', 'all');
  return folder;
}

const changesets = (folder) =>
  readdirSync(join(folder, '.changeset')).filter((file) => file.endsWith('.md'));

it('the changesets become one version of all packages, and changelogs that read as they were written', () => {
  const folder = workspaceCopy();
  const pending = changesets(folder).map((file) => {
    const [, packages, text] = readFileSync(join(folder, '.changeset', file), 'utf8').split(
      /^---$/m,
    );
    return { packages: packages.match(/[\w@/-]+(?=['"]?:)/g), text: text.trim() };
  });
  const cli = join(root, 'node_modules/@changesets/cli/bin.js');
  execFileSync(process.execPath, [cli, 'version'], { cwd: folder, stdio: 'pipe' });
  expect(changesets(folder)).toEqual([]);

  const read = (...path) => readFileSync(join(folder, 'packages', ...path), 'utf8');
  const folders = published.map((name) => name.replace('@holdfast/', ''));
  const versions = folders.map((name) => JSON.parse(read(name, 'package.json')).version);
  expect(new Set(versions).size).toBe(1);
  for (const [at, name] of folders.entries()) {
    const [head, newest] = read(name, 'CHANGELOG.md').split(/^## /m);
    expect(head.trim()).toBe(`# ${published[at]}`);
    expect(newest.split('\n')[0]).toBe(versions[at]);
    expect(newest).not.toMatch(/Updated dependencies|^- [0-9a-f]{7}: /m);
    for (const { packages, text } of pending)
      if (packages.includes(published[at])) expect(newest).toContain(text.split('\n')[0]);
  }
}, 60_000);
