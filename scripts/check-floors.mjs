// The floors of the server: imports go down only, those of types too. ARCHITECTURE.md says what is on which.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';

const source = 'packages/server/src';

/** The floor of all files of the root that have no place of their own: one thing each, such as the clock. */
const ground = 1;

/** From below: what is on one floor may use what is beside it. */
const floors = [
  ['contract'],
  ['edge'],
  ['session', 'rights'],
  ['runs'],
  ['core.ts'],
  ['commands'],
  ['upkeep'],
  ['workers', 'engines'],
  ['compose.ts', 'http', 'gateway'],
  ['attach-newest.ts', 'close.ts', 'membership.ts', 'process-wide.ts', 'close-on-signals.ts'],
  ['session-handle.ts', 'holdfast.ts', 'view-of.ts'],
  ['next', 'node', 'bullmq', 'index.ts'],
];

/** What names something further up all the same, and why. */
const exceptions = [
  {
    from: /^(runs|rights|session)\//,
    to: /^core\.ts$/,
    why: 'core.ts has interfaces only, made of what these floors export; a run works with the whole',
  },
];

const floorOf = (path) => {
  const name = path.split('/')[0];
  const at = floors.findIndex((names) => names.includes(name));
  return path.includes('/') || at >= 0 ? at : ground;
};

let broken = 0;
for (const file of globSync(`${source}/**/*.ts`)) {
  const from = relative(source, file).replaceAll(sep, '/');
  const text = readFileSync(file, 'utf8');
  if (from.includes('/') && floorOf(from) < 0) {
    console.error(`${file} is on no floor; name its folder in scripts/check-floors.mjs`);
    broken += 1;
  }
  for (const found of text.matchAll(/\bfrom '(\.[^']+)'/g)) {
    const to = normalize(join(dirname(from), found[1])).replaceAll(sep, '/');
    if (floorOf(to) <= floorOf(from)) continue;
    if (exceptions.some((each) => each.from.test(from) && each.to.test(to))) continue;
    const line = text.slice(0, found.index).split('\n').length;
    console.error(
      `${file}:${line} imports ${to}, which stands above it: move what both need down, or have it given to it.`,
    );
    broken += 1;
  }
}
process.exitCode = broken === 0 ? 0 : 1;
