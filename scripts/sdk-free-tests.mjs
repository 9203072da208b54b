// Finds the tests that never load the AI SDK: run over each of its majors they would say the same twice.
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { parseSync } from 'vite';
import { root } from './root.mjs';

const isSdk = (name) => /^(ai|@ai-sdk\/.+)(\/|$)/.test(name);

/** What a module loads when it runs, and files that it names, such as those that it forks. */
function namesIn(file) {
  const text = readFileSync(file, 'utf8');
  const { module } = parseSync(file, text);
  const isType = ({ start, entries }) =>
    text.startsWith('import type', start) ||
    (entries.length > 0 && entries.every((entry) => entry.isType));
  return [
    ...module.staticImports.filter((each) => !isType(each)).map((each) => each.moduleRequest.value),
    ...module.staticExports
      .flatMap(({ entries }) => entries)
      .flatMap((entry) =>
        entry.isType || !entry.moduleRequest ? [] : [entry.moduleRequest.value],
      ),
    ...[...text.matchAll(/\bimport\(\s*(['"])(.+?)\1/g)].map(([, , name]) => name),
    ...[...text.matchAll(/(['"])(\.{1,2}\/[\w./-]+\.tsx?)\1/g)].map(([, , name]) => name),
  ];
}

/** The source that a name stands for, as vitest.config.ts resolves it; null for what is installed. */
function sourceOf(name, from) {
  const own = /^@holdfast\/(\w+)(?:\/(.+))?$/.exec(name);
  if (own) {
    const [, folder, part = ''] = own;
    const place = join(root, 'packages', folder, 'src', part);
    return [join(place, 'index.ts'), `${place}.ts`].find((file) => existsSync(file)) ?? null;
  }
  const file = join(dirname(from), name);
  return name.startsWith('.') && /\.tsx?$/.test(name) && existsSync(file) ? file : null;
}

const loads = new Map();

function namesReachedFrom(file, seen = new Set()) {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!loads.has(file)) loads.set(file, namesIn(file));
  for (const name of loads.get(file)) {
    const source = sourceOf(name, file);
    if (source) namesReachedFrom(source, seen);
    else seen.add(name);
  }
  return seen;
}

/** vitest evaluates its configuration, with all that it imports, once for each project. */
const memory = Symbol.for('holdfast.sdk-free-tests');
globalThis[memory] ??= new Map();
const found = globalThis[memory];

/**
 * @param {string} folder of a package
 * @returns {string[]} test files, from there
 */
export function sdkFreeTests(folder) {
  if (!found.has(folder)) found.set(folder, find(folder));
  return found.get(folder);
}

function find(folder) {
  const cwd = join(root, folder);
  return globSync('test/**/*.test.{ts,tsx}', { cwd })
    .sort()
    .filter((test) => {
      const file = join(cwd, test);
      const reached = namesReachedFrom(file);
      return ![...reached].some(isSdk) && !readFileSync(file, 'utf8').includes('AI_SDK');
    })
    .map((test) => relative(cwd, join(cwd, test)).replaceAll('\\', '/'));
}
