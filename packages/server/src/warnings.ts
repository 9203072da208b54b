/** On `globalThis`, because copies of this module do not see each other's variables. */
const toldKey = Symbol.for('holdfast.server.told.1');

/** So many warnings of one kind are told, where what they are about comes from outside. */
const most = 8;

function told(): Map<string, Set<string>> {
  const holder = globalThis as { [toldKey]?: Map<string, Set<string>> };
  holder[toldKey] ??= new Map();
  return holder[toldKey];
}

/** A mistake in how a server is set up; `about` tells two of one kind apart. */
export interface Warning {
  /** Such as `HOLDFAST_ORIGIN`: what `process.on('warning')` is given. */
  readonly code: `HOLDFAST_${string}`;
  readonly about?: string;
  /** The mistake, and its cure. */
  readonly words: string;
}

/** Warns once in a process, as Node warns: on the console, unless the process decides otherwise. */
export function warnOnce({ code, about = '', words }: Warning): void {
  const kinds = told();
  const known = kinds.get(code) ?? new Set();
  kinds.set(code, known);
  if (known.has(about) || known.size >= most) return;
  known.add(about);
  process.emitWarning(words, { code });
}
