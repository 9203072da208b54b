import { type Side, sides } from '../sides.ts';
import type { Budget } from './budgets.ts';
import { type ReportRow, rows } from './rows.ts';

const number = (value: number, decimals: number): string =>
  value.toLocaleString('en-US', {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });

function aligned(lines: readonly (readonly string[])[]): string {
  const widths = (lines[0] ?? []).map((_, at) =>
    Math.max(...lines.map((line) => line[at]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The medians, and below each the smallest and the largest value where they differ. */
export function tableOf(report: readonly ReportRow[], shown: readonly Side[] = sides): string {
  const lines: string[][] = [['', ...shown]];
  for (const { id, unit, sides: medians, spread } of report) {
    const decimals = rows.find((row) => row.id === id)?.decimals ?? 2;
    const cells = shown.map((side) => {
      const value = medians[side];
      return value === null ? '–' : number(value, decimals);
    });
    const spreads = shown.map((side) => {
      const [low, high] = spread[side] ?? [0, 0];
      return low === high ? '' : `${number(low, decimals)} … ${number(high, decimals)}`;
    });
    lines.push([`${id} (${unit})`, ...cells]);
    if (spreads.some((text) => text !== '')) lines.push(['', ...spreads]);
  }
  return aligned(lines);
}

export const budgetsTable = (budgets: readonly Budget[]): string =>
  aligned(
    budgets.map(({ side, text, value, limit, met }) => [
      `${met ? '✔ met   ' : '✘ missed'}  ${side}: ${text}`,
      number(value, 2),
      limit,
    ]),
  );
