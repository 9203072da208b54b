// `node --import packages/testkit/src/sources.ts`: the sources of the workspace in place of its
// builds, so that a test that starts processes needs no build, as no other test does. With `AI_SDK=6`
// it is the previous major of the AI SDK, as in vitest.config.ts.
import { existsSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const packages = new URL('../../', import.meta.url);

function sourceOf(specifier: string): URL | null {
  const [, name, subpath] = /^@holdfast\/(\w+)(?:\/(\w+))?$/.exec(specifier) ?? [];
  if (name === undefined) return null;
  const url = new URL(`${name}/src/${subpath ? `${subpath}/` : ''}index.ts`, packages);
  return existsSync(url) ? url : null;
}

const inWorkspace = (parent: string | undefined): boolean =>
  parent?.startsWith(packages.href) === true && !parent.includes('/node_modules/');

const aiSdk = (specifier: string, parent: string | undefined): string =>
  process.env.AI_SDK === '6' && /^ai(\/|$)/.test(specifier) && inWorkspace(parent)
    ? specifier.replace('ai', 'ai6')
    : specifier;

registerHooks({
  resolve: (specifier, context, next) => {
    const url = sourceOf(specifier);
    return url
      ? { url: url.href, shortCircuit: true }
      : next(aiSdk(specifier, context.parentURL), context);
  },
  load: (url, context, next) => {
    if (!url.endsWith('.lua')) return next(url, context);
    const source = `export default ${JSON.stringify(readFileSync(new URL(url), 'utf8'))};`;
    return { format: 'module', source, shortCircuit: true };
  },
});
