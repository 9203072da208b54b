// The floors of server and client: imports go down only, those of types too. ARCHITECTURE.md says what is on which.
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { complaints } from './exceptions.mjs';

/**
 * Floors from below: what is on one may use what is beside it. Files of the root that are not named have one
 * floor, the `ground`: one thing each, such as the clock.
 */
const houses = [
  {
    source: 'packages/server/src',
    ground: 1,
    floors: [
      ['contract'],
      ['edge', 'files', 'remote', 'telemetry'],
      ['session', 'rights'],
      ['runs'],
      ['core.ts'],
      ['commands'],
      ['upkeep'],
      ['workers', 'engines', 'writers'],
      ['compose.ts', 'http', 'gateway'],
      ['attach-newest.ts', 'close.ts', 'membership.ts', 'process-wide.ts', 'close-on-signals.ts'],
      ['session-handle.ts', 'holdfast.ts', 'health.ts', 'view-of.ts'],
      ['next', 'node', 'bullmq', 'testing', 'cli', 'index.ts'],
    ],
  },
  {
    source: 'packages/client/src',
    ground: 0,
    floors: [
      [],
      ['contract'],
      ['faults.ts', 'connection', 'files', 'http'],
      ['session'],
      ['outbox'],
      ['commands'],
      ['transport'],
      ['sync'],
      ['ai', 'react', 'vue', 'svelte', 'native', 'devtools', 'index.ts'],
    ],
  },
];

const homeless = [];
const findings = [];
for (const house of houses)
  for (const file of globSync(`${house.source}/**/*.{ts,tsx}`)) check(house, file);
const wrong = [...homeless, ...complaints(findings, ['floor'])];
for (const words of wrong) console.error(words);
process.exitCode = wrong.length === 0 ? 0 : 1;

function check(house, file) {
  const from = relative(house.source, file).replaceAll(sep, '/');
  const text = readFileSync(file, 'utf8');
  if (from.includes('/') && floorOf(house, from) < 0)
    homeless.push(`${file} is on no floor; name its folder in scripts/check-floors.mjs`);
  for (const found of text.matchAll(/\bfrom '(\.[^']+)'/g)) {
    const to = normalize(join(dirname(from), found[1])).replaceAll(sep, '/');
    if (floorOf(house, to) <= floorOf(house, from)) continue;
    findings.push({
      border: 'floor',
      file: file.replaceAll(sep, '/'),
      line: text.slice(0, found.index).split('\n').length,
      says: `imports ${to}, which stands above it; move what both need down, or have it given to it`,
    });
  }
}

function floorOf({ floors, ground }, path) {
  const name = path.split('/')[0];
  const at = floors.findIndex((names) => names.includes(name));
  return path.includes('/') || at >= 0 ? at : ground;
}
