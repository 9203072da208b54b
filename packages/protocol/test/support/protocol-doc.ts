import { readFileSync } from 'node:fs';

/** The root of the repository. */
export const root: URL = new URL('../../../../', import.meta.url);

const doc = readFileSync(new URL('PROTOCOL.md', root), 'utf8');

/** The text of a numbered section. */
export function section(number: number): string {
  const start = doc.indexOf(`\n## ${number} `);
  if (start < 0) throw new Error(`PROTOCOL.md has no section ${number}`);
  const end = doc.indexOf('\n## ', start + 1);
  return doc.slice(start, end < 0 ? undefined : end);
}

/** The rows of the first table of a section, without its head; cells keep their backquotes. */
export function tableOf(number: number): string[][] {
  const lines = section(number).split('\n');
  const head = lines.findIndex((line) => line.startsWith('| '));
  const rows: string[][] = [];
  for (const line of lines.slice(head + 2)) {
    if (!line.startsWith('|')) break;
    rows.push(
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  }
  return rows;
}

/** Every word in backquotes. */
export const quotedIn = (cell: string | undefined): string[] =>
  [...(cell ?? '').matchAll(/`([^`]+)`/g)].map(([, word]) => word as string);

export const unquoted = (cell: string | undefined): string => (cell ?? '').replaceAll('`', '');

/** The tag of every requirement, as its own line defines it. */
export const definedTags = (): string[] =>
  [...doc.matchAll(/^- `(HF-[A-Z]+-\d+)`/gm)].map(([, tag]) => tag as string);
