// The floors of server and client: imports go down only, those of types too. ARCHITECTURE.md says what is on which.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';

/**
 * Floors from below: what is on one may use what is beside it. Files of the root that are not named have one
 * floor, the `ground`: one thing each, such as the clock. `exceptions` name something further up all the same.
 */
const houses = [
  {
    source: 'packages/server/src',
    ground: 1,
    floors: [
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
    ],
    exceptions: [
      {
        from: /^(runs|rights|session)\//,
        to: /^core\.ts$/,
        why: 'core.ts has interfaces only, made of what these floors export; a run works with the whole',
      },
    ],
  },
  {
    source: 'packages/client/src',
    ground: 0,
    floors: [
      [],
      ['contract'],
      ['faults.ts', 'connection', 'http'],
      ['session'],
      ['outbox'],
      ['commands'],
      ['transport'],
      ['sync'],
      ['react', 'vue', 'svelte', 'index.ts'],
    ],
    exceptions: [],
  },
];

let broken = 0;
for (const house of houses)
  for (const file of globSync(`${house.source}/**/*.ts`)) check(house, file);
process.exitCode = broken === 0 ? 0 : 1;

function check(house, file) {
  const from = relative(house.source, file).replaceAll(sep, '/');
  const text = readFileSync(file, 'utf8');
  if (from.includes('/') && floorOf(house, from) < 0) {
    console.error(`${file} is on no floor; name its folder in scripts/check-floors.mjs`);
    broken += 1;
  }
  for (const found of text.matchAll(/\bfrom '(\.[^']+)'/g)) {
    const to = normalize(join(dirname(from), found[1])).replaceAll(sep, '/');
    if (floorOf(house, to) <= floorOf(house, from)) continue;
    if (house.exceptions.some((each) => each.from.test(from) && each.to.test(to))) continue;
    const line = text.slice(0, found.index).split('\n').length;
    console.error(
      `${file}:${line} imports ${to}, which stands above it: move what both need down, or have it given to it.`,
    );
    broken += 1;
  }
}

function floorOf({ floors, ground }, path) {
  const name = path.split('/')[0];
  const at = floors.findIndex((names) => names.includes(name));
  return path.includes('/') || at >= 0 ? at : ground;
}
