// `node --import packages/testkit/src/sources.ts`: the sources of the workspace in place of its
// builds, so that a test that starts processes needs no build, as no other test does.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const packages = new URL('../../', import.meta.url);

function sourceOf(specifier: string): URL | null {
  const [, name, subpath] = /^@holdfast\/(\w+)(?:\/(\w+))?$/.exec(specifier) ?? [];
  if (name === undefined) return null;
  const url = new URL(`${name}/src/${subpath ? `${subpath}/` : ''}index.ts`, packages);
  return existsSync(url) ? url : null;
}

registerHooks({
  resolve: (specifier, context, next) => {
    const url = sourceOf(specifier);
    return url ? { url: url.href, shortCircuit: true } : next(specifier, context);
  },
  load: (url, context, next) => {
    if (!url.endsWith('.lua')) return next(url, context);
    const source = `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))};`;
    return { format: 'module', source, shortCircuit: true };
  },
});
