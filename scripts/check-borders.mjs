// The borders that Biome cannot express: which sources may import a module for its types only, and
// which not at all.
import { globSync, readFileSync } from 'node:fs';

const client = 'packages/client/src/**/*.{ts,tsx}';
/** The entries for chats that are kept in step: an app that imports one has the AI SDK already. */
const synced = /^packages\/client\/src\/(sync|react|vue|svelte)\//;

const borders = [
  {
    files: client,
    except: synced,
    modules: /^ai(\/|$)/,
    why: 'the client is handed to a `useChat` that the app already has; a copy of the AI SDK in our bundle would cost more than the whole client',
  },
  {
    files: client,
    modules: /^@ai-sdk\//,
    why: 'a chat is known by its shape, so that whatever version of a binding the app has will do',
  },
  {
    files: client,
    except: synced,
    modules: /^\.\.?\/(?:.*\/)?(sync|react|vue|svelte)\//,
    why: 'an app that only wants the transport would carry the rest along',
  },
];

const statement = /^\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s*)?['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;

let broken = 0;
for (const { files, except, modules, why } of borders) {
  for (const file of globSync(files)) {
    if (/\.test\.tsx?$/.test(file) || except?.test(file.replaceAll('\\', '/'))) continue;
    const source = readFileSync(file, 'utf8');
    for (const found of [...source.matchAll(statement), ...source.matchAll(dynamic)]) {
      if (!modules.test(found[1] ?? '')) continue;
      const line = source.slice(0, found.index).split('\n').length;
      console.error(
        `${file}:${line} imports '${found[1]}' at run time; use \`import type\`: ${why}.`,
      );
      broken += 1;
    }
  }
}
process.exitCode = broken === 0 ? 0 : 1;
