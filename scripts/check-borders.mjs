// The one border that Biome cannot express: which sources may import a module for its types only.
import { globSync, readFileSync } from 'node:fs';

const borders = [
  {
    files: 'packages/client/src/**/*.{ts,tsx}',
    modules: /^(ai|@ai-sdk\/react)(\/|$)/,
    why: 'the client is handed to a `useChat` that the app already has; a copy of the AI SDK in our bundle would cost more than the whole client',
  },
];

const statement = /^\s*(?:import|export)\s+(?!type\b)(?:[^'";]*?\bfrom\s*)?['"]([^'"]+)['"]/gm;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]/g;

let broken = 0;
for (const { files, modules, why } of borders) {
  for (const file of globSync(files)) {
    if (/\.test\.tsx?$/.test(file)) continue;
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
