// One small fault in one source, and how a test run gets it: vitest.config.ts puts it in on the way.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

/**
 * @typedef {object} Mutant
 * @property {string} file
 * @property {number} start of the code that it replaces
 * @property {number} end
 * @property {string} code that stands there instead
 * @property {string} operator which made it
 */

/** The name of the variable that tells vitest.config.ts which mutant to run, as JSON. */
export const variable = 'HOLDFAST_MUTANT';

export const textOf = (file) => readFileSync(join(root, file), 'utf8');

/** The source with the fault in it. */
export function mutated({ file, start, end, code }) {
  const text = textOf(file);
  return text.slice(0, start) + code + text.slice(end);
}

/** The lines that it changes, before and after, in one line each: what lists and reports name it by. */
export function linesOf({ start, end, code }, text) {
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const to = text.indexOf('\n', end);
  const until = to === -1 ? text.length : to;
  return {
    number: text.slice(0, start).split('\n').length,
    before: inOneLine(text.slice(from, until)),
    after: inOneLine(text.slice(from, start) + code + text.slice(end, until)),
  };
}

const inOneLine = (text) => text.trim().replaceAll(/\s+/g, ' ');
