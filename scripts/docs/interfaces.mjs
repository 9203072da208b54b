// What the interfaces of the sources declare, read as text: the compiler of TypeScript 7 has no API for scripts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../root.mjs';

/**
 * The members of an exported interface, without those that it extends.
 *
 * @param {string} file a source, from the root
 * @param {string} name
 * @returns {Map<string, { default: string | null }>} by name, each with what its comment says behind `@default`
 */
export function membersOf(file, name) {
  const body = bodyOf(readFileSync(join(root, file), 'utf8'), name);
  if (body === null) throw new Error(`unable to read ${name}: ${file} does not declare it`);
  const members = new Map();
  const member = /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*)?\n {2}(?:readonly )?(\w+)\??(?:[:(])/g;
  for (const [, comment, key] of body.matchAll(member))
    members.set(key, { default: defaultIn(comment) });
  return members;
}

/** From the brace that opens the interface to the one at the start of a line that closes it. */
function bodyOf(source, name) {
  const start = source.search(new RegExp(`^(?:export )?interface ${name}\\b`, 'm'));
  if (start === -1) return null;
  const open = source.indexOf('{\n', start) + 1;
  return source.slice(open, source.indexOf('\n}', open));
}

/** The text behind `@default`, over its lines, without the stars that begin them. */
function defaultIn(comment) {
  const text = /@default ([\s\S]*)$/.exec(comment ?? '')?.[1];
  return text?.replaceAll(/\s*\n\s*\*\s*/g, ' ').trim() ?? null;
}
