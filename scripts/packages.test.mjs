// What each published package tells whoever finds it on a registry.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './root.mjs';

const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const manifest = (...path) => JSON.parse(read(...path, 'package.json'));
const published = ['protocol', 'log', 'server', 'client'];

it.each(published)('%s says what it is, where it comes from and where to complain', (name) => {
  const { description, keywords, repository, homepage, bugs, license } = manifest('packages', name);
  const { url } = manifest('.').repository;
  expect(repository).toEqual({ type: 'git', url, directory: `packages/${name}` });
  const page = url.replace(/^git\+|\.git$/g, '');
  expect(homepage).toBe(`${page}/tree/main/packages/${name}#readme`);
  expect(bugs).toBe(`${page}/issues`);
  expect(license).toBe('Apache-2.0');
  expect(description).toMatch(/Holdfast|AI SDK/);
  expect(keywords).toContain('ai-sdk');
});

it.each(published)(
  '%s is an ES module without side effects, and packs nothing but its build and its pages',
  (name) => {
    const { type, sideEffects, files, exports, engines } = manifest('packages', name);
    expect({ type, sideEffects, files }).toEqual({
      type: 'module',
      sideEffects: false,
      // Pages are written when it is packed.
      files: ['dist', ...(name === 'server' ? ['docs'] : []), 'CHANGELOG.md'],
    });
    for (const [path, target] of Object.entries(exports).filter(([each]) => !/json$/.test(each))) {
      const conditions = Object.keys(target);
      // Types first, and one way in for `import` and `require`, which Node has for both.
      expect([conditions[0], conditions.at(-1)], path).toEqual(['types', 'default']);
      for (const file of Object.values(target)) expect(file, path).toMatch(/^\.\/dist\//);
    }
    // What browsers load is for every Node that bundles for them.
    expect(engines).toEqual(['log', 'server'].includes(name) ? { node: '>=22' } : undefined);
  },
);

it.each(published)(
  '%s has a README that names it, and every path by which it is imported',
  (name) => {
    const readme = read('packages', name, 'README.md');
    expect(readme.split('\n')[0]).toBe(`# @holdfast/${name}`);
    const { exports } = manifest('packages', name);
    for (const path of Object.keys(exports)) {
      if (path.endsWith('.json')) continue;
      const short = path.slice(1);
      expect(
        readme.includes(`@holdfast/${name}${short}\``) || readme.includes(`\`${short}\``),
        path,
      ).toBe(true);
    }
  },
);

it.each(published)('%s links to pages that are there', (name) => {
  const page = manifest('.').repository.url.replace(/^git\+|\.git$/g, '');
  const links = [...read('packages', name, 'README.md').matchAll(/\]\((https:[^)#]+)/g)].map(
    ([, link]) => link,
  );
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) {
    expect(link.startsWith(page), link).toBe(true);
    const path = link.slice(page.length).replace(/^\/(blob|tree)\/main\//, '');
    expect(existsSync(join(root, path)), link).toBe(true);
  }
});

it('create-holdfast is a program that brings nothing, and needs the Node of the servers', () => {
  const program = manifest('packages', 'create-holdfast');
  const { repository, homepage, license, engines } = manifest('packages', 'server');
  const { files } = manifest('packages', 'log');
  const own = (text) => text.replace('packages/server', 'packages/create-holdfast');
  expect(program).toMatchObject({ license, files, engines, homepage: own(homepage) });
  expect(program.repository).toEqual({ ...repository, directory: 'packages/create-holdfast' });
  expect(program.bin).toEqual({ 'create-holdfast': './dist/cli.mjs' });
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies'])
    expect(program).not.toHaveProperty(kind);
  expect(read('packages', 'create-holdfast', 'README.md')).toMatch(/^# create-holdfast\n/);
});

it('all published packages have one version, and bring a changelog that names it', () => {
  const all = [...published, 'create-holdfast'];
  const versions = all.map((name) => manifest('packages', name).version);
  expect(new Set(versions).size).toBe(1);
  for (const name of all) {
    expect(manifest('packages', name).files).toContain('CHANGELOG.md');
    expect(read('packages', name, 'CHANGELOG.md')).toContain(`## ${versions[0]}\n`);
  }
});
