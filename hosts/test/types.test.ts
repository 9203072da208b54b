// The declarations of the packages, as a consumer's compiler reads them.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Application, application } from '../harness/application.ts';
import { filesOf } from '../harness/files.ts';
import { lines, react18 } from '../versions.ts';

const compilers = {
  'TypeScript 5.9': 'node node_modules/typescript5/bin/tsc',
  'TypeScript 7': 'node node_modules/typescript/bin/tsc',
};

/** Pairs of `module` and `moduleResolution`. */
const resolutions = { bundler: 'esnext', node16: 'node16' };

describe.each(['the newest ai 6', 'the newest ai 7'] as const)('with %s', (line) => {
  let app: Application;
  beforeAll(async () => {
    const both = ['server.ts', 'client.tsx'];
    app = await application(
      {
        ...filesOf('typed'),
        'bundler.json': project('bundler', both, ['node']),
        'node16.json': project('node16', both, ['node']),
        'page.json': project('bundler', ['client.tsx'], []),
      },
      lines[line],
    );
  });

  // The older compiler takes three times as long, and reads the same declarations of ours.
  const used = Object.entries(compilers).filter(
    ([name]) => name === 'TypeScript 7' || line === 'the newest ai 7',
  );
  describe.each(used)('%s', (_, compiler) => {
    test.each(Object.keys(resolutions))('finds no error by the resolution "%s"', async (name) => {
      expect(await errors(app, `${compiler} -p ${name}.json`)).toEqual([]);
    });
  });

  test('a page needs no types of Node', async () => {
    const compiler = compilers['TypeScript 7'];
    expect(await errors(app, `${compiler} -p page.json`)).toEqual([]);
  });

  test('a mistake of the consumer is found', async () => {
    app.write({
      'mistake.ts': `import { holdfast } from './server.ts';\nholdfast.attach('nowhere');\n`,
      'mistake.json': project('bundler', ['mistake.ts'], ['node']),
    });
    const found = await errors(app, `${compilers['TypeScript 7']} -p mistake.json`);
    expect(found).toEqual([expect.stringMatching(/^mistake\.ts\(2,17\): error TS2345/)]);
  });
});

test('a page with React 18 and its types finds no error, and is rendered', async () => {
  const app = await application(
    { ...filesOf('typed'), 'page.json': project('bundler', ['client.tsx'], []) },
    react18,
  );
  expect(await errors(app, `${compilers['TypeScript 7']} -p page.json`)).toEqual([]);
  expect(await app.succeed('node rendered.mjs')).toMatch(
    /^18\.\d+\.\d+ <output>ready idle<\/output>$/m,
  );
});

function project(
  resolution: keyof typeof resolutions,
  files: readonly string[],
  types: readonly string[],
): string {
  return JSON.stringify({
    files,
    compilerOptions: {
      target: 'ES2024',
      lib: ['ES2024', 'DOM', 'DOM.Iterable', 'DOM.AsyncIterable'],
      module: resolutions[resolution],
      moduleResolution: resolution,
      types,
      jsx: 'react-jsx',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
      allowImportingTsExtensions: true,
      noEmit: true,
    },
  });
}

/** What a compiler says of the consumer and of the packages: others' declarations are others'. */
async function errors(app: Application, command: string): Promise<string[]> {
  const { code, output } = await app.run(`${command} --pretty false`);
  const all = output.split('\n').filter((line) => /\berror TS\d+/.test(line));
  // A compiler that did not get to check anything has no errors either.
  expect(code === 0 || all.length > 0, output).toBe(true);
  return all.filter((line) => !/^(\.\.\/)*node_modules\/(?!@holdfast\/)/.test(line));
}
