// What `npm test` and the other commands of the root do.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { checkGuards } from './check-guards.mjs';
import { recorded } from './counts.mjs';
import { installExamples } from './examples.mjs';
import { run } from './process.mjs';
import { buildSite } from './site.mjs';
import { ensureChromium, ensurePython, ensureRedis } from './system.mjs';
import { root } from './toolchain.mjs';
import { attempts, runVitest } from './vitest.mjs';

const inRoot = (command, ...args) => run(command, args, { cwd: root });
const turbo = (...args) =>
  inRoot(
    'turbo',
    'run',
    '--output-logs=errors-only',
    '--continue=dependencies-successful',
    ...args,
  );
const packages = '--filter=./packages/*';
const browserTests = 'apps/demo/e2e';
const build = { name: 'build', run: () => turbo('build', packages) };
const found = async (program) => {
  console.log(await program);
  return 0;
};

const redis = { name: 'redis', run: () => found(ensureRedis()) };
const python = { name: 'python', run: () => found(ensurePython()) };
const chromium = { name: 'chromium', run: () => found(ensureChromium()) };

/** Loads what it tests, most of the time, and waits for nothing. */
const guards = { name: 'guards', needs: ['redis'], beside: 'hosts', run: checkGuards };

/** @param {string[]} args `--fix` writes what can be mended */
export function lintSteps(args = []) {
  const fix = args.includes('--fix') ? ['--write'] : [];
  return [
    {
      name: 'lint',
      run: () =>
        inRoot('biome', 'check', '--error-on-warnings', '--diagnostic-level=warn', ...fix, '.'),
    },
    {
      name: 'borders',
      run: borders,
    },
  ];
}

/** All of them, so that one look shows all that is wrong. */
async function borders() {
  const checks = ['borders', 'floors', 'limits'].map((name) => `scripts/check-${name}.mjs`);
  let failed = 0;
  for (const check of checks) failed += await inRoot('node', check);
  return failed + (await inRoot('knip', '--no-progress', '--treat-config-hints-as-errors'));
}

/**
 * Every check of the project. `--only unit,lint` keeps the named steps; other arguments go to the
 * unit tests, or to those in a browser where they name their folder, and then only those run.
 *
 * @param {string[]} args
 */
export function testSteps(args) {
  const browser = args.some((arg) => arg.includes(browserTests));
  const { names, filters } = chosen(args, browser ? 'e2e' : 'unit');
  const steps = [
    ...lintSteps(),
    redis,
    python,
    build,
    { name: 'typecheck', run: () => turbo('typecheck') },
    { name: 'packages', needs: ['build'], run: () => turbo('check', packages) },
    { name: 'size', needs: ['build'], run: () => turbo('size', packages) },
    {
      name: 'unit',
      needs: ['redis', 'python'],
      // Only all of them together have a number.
      run: () =>
        runVitest(
          'unit',
          ['--project=!demo', ...filters],
          root,
          filters.length === 0 ? recorded('unit') : {},
        ),
    },
    guards,
    { name: 'speed', needs: ['redis', 'build'], run: compareSpeed },
    ...browserSteps(filters),
  ];
  return names.length === 0 ? steps : withNeeds(steps, names);
}

/**
 * Applications that install the packed packages, each with its own framework, bundler and versions, and the
 * programs of examples/. `--only examples` keeps a step; other arguments go to its vitest, or to that of hosts.
 *
 * @param {string[]} args
 */
export function hostsSteps(args = []) {
  const { names, filters } = chosen(args, 'hosts');
  const steps = [redis, chromium, build, ...outsideSteps(filters)];
  return names.length === 0 ? steps : withNeeds(steps, names);
}

/** Installs and single builds leave a processor idle by turns: what shares nothing with them runs meanwhile. */
const outsideSteps = (filters) => [
  { name: 'examples install', needs: ['build'], run: installExamples },
  { name: 'hosts', needs: ['build'], run: () => apart('hosts', filters) },
  {
    name: 'examples',
    needs: ['examples install', 'chromium'],
    beside: 'hosts',
    run: () => apart('examples', filters),
  },
  {
    name: 'workflow',
    needs: ['examples install', 'redis'],
    beside: 'hosts',
    // The SDK names workflows by their place under the folder in which it runs, and has a plugin of its own.
    run: () => runVitest('workflow', [], join(root, 'examples', 'workflow')),
  },
  { name: 'site', beside: 'hosts', run: buildSite },
];

/** Tests in a folder beside the workspace. Only all of them together have a number. */
const apart = (name, filters) =>
  runVitest(name, filters, join(root, name), filters.length === 0 ? recorded(name) : {});

/** Everything that must hold before a change lands. */
export const allSteps = () => [
  ...testSteps([]).filter((step) => step !== guards),
  ...outsideSteps([]),
  guards,
];

/** The demo in a real browser. There is nothing to run until it has tests. */
function browserSteps(filters) {
  const folder = join(root, browserTests);
  const tests = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
  if (!tests.some((file) => String(file).endsWith('.test.ts'))) return [];
  return [
    chromium,
    { name: 'demo build', needs: ['build'], run: () => turbo('build', '--filter=demo') },
    {
      name: 'e2e',
      needs: ['redis', 'chromium', 'demo build'],
      run: () => runVitest('e2e', ['--project=demo', ...filters]),
    },
  ];
}

/** What arguments choose: steps by name, and for the tests of the step that is meant. */
function chosen(args, meant) {
  const only = args.indexOf('--only');
  const names = only === -1 ? [] : (args[only + 1] ?? '').split(',');
  const filters = only === -1 ? args : args.filter((_, at) => at !== only && at !== only + 1);
  if (filters.length > 0 && names.length === 0) names.push(meant);
  return { names, filters };
}

function withNeeds(steps, names) {
  const wanted = new Set(names);
  for (const step of [...steps].reverse()) {
    if (wanted.has(step.name)) for (const need of step.needs ?? []) wanted.add(need);
  }
  return steps.filter((step) => wanted.has(step.name));
}

export const bench = (args) => builtForBench('bench', args);

/** Sessions, clients and gateways in real processes: `--help` tells how many of each. */
export const load = (args) => builtForBench('load', args);

/**
 * Compares what a processor and counts decide with the committed ratios. As with the tests, a loss counts in CI when
 * it is seen twice: on a machine that others share the first one may be theirs.
 */
async function compareSpeed() {
  for (let attempt = 1; ; attempt++) {
    const code = await script('bench', 'bench', ['--gate']);
    if (code === 0 || attempt === attempts) return code;
    console.log('Once more …');
  }
}

/** A newcomer's first hour, over packages as they would be published. */
export async function hour() {
  await Promise.all([ensureRedis(), ensureChromium()]);
  return (await turbo('build', packages)) || inRoot('node', 'scripts/hour/main.mjs');
}

async function builtForBench(name, args) {
  await ensureRedis();
  return (await turbo('build', '--filter=bench...')) || script('bench', name, args);
}

/** The API as its doc comments say it. Read late: the compiler comes with the dependencies. */
export const reference = async () => (await import('./docs/reference.mjs')).writeReference();

/** Changesets become the next version and its changelogs. */
export const nextVersion = () => inRoot('changeset', 'version');

/** What the packages export, where a change of it is seen. */
export const apiReports = async () => (await import('./docs/api-report.mjs')).writeApiReports();

/** Strangers at every door of a server: `--minutes` (10) and `--seed` (another one each time). */
export const fuzz = (args) =>
  inRoot(
    'node',
    '--import',
    './packages/testkit/src/sources.ts',
    'packages/server/test/fuzz/main.ts',
    ...args,
  );

/** Small faults in the sources that a test has to see; scripts/mutants/main.mjs says which options. */
export async function mutants(args) {
  await ensureRedis();
  return inRoot('node', 'scripts/mutants/main.mjs', ...args);
}

const script = (app, name, args) => inRoot('pnpm', '--filter', app, 'run', name, ...args);

/** Random schedules of faults: `--seeds` (20), `--seed` the first (another one each time), `--at-once` (2). */
export async function faults(args) {
  await ensureRedis();
  return await inRoot(
    'node',
    '--import',
    './packages/testkit/src/sources.ts',
    'packages/server/test/faults/main.ts',
    ...args,
  );
}
