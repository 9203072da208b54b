import type { Delivery } from '../contract/deliveries.ts';

const entryPattern = /^([^ ]+) (\d+-\d+) (\d+-\d+)(?: |$)/;

/** The beginning of a signal's message; an epoch is longer. */
export const signalPrefix = 'signal ';

/**
 * Reads what is published: `epoch prev id [body]`, `deleted`, `gap` or `signal …`; null when it is none of
 * them.
 */
export function parseMessage(text: string): Delivery | null {
  if (text === 'deleted' || text === 'gap') return { kind: text };
  if (text.startsWith(signalPrefix))
    return { kind: 'signal', text: text.slice(signalPrefix.length) };
  const match = entryPattern.exec(text);
  if (!match) return null;
  const [start, epoch = '', prev = '', id = ''] = match;
  const body = start.endsWith(' ') ? text.slice(start.length) : null;
  return { kind: 'entry', epoch, prev, id, body };
}
