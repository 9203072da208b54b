// Where knip begins, in the step `borders`: files, exports and dependencies that nothing of this reaches
// are refused. What it cannot see is named in scripts/exceptions.mjs.
import { usedUnseen } from './scripts/exceptions.mjs';

const dependencies = (workspace) =>
  usedUnseen
    .filter((each) => each.workspace === workspace)
    .flatMap((each) => each.dependencies ?? []);

/** What a folder of the workspace begins with, beside what its package.json and tools name. */
const workspace = (name, entry, project) => ({
  [name]: { entry, project, ignoreDependencies: dependencies(name) },
});

const tests = 'test/**/*.test.{ts,tsx}';
const sources = ['{src,test}/**/*.{ts,tsx}'];

/** @type {import('knip').KnipConfig} */
export default {
  // An import of a package of the workspace means its sources, as in tests and type checks.
  paths: {
    '@holdfast/testkit/*': ['./packages/testkit/src/*.ts'],
    '@holdfast/*': ['./packages/*/src/index.ts'],
  },
  ignoreIssues: Object.fromEntries(
    usedUnseen.flatMap(({ exportsOf }) => (exportsOf ? [[exportsOf, ['exports']]] : [])),
  ),
  // A workspace of its own, whose dependencies only it installs.
  ignore: ['examples/**'],
  workspaces: {
    ...workspace(
      '.',
      [
        'scripts/{run,check-*}.mjs',
        'scripts/{hour,mutants}/main.mjs',
        'scripts/*.test.mjs',
        'hosts/{vitest.config,test/*.test,harness/{global-setup,setup,leash}}.ts',
      ],
      ['scripts/**/*.mjs', 'hosts/{harness,test}/**/*.ts', 'hosts/*.ts'],
    ),
    ...workspace('packages/*', [tests], sources),
    ...workspace('packages/client', [tests], ['{src,test}/**/*.{ts,tsx,js,vue,svelte}']),
    ...workspace(
      'packages/server',
      [tests, 'test/support/*-process.ts', 'test/{faults,fuzz}/main.ts'],
      sources,
    ),
    ...workspace('apps/bench', ['src/{load/main,servers/{main,agent}}.ts'], sources),
    ...workspace('apps/demo', ['e2e/support/screenshots.ts'], ['**/*.{ts,tsx,css}']),
  },
};
