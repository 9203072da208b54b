const place = '--- @include shared.lua\n';

/** The names that a block of Lua defines. */
const definedBy = (block: string): readonly string[] =>
  [...block.matchAll(/^local (?:function )?(\w+)/gm)].map(([, name = '']) => name);

const comments = /^--\[\[[\s\S]*?^\]\]|--.*$/gm;

const wordsOf = (lua: string): ReadonlySet<string> =>
  new Set(lua.replaceAll(comments, '').match(/\w+/g));

/**
 * The script with what it uses of the shared functions, and what these use, in their order: Redis makes all the
 * functions of a script anew at each call of it. Blocks of the shared text are parted by empty lines, and use only
 * what stands before them.
 */
export function including(script: string, shared: string): string {
  const words = new Set(wordsOf(script));
  const used: string[] = [];
  for (const block of shared
    .trim()
    .split(/\n{2,}/)
    .reverse()) {
    if (!definedBy(block).some((name) => words.has(name))) continue;
    used.unshift(block);
    for (const word of wordsOf(block)) words.add(word);
  }
  return script.replace(place, () => `${used.join('\n\n')}\n`);
}
