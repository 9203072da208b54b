import type { Entry } from '@holdfast/protocol';

const head = '{"k":"';

/**
 * The kind of an entry, from the first bytes of its body, which servers begin with it: most readers need no more
 * of most entries, and chunks are the bulk of a log. Null for a body that begins otherwise, of which nothing is
 * known before it is parsed.
 */
export function kindOf(body: string): Entry['k'] | null {
  if (!body.startsWith(head)) return null;
  const end = body.indexOf('"', head.length);
  return end < 0 ? null : (body.slice(head.length, end) as Entry['k']);
}

const bulk = `${head}chunks","run":"`;

/** True when it has the chunks of a run, as servers write them. */
export const hasChunks = (body: string): boolean => body.startsWith(bulk);
