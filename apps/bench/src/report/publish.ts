import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { Machine } from '../machine.ts';
import { type Side, sides } from '../sides.ts';
import type { Budget } from './budgets.ts';
import { chartOf, themes } from './chart.ts';
import { published } from './files.ts';
import { withMedians } from './readme.ts';
import { decimalsOf, type ReportRow, type RowId } from './rows.ts';
import { shown } from './shown.ts';

export interface Numbers {
  readonly machine: Machine;
  readonly rounds: number;
  readonly rows: readonly ReportRow[];
  readonly budgets: readonly Budget[];
}

/** What is drawn, and the question that it answers. */
const charts: { readonly [Id in RowId]?: string } = {
  'latency-p50': 'From the agent to the page, half of all chunks',
  'latency-p99': 'From the agent to the page, 99 of 100 chunks',
  'cpu-per-chunk': 'Processor time for a chunk, server and Redis',
  saturated: 'Chunks per second when agents write as fast as they are let',
  'resume-100k-ms': 'A page that is opened after 100,000 chunks has the whole text',
  'fanout-1000-p50': 'From one agent to 1,000 sockets, half of all frames',
  'idle-memory': 'Memory of a connection that waits',
};

const page = new URL('../benchmarks.md', published);
const readme = new URL('../../README.md', published);
const marks = [
  '<!-- numbers: made by `npm run bench -- --publish` -->',
  '<!-- /numbers -->',
] as const;

/** Writes the numbers, a chart of each row that is drawn, and their parts of docs/benchmarks.md and of the README. */
export async function publish(numbers: Numbers): Promise<void> {
  await mkdir(published, { recursive: true });
  const json = `${JSON.stringify(numbers, null, 2)}\n`;
  await writeFile(new URL('numbers.json', published), json);
  for (const row of numbers.rows) {
    const title = charts[row.id];
    if (title === undefined || !isMeasured(row)) continue;
    for (const theme of themes) {
      const chart = chartOf(row, title, decimalsOf(row.id), theme);
      await writeFile(new URL(`${row.id}-${theme}.svg`, published), chart);
    }
  }
  await writeFile(page, withNumbers(await readFile(page, 'utf8'), numbers));
  await writeFile(readme, withMedians(await readFile(readme, 'utf8'), numbers.rows));
}

const isMeasured = ({ sides: medians }: ReportRow): boolean =>
  Object.values(medians).some((value) => value !== null);

/** The page with these numbers between its marks. Throws where they are gone. */
export function withNumbers(text: string, numbers: Numbers): string {
  const [begin, end] = marks;
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from === -1 || to < from)
    throw new Error(
      `unable to publish: docs/benchmarks.md lacks "${begin}" and "${end}" behind it`,
    );
  return `${text.slice(0, from + begin.length)}\n\n${partOf(numbers)}\n\n${text.slice(to)}`;
}

function partOf({ machine, rounds, rows: report, budgets }: Numbers): string {
  const { processor, processors, memoryGiB, system, node, redis, busy } = machine;
  const where = `${processor}, ${processors} processors, ${memoryGiB} GiB, ${system}; Node ${node}, Redis ${redis}; ${Math.round(busy * 100)} % busy before it began. Rounds: ${rounds}.`;
  const measured = report.filter(isMeasured);
  const pictures = measured
    .filter(({ id }) => charts[id] !== undefined)
    .map(({ id }) => pictureOf(id, charts[id] ?? ''));
  return [where, ...pictures, tableOf(measured), promisesOf(budgets)].join('\n\n');
}

const pictureOf = (id: RowId, title: string): string => `<picture>
<source media="(prefers-color-scheme: dark)" srcset="benchmarks/${id}-dark.svg">
<img alt="${title}" src="benchmarks/${id}-light.svg">
</picture>`;

function tableOf(report: readonly ReportRow[]): string {
  // A report of an older version lacks the sides that have come since.
  const able = sides.filter((side) => report.some((row) => typeof row.sides[side] === 'number'));
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const cell = ({ id, sides: medians, spread }: ReportRow, side: Side): string => {
    const [value, range] = [medians[side], spread[side]];
    if (value === null || range === null) return '–';
    const decimals = decimalsOf(id);
    return `${shown(value, decimals)}<br><sub>${range.map((end) => shown(end, decimals)).join(' … ')}</sub>`;
  };
  return [
    line(['row', ...able]),
    line(['---', ...able.map(() => '---:')]),
    ...report.map((row) =>
      line([`\`${row.id}\`, ${row.unit}`, ...able.map((side) => cell(row, side))]),
    ),
  ].join('\n');
}

const promisesOf = (budgets: readonly Budget[]): string =>
  [
    '| promise | measured | limit | |',
    '| --- | ---: | ---: | --- |',
    ...budgets.map(
      ({ side, text, value, limit, met }) =>
        `| ${side}: ${text} | ${shown(value, 2)} | ${limit} | ${met ? 'met' : '**missed**'} |`,
    ),
  ].join('\n');
