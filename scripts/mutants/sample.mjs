// Which mutants of a module are tried: the same for the same seed, and mostly the same after an edit.
import { createHash } from 'node:crypto';
import { globSync } from 'node:fs';
import { root } from '../root.mjs';
import { equivalents } from './equivalents.mjs';
import { mutantsOfLua } from './lua-operators.mjs';
import { linesOf, textOf } from './mutant.mjs';
import { mutantsOfTypeScript } from './operators.mjs';

/** @typedef {import('./mutant.mjs').Mutant & ReturnType<typeof linesOf>} Candidate */

/**
 * All mutants of a module. Those that change a line into the same other line are one.
 *
 * @returns {Candidate[]}
 */
export function candidatesOf({ files }) {
  const found = globSync(files, { cwd: root });
  return found.sort().flatMap((file) => {
    const text = textOf(file);
    const mutants = (file.endsWith('.lua') ? mutantsOfLua : mutantsOfTypeScript)(file, text);
    const byLine = new Map();
    for (const mutant of mutants) {
      const lines = linesOf(mutant, text);
      byLine.set(`${lines.number} ${lines.after}`, { ...mutant, ...lines });
    }
    return [...byLine.values()];
  });
}

/**
 * Drawn by a digest of what each one says and not by its place, so that an edit of one source does not
 * draw other mutants of all others.
 *
 * @param {Candidate[]} candidates
 */
export function sampleOf(candidates, seed, count) {
  const drawn = candidates.map((mutant) => {
    const { file, before, after } = mutant;
    const key = [seed, file, before, after].join('\0');
    return { mutant, by: createHash('sha256').update(key).digest('hex') };
  });
  drawn.sort((a, b) => (a.by < b.by ? -1 : 1));
  return drawn.slice(0, count).map(({ mutant }) => mutant);
}

/** The reason why no test can tell this mutant from the source; undefined when one should. */
export const reasonOf = ({ file, before, after }) =>
  equivalents.find((each) => each.file === file && each.before === before && each.after === after)
    ?.reason;
