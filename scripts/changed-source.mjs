// Tells vitest.config.ts which source to change on its way to a test: without a guard, or as a mutant.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { guards, variable as guardVariable, withoutGuard } from './guards.mjs';
import { variable as mutantVariable, mutated } from './mutants/mutant.mjs';

const path = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));

function wanted() {
  const mutant = process.env[mutantVariable];
  const guard = guards[Number(process.env[guardVariable] ?? Number.NaN)];
  if (mutant) return { change: mutated, of: JSON.parse(mutant) };
  return guard ? { change: withoutGuard, of: guard } : null;
}

const change = wanted();

/** Null for every module but the one that is to be changed. */
export const changedSource = (id) =>
  change && id === path(change.of.file) ? change.change(change.of) : null;

/** The module's source, which is what its file says unless it is the one that is to be changed. */
export const sourceOf = (id) => changedSource(id) ?? readFileSync(id, 'utf8');
