// The limits that Biome measures: lines of files and functions, parameters, circles. biome.json has the
// figures; there they are only told of, so that what has an exception is none of an editor's errors.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { complaints } from './exceptions.mjs';

const rules = {
  'style/noExcessiveLinesPerFile': 'file',
  'complexity/noExcessiveLinesPerFunction': 'function',
  'complexity/useMaxParams': 'parameters',
  'suspicious/noImportCycles': 'circle',
};

/** All that is beyond the limits, with one finding for each rule, file and place. */
function measured() {
  const { status, stdout, stderr } = spawnSync(
    'biome',
    [
      'lint',
      ...Object.keys(rules).map((rule) => `--only=${rule}`),
      ...['--diagnostic-level=info', '--max-diagnostics=none', '--reporter=rdjson', '.'],
    ],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  if (status !== 0) throw new Error(`unable to measure; biome ended with ${status}: ${stderr}`);
  return JSON.parse(stdout).diagnostics.map(({ code, location: { path, range }, message }) => ({
    border: rules[code.value.replace('lint/', '')],
    file: path,
    line: range.start.line,
    column: range.start.column,
    says: message.split('. ')[0].replace(/\.$/, ''),
  }));
}

/** A `describe` is a list of tests, not a function that has to be understood as a whole. */
function isList({ border, file, line, column }) {
  if (border !== 'function' || !/\.test\.tsx?$/.test(file)) return false;
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, line);
  const before = [...lines.slice(0, -1), lines.at(-1).slice(0, column - 1)].join('\n');
  const from = Math.max(...[...before.matchAll(/^ *describe\b/gm)].map(({ index }) => index));
  // Nothing but its table and its title stands between its name and its body.
  return from >= 0 && !/;|=> \{\n/.test(before.slice(from));
}

const checked = Object.values(rules);
const suppressed = spawnSync('git', [
  ...['grep', '-nE', `biome-ignore[a-z-]* lint/(${Object.keys(rules).join('|')})`],
]).stdout.toString();

const wrong = [
  ...complaints(
    measured().filter((finding) => !isList(finding)),
    checked,
  ),
  ...suppressed
    .split('\n')
    .filter(Boolean)
    .map((line) => `${line}: exceptions of limits stand in scripts/exceptions.mjs`),
];
for (const words of wrong) console.error(words);
process.exitCode = wrong.length === 0 ? 0 : 1;
