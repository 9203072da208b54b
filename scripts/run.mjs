// The one entry of the root scripts. Needs nothing but Node 20 and npm; brings the rest itself.
//
//   npm test                     every check, then `N passed, N failed`
//   npm test -- --only unit      one step (lint, borders, build, typecheck, packages, size, unit, guards, speed, e2e)
//   npm test -- packages/log     the unit tests of one folder; of apps/demo/e2e, those in a browser
//   npm run test:hosts           applications with installs of their own: frameworks, bundlers, versions; examples
//   npm run test:all             both, with one closing line
//   npm run demo                 the chat app; `-- --lan` for your phone too
//   npm run pack                 archives of the packages, for an application to install
//   npm run release:version      makes the next version and its changelogs of the changesets
//   npm run release              publishes what the registry lacks; `-- --dry-run` does all but that
//   npm run examples:lock        the lockfile of examples/, after a change of a package.json there
//   npm run bench                the benchmark; `-- --quick` in a minute
//   npm run load                 many sessions, clients and gateways, and every word of them checked
//   npm run fuzz                 strangers at every door, for 10 minutes
//   npm run test:faults          random schedules of faults
//   npm run test:hour            a newcomer's first hour, by the documents: some minutes
//   npm run test:mutants         small faults in the sources, each of which a test has to see
//   npm run api                  what each entry point exports, in packages/*/api, which is committed
//   npm run site                 the site of docs/, in site/.vitepress/dist
//   npm run docs:reference       the API, as its doc comments say it, in docs/reference
//   npm run lint -- --fix        lint and format, and write what can be mended
import { demo } from './demo.mjs';
import { lockExamples } from './examples.mjs';
import { pack } from './pack.mjs';
import { release } from './publish.mjs';
import { buildSite } from './site.mjs';
import { runSteps, summary } from './steps.mjs';
import {
  allSteps,
  apiReports,
  bench,
  faults,
  fuzz,
  hostsSteps,
  hour,
  lintSteps,
  load,
  mutants,
  nextVersion,
  reference,
  testSteps,
} from './tasks.mjs';
import { prepareToolchain } from './toolchain.mjs';

/** Tasks of steps, which end with their closing line. */
const checks = {
  test: testSteps,
  'test:hosts': hostsSteps,
  'test:all': allSteps,
  lint: lintSteps,
};

const tasks = {
  pack,
  release,
  'release:version': nextVersion,
  demo,
  'examples:lock': lockExamples,
  bench,
  load,
  api: apiReports,
  'docs:reference': reference,
  site: buildSite,
  fuzz,
  'test:faults': faults,
  'test:hour': hour,
  'test:mutants': mutants,
};

async function report(steps) {
  const counts = await runSteps(steps);
  console.log(summary(counts));
  return counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

async function main([name = '', ...args]) {
  const steps = checks[name];
  const task = steps ? () => report(steps(args)) : tasks[name];
  if (!task)
    throw new Error(
      `Unknown task "${name}"; there are: ${Object.keys({ ...checks, ...tasks }).join(', ')}`,
    );
  try {
    await prepareToolchain();
    return await task(args);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (steps) console.log(summary({ passed: 0, failed: 1, skipped: 0 }));
    return 1;
  }
}

process.exitCode = await main(process.argv.slice(2));
