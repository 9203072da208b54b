import { type Side, sides } from '../sides.ts';
import type { Budget } from './budgets.ts';
import type { Verdict } from './gate.ts';
import { type ReportRow, rows } from './rows.ts';
import { shown } from './shown.ts';

/** Text to the left in the first column, numbers to the right in the others. */
function aligned(lines: readonly (readonly string[])[]): string[] {
  const columns = Math.max(0, ...lines.map((line) => line.length));
  const widths = Array.from({ length: columns }, (_, at) =>
    Math.max(...lines.map((line) => line[at]?.length ?? 0)),
  );
  return lines.map((line) =>
    line
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

/** Of each row the medians of the sides that can do it, with their smallest and largest values. */
export function tableOf(report: readonly ReportRow[], some: readonly Side[] = sides): string {
  const lines = report.flatMap((row) => linesOf(row, some));
  const [heads, cells] = [lines.map(({ head }) => head), aligned(lines.map((line) => line.cells))];
  return lines.map((_, at) => heads[at] ?? cells[at] ?? '').join('\n');
}

interface Line {
  /** A line of its own; otherwise the cells are the line. */
  readonly head?: string;
  readonly cells: readonly string[];
}

function linesOf({ id, unit, sides: medians, spread }: ReportRow, some: readonly Side[]): Line[] {
  const decimals = rows.find((row) => row.id === id)?.decimals ?? 2;
  const measured = some.flatMap((side) => {
    const [value, range] = [medians[side], spread[side]];
    if (value === null || range === null) return [];
    const [low, high] = range;
    const wide = low === high ? '' : `${shown(low, decimals)} … ${shown(high, decimals)}`;
    return { cells: [`  ${side}`, shown(value, decimals), wide] };
  });
  return measured.length === 0 ? [] : [{ head: `${id} (${unit})`, cells: [] }, ...measured];
}

export const budgetsTable = (budgets: readonly Budget[]): string =>
  aligned(
    budgets.map(({ side, text, value, limit, met }) => [
      `${met ? '✔ met   ' : '✘ missed'}  ${side}: ${text}`,
      shown(value, 2),
      limit,
    ]),
  ).join('\n');

export const gateTable = (verdicts: readonly Verdict[]): string =>
  aligned(
    verdicts.map(({ name, ratio, committed, noise, holds }) => [
      `${holds ? '✔ holds' : '✘ lost '}  ${name}`,
      shown(ratio, 3),
      committed === null ? 'new' : `of ${shown(committed, 3)}`,
      `± ${Math.round(noise * 100)} %`,
    ]),
  ).join('\n');
