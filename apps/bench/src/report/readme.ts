import type { Side } from '../sides.ts';
import { decimalsOf, type ReportRow } from './rows.ts';
import { shown } from './shown.ts';

/** The columns of the README's table behind its first. */
const columns: readonly Side[] = ['sse', 'resumable-stream', 'holdfast-redis', 'holdfast-memory'];

/** A line of that table; it names its row, in code, at the end of its first cell. */
const line = /^(\| [^|]*`([\w-]+)` \|) [\d–][^\n]*$/gm;

/** The README with the medians of the rows that it names. Throws where it names none, or one that was not reported. */
export function withMedians(text: string, report: readonly ReportRow[]): string {
  if (text.match(line) === null)
    throw new Error('unable to publish: no line of README.md names a row of the benchmark');
  return text.replaceAll(line, (_, first: string, id: string) => {
    const row = report.find((each) => each.id === id);
    if (row === undefined)
      throw new Error(
        `unable to publish: README.md names "${id}", which is no row of the benchmark`,
      );
    return `${first} ${columns.map((side) => cellOf(row, side)).join(' | ')} |`;
  });
}

const cellOf = ({ id, unit, sides }: ReportRow, side: Side): string =>
  sides[side] === null ? '–' : `${shown(sides[side], decimalsOf(id))} ${unit}`;
