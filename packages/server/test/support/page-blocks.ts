import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';

/** What the imports of a block resolve to, by specifier. */
export type Modules = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The TypeScript blocks of a section of a page, without the line that names their file. */
export async function blocksOf(page: string, heading: string): Promise<readonly string[]> {
  const text = await readFile(new URL(`../../../../docs/${page}`, import.meta.url), 'utf8');
  const section = text.split(/^## /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page} has no section ${heading}`);
  return [...section.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
}

/** Executes a block as a module; resolves with its exports. An import of something else than `modules` rejects. */
export async function executed(
  block: string,
  modules: Modules,
): Promise<Readonly<Record<string, unknown>>> {
  const names = [...block.matchAll(/^export (?:async function|function|const) (\w+)/gm)];
  const code = stripTypeScriptTypes(block)
    .replace(/^import (\{[^}]*\}) from '([^']+)';/gm, "const $1 = imported('$2');")
    .replace(/^export /gm, '');
  const imported = (from: string) => {
    const found = modules[from];
    if (!found) throw new Error(`the page imports ${from}, which the test does not have`);
    return found;
  };
  const body = `${code}\nreturn { ${names.map(([, name]) => name).join(', ')} };`;
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  return await new AsyncFunction('imported', body)(imported);
}
