import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { chartOf } from '../src/report/chart.ts';
import { published } from '../src/report/files.ts';
import { gateOf, ratiosOf, strayRows } from '../src/report/gate.ts';
import { type Numbers, withNumbers } from '../src/report/publish.ts';
import { withMedians } from '../src/report/readme.ts';
import { Samples, toReport } from '../src/report/rows.ts';

const marks = ['<!-- numbers: made by `npm run bench -- --publish` -->', '<!-- /numbers -->'];

function numbersOf(samples: Samples): Numbers {
  const machine = {
    processor: 'Some processor',
    processors: 2,
    memoryGiB: 24,
    system: 'Linux 6',
    node: 'v24.0.0',
    redis: '7.0.15',
    busy: 0.02,
  };
  const budgets = [
    { side: 'holdfast-redis', text: 'p50', value: 3, limit: '≤ 1 ms', met: false },
  ] as const;
  return { machine, rounds: 5, rows: toReport(samples), budgets };
}

function latencies(): Samples {
  const samples = new Samples();
  samples.add('latency-p50', 'sse', 1, 2, 9);
  samples.add('latency-p50', 'holdfast-redis', 3);
  return samples;
}

test('a page keeps its words around the numbers, and has each number once', () => {
  const page = `# Before\n\n${marks[0]}\nold ones\n${marks[1]}\n\n## Behind\n`;
  const once = withNumbers(page, numbersOf(latencies()));
  expect(once).toMatch(/^# Before\n\n<!-- numbers/);
  expect(once).toMatch(/<!-- \/numbers -->\n\n## Behind\n$/);
  expect(once).not.toContain('old ones');
  expect(once).toContain('Some processor, 2 processors');
  expect(once).toContain('Rounds: 5.');
  expect(once).toContain('| 2.00<br><sub>1.00 … 9.00</sub> | 3.00<br><sub>3.00 … 3.00</sub> |');
  expect(once).toContain('| holdfast-redis: p50 | 3.00 | ≤ 1 ms | **missed** |');
  expect(once).toContain('benchmarks/latency-p50-dark.svg');
  // What was not measured is not shown.
  expect(once).not.toContain('ttfc');
  expect(withNumbers(once, numbersOf(latencies()))).toBe(once);
});

test('a page without its marks is refused, and says which', () => {
  const numbers = numbersOf(latencies());
  expect(() => withNumbers('# Nothing', numbers)).toThrow(marks[0]);
  expect(() => withNumbers(`${marks[1]}\n${marks[0]}`, numbers)).toThrow('docs/benchmarks.md');
});

test('the README has the medians of the rows that it names, and keeps its words', () => {
  const { rows } = numbersOf(latencies());
  const text =
    '| median | SSE |\n| --- | ---: |\n| half: `latency-p50` | 9.00 ms | – | 9.00 ms | – |\nwords\n';
  const once = withMedians(text, rows);
  expect(once).toBe(text.replace('| 9.00 ms | – | 9.00 ms | – |', '| 2.00 ms | – | 3.00 ms | – |'));
  expect(withMedians(once, rows)).toBe(once);
  expect(() => withMedians('# Nothing', rows)).toThrow('no line of README.md');
  expect(() => withMedians(text.replace('latency-p50', 'gone'), rows)).toThrow('"gone"');
});

test('the README and the page say what was published: to publish it again changes nothing', async () => {
  const read = (path: string): Promise<string> => readFile(new URL(path, published), 'utf8');
  const numbers = JSON.parse(await read('numbers.json')) as Numbers;
  const page = await read('../benchmarks.md');
  const readme = await read('../../README.md');
  expect(withNumbers(page, numbers)).toBe(page);
  expect(withMedians(readme, numbers.rows)).toBe(readme);
  expect(readme.match(/\| (–|[\d.,]+ (ms|µs)) (?=\|)/g)).toHaveLength(12);
});

test('a chart has a bar for each side that was measured, as long as its value', () => {
  const [row] = toReport(latencies()).filter(({ id }) => id === 'latency-p50');
  if (!row) throw new Error('there is no such row');
  const svg = chartOf(row, 'How late', 2, 'dark');
  expect(svg.match(/<rect /g)).toHaveLength(2);
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );
  expect((widths[1] ?? 0) / (widths[0] ?? 1)).toBeCloseTo(1.5, 1);
  expect(svg).toContain('aria-label="How late"');
  expect(svg).not.toContain('logarithmic');
});

test('a chart of values that lie far apart is logarithmic, and says so', () => {
  const samples = new Samples();
  samples.add('resume-100k-ms', 'resumable-stream', 900);
  samples.add('resume-100k-ms', 'holdfast-redis', 9);
  const row = toReport(samples).find(({ id }) => id === 'resume-100k-ms');
  if (!row) throw new Error('there is no such row');
  const svg = chartOf(row, 'Whole', 1, 'light');
  expect(svg).toContain('logarithmic');
  const widths = [...svg.matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) =>
    Number(width),
  );
  expect(Math.min(...widths)).toBeGreaterThan(20);
});

/** CPU of three repetitions, beside an SSE that always costs 10. */
function costs(...values: readonly number[]): Samples {
  const samples = new Samples();
  samples.add('cpu-per-chunk', 'sse', ...values.map(() => 10));
  samples.add('cpu-per-chunk', 'holdfast-redis', ...values);
  return samples;
}

const name = 'cpu-per-chunk: holdfast-redis / sse';

test('a gate lets through what lies within the noise of the run, and nothing beyond it', () => {
  const holds = (...values: readonly number[]): boolean | undefined =>
    gateOf(costs(...values), { [name]: 2 })[0]?.holds;
  expect(holds(20, 20, 20)).toBe(true);
  expect(holds(15, 15, 15)).toBe(true);
  // Two quiet runs differ by so much.
  expect(holds(24, 24, 24)).toBe(true);
  expect(holds(26, 26, 26)).toBe(false);
  // A run that wavers as widely proves nothing.
  expect(holds(26, 34, 40)).toBe(true);
  expect(holds(40, 45, 50)).toBe(false);
});

test('a gate names what is committed and not measured, and the other way round', () => {
  const verdicts = gateOf(costs(20), {});
  expect(verdicts).toEqual([{ name, ratio: 2, committed: null, noise: 0.25, holds: true }]);
  expect(strayRows(verdicts, {})).toEqual([name]);
  expect(strayRows(verdicts, { [name]: 2 })).toEqual([]);
  expect(strayRows(verdicts, { [name]: 2, gone: 1 })).toEqual(['gone']);
  expect(ratiosOf(verdicts)).toEqual({ [name]: 2 });
});

/** One repetition of a row of a gate, with what it is divided by. */
function counts(...values: readonly Parameters<Samples['add']>[]): Samples {
  const samples = new Samples();
  for (const value of values) samples.add(...value);
  return samples;
}

test('a gate knows bytes more exactly, and lets a slow storm look more often, but not for each session', () => {
  const bytes = (resumed: number) =>
    gateOf(
      counts(
        ['resume-100k-bytes', 'holdfast-redis', resumed],
        ['final-text-100k-bytes', 'holdfast-redis', 100],
      ),
      { 'holdfast-redis: resume-100k-bytes / final-text-100k-bytes': 1 },
    )[0]?.holds;
  expect([bytes(105), bytes(106)]).toEqual([true, false]);
  const storm = (reads: number) =>
    gateOf(counts(['storm-reads', 'holdfast-redis', reads]), {
      'holdfast-redis: storm-reads': 5,
    })[0]?.holds;
  expect([storm(5), storm(34), storm(200)]).toEqual([true, true, false]);
});
