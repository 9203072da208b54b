type Members = Record<string, unknown>;

/** Told of an object in which references may stand, and given what takes its place in the list that it is in. */
export type Visit = (found: Members, replace: (other: object) => void) => void;

/** Members of frames, pages and answers in which messages and chunks are found. */
const holders = new Set(
  ['d', 'items', 'message', 'messages', 'segments'].concat(['queue', 'add', 'runs', 'steers']),
);
/** Members whose parts or chunks have references as their members, and nothing below that. */
const lists = new Set(['parts', 'chunks', 'c', 'answers']);

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null;

/**
 * Visits the parts and chunks in what came, and nothing that they or their messages say: of a tool's output, or of what
 * somebody wrote into the metadata of a message, no word is taken for ours.
 */
export function visitPlaces(came: unknown, visit: Visit): void {
  if (!isObject(came)) return;
  for (const [name, value] of Object.entries(came)) {
    if (!isObject(value)) continue;
    if (lists.has(name) && Array.isArray(value))
      for (const [at, each] of (value as unknown[]).entries()) {
        if (isObject(each))
          visit(each, (other) => {
            value[at] = other;
          });
      }
    else if (holders.has(name))
      for (const each of Array.isArray(value) ? (value as unknown[]) : [value])
        visitPlaces(each, visit);
  }
}
