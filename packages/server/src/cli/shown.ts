import type { StoredEntry } from '@holdfast/log';
import { type Chunk, type Entry, isRecord, type Message } from '@holdfast/protocol';
import { factsOf, readBody } from './entries.ts';
import { safe, safeLine } from './terminal.ts';

/** A value of a chunk that is no words is shown up to here. */
const shownCharacters = 500;

/**
 * Makes of entries what a terminal shows of them: words as they come, all else in a line of its own. Keeps whether
 * the cursor stands behind words.
 */
export function createShown(): (entry: StoredEntry) => string {
  /** The run and the part whose words stand in front of the cursor. */
  let at = '';
  const line = (text: string): string => {
    const broken = at === '' ? '' : '\n';
    at = '';
    return `${broken}${text}\n`;
  };
  const words = (where: string, text: string): string => {
    const broken = at === '' || at === where ? '' : '\n';
    at = where;
    return broken + safe(text);
  };
  const chunk = (run: string, each: Chunk): string => {
    const { type, id, delta } = each;
    if (typeof delta === 'string') return words(`${run} ${type} ${String(id)}`, delta);
    return /^(text|reasoning)-(start|end)$|^(start|finish)(-step)?$/.test(type)
      ? ''
      : line(`· ${safeLine(type)} ${valuesOf(each)}`);
  };
  return (stored) => {
    const read = readBody(stored.body);
    if (read.kind !== 'entry') return line(`─ ${stored.id} ${read.kind}`);
    const { entry } = read;
    if (entry.k === 'chunks') return entry.c.map((each) => chunk(entry.run, each)).join('');
    return line(`─ ${safeLine(headingOf(entry, stored))}${saidIn(entry)}`);
  };
}

function headingOf(entry: Entry, stored: StoredEntry): string {
  const told = Object.entries(factsOf(stored)).map(([name, value]) => `${name} ${value}`);
  const by = 'by' in entry && entry.by ? [`by ${entry.by.role} ${entry.by.id}`] : [];
  return [stored.id, entry.k, ...told, ...by].join(' ');
}

function saidIn(entry: Entry): string {
  switch (entry.k) {
    case 'message':
    case 'steer':
      return textOf(entry.message);
    case 'queue':
      return entry.add?.messages.map(textOf).join('') ?? '';
    case 'answer':
      return entry.chunks.map((each) => `\n  ${safeLine(each.type)} ${valuesOf(each)}`).join('');
    default:
      return '';
  }
}

const textOf = ({ parts }: Message): string =>
  parts
    .map((part) => {
      if (isRecord(part) && typeof part.text === 'string') return `\n${safe(part.text)}`;
      return `\n  ${short(JSON.stringify(part) ?? '')}`;
    })
    .join('');

/** What a chunk says besides its kind. */
const valuesOf = ({ type: _, ...values }: Chunk): string => short(JSON.stringify(values));

const short = (text: string): string =>
  safeLine(text.length <= shownCharacters ? text : `${text.slice(0, shownCharacters)}…`);
