import type { Delivery } from '../session-log.ts';

const entryPattern = /^([^ ]+) (\d+-\d+) (\d+-\d+)(?: |$)/;

/** Reads what the scripts publish: `epoch prev id [body]`, or `deleted`; null when it is neither. */
export function parseMessage(text: string): Delivery | null {
  if (text === 'deleted') return { kind: 'deleted' };
  const match = entryPattern.exec(text);
  if (!match) return null;
  const [start, epoch = '', prev = '', id = ''] = match;
  const body = start.endsWith(' ') ? text.slice(start.length) : null;
  return { kind: 'entry', epoch, prev, id, body };
}
