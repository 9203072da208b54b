// The limits: lines of files, and what Biome measures, lines of functions, parameters, circles. biome.json has
// its figures; there they are only told of, so that what has an exception is none of an editor's errors.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { complaints } from './exceptions.mjs';

const rules = {
  'complexity/noExcessiveLinesPerFunction': 'function',
  'complexity/useMaxParams': 'parameters',
  'suspicious/noImportCycles': 'circle',
};

/** Biome's rule for files takes a comment of any length for one line. */
const mostLines = 300;

function longFiles() {
  const listed = spawnSync('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const files = listed.stdout.toString().split('\n');
  return files
    .filter((file) => /\.(tsx?|[cm]?jsx?|css)$/.test(file) && existsSync(file))
    .map((file) => ({ file, lines: readFileSync(file, 'utf8').trimEnd().split('\n').length }))
    .filter(({ lines }) => lines > mostLines)
    .map(({ file, lines }) => ({ border: 'file', file, line: 1, says: `has ${lines} lines` }));
}

/** All that is beyond Biome's limits, with one finding for each rule, file and place. */
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

const checked = ['file', ...Object.values(rules)];
const suppressed = spawnSync('git', [
  ...['grep', '-nE', `biome-ignore[a-z-]* lint/(${Object.keys(rules).join('|')})`],
]).stdout.toString();

const wrong = [
  ...complaints([...longFiles(), ...measured().filter((finding) => !isList(finding))], checked),
  ...suppressed
    .split('\n')
    .filter(Boolean)
    .map((line) => `${line}: exceptions of limits stand in scripts/exceptions.mjs`),
];
for (const words of wrong) console.error(words);
process.exitCode = wrong.length === 0 ? 0 : 1;
