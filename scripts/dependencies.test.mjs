// What users of the packages install with them, and that nobody can exchange it.
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const read = (...path) => readFileSync(join(root, ...path), 'utf8');
const manifest = (name) => JSON.parse(read('packages', name, 'package.json'));

/** Every one is a door for somebody else's code; docs/decisions/006-server-libraries.md says why these. */
const allowed = {
  protocol: [],
  log: ['@holdfast/protocol'],
  client: ['@holdfast/protocol'],
  server: ['@holdfast/log', '@holdfast/protocol', '@opentelemetry/api', 'ioredis', 'ws'],
};

it.each(Object.entries(allowed))('S19: %s brings nothing but what is allowed', (name, list) => {
  const { dependencies = {}, optionalDependencies = {} } = manifest(name);
  expect(Object.keys({ ...dependencies, ...optionalDependencies })).toEqual(list);
});

it.each(Object.keys(allowed))('S19: installing %s runs no script', (name) => {
  const { scripts = {} } = manifest(name);
  for (const hook of ['preinstall', 'install', 'postinstall', 'prepare'])
    expect(scripts).not.toHaveProperty(hook);
});

/** Each of these lets an application do as it likes, and asks for no more than its text. */
const licences = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** What a package brings, and what that brings, by name with the licence that each says it has. */
function broughtBy(folder, found = new Map()) {
  const own = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  for (const name of Object.keys({ ...own.dependencies, ...own.optionalDependencies })) {
    if (name.startsWith('@holdfast/') || found.has(name)) continue;
    const installed = installedFor(folder, name);
    const { license } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    found.set(name, license);
    broughtBy(installed, found);
  }
  return found;
}

/** Where Node finds it from there; its own exports may hide its package.json from `require`. */
function installedFor(folder, name) {
  for (let at = folder; at !== dirname(at); at = dirname(at)) {
    const candidate = join(at, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync(candidate);
  }
  throw new Error(`unable to read the licence of ${name}: it is not installed for ${folder}`);
}

it('all that an application installs with the packages has a licence that it may live with', () => {
  const folders = Object.keys(allowed).map((name) => join(root, 'packages', name));
  const found = Object.assign({}, ...folders.map((each) => Object.fromEntries(broughtBy(each))));
  expect(Object.keys(found)).toEqual(expect.arrayContaining(['ioredis', 'ws', 'denque']));
  const others = Object.entries(found).filter(([, licence]) => !licences.includes(licence));
  expect(others).toEqual([]);
});

const lockfiles = ['pnpm-lock.yaml', 'examples/pnpm-lock.yaml'];

it.each(lockfiles)(
  'S19: each package of %s has a digest, and none an address of its own',
  (file) => {
    const lock = read(file);
    const resolutions = lock.match(/^ {4}resolution: \{.*\}$/gm) ?? [];
    expect(resolutions.length).toBeGreaterThan(100);
    // The packed packages, which examples have from a folder.
    for (const resolution of resolutions.filter((each) => !each.includes('type: directory')))
      expect(resolution).toMatch(/^ {4}resolution: \{integrity: sha512-[A-Za-z0-9+/=]+\}$/);
    expect(lock).not.toMatch(/tarball:|git\+\w+:|https?:\/\//);
  },
);

it('a first install is light: what only examples and hosts need is in lockfiles of their own', () => {
  const lock = read('pnpm-lock.yaml');
  const packages = lock.slice(lock.indexOf('\npackages:'), lock.indexOf('\nsnapshots:'));
  const names = [...packages.matchAll(/^ {2}'?(@?[^@\s]+)@.*:$/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(100);
  expect(names.length).toBeLessThan(860);
  const heavy =
    /^(bun|deno|expo|fastify|hono|koa|nitro|nuxt|react-native|workflow|@sveltejs\/kit)$/;
  expect(names.filter((name) => heavy.test(name))).toEqual([]);
});

it('S19: what runs is pinned, in one place', () => {
  const catalog = read('pnpm-workspace.yaml').match(/^ {2}('[^']+'|[\w@/-]+): .*$/gm) ?? [];
  expect(catalog.length).toBeGreaterThan(20);
  const runs = catalog.filter((line) => !line.includes('@types/'));
  for (const line of runs.filter((each) => /: (npm:|[\^~>]|\d)/.test(each)))
    expect(line).toMatch(/: (npm:[\w@/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
});
