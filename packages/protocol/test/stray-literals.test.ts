import { expect, test } from 'vitest';
import { sources } from './support/sources.ts';

/** Comments may name a code; only code must take it from the table. */
const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');

test('no close code is written as a number outside the protocol package', () => {
  const strays = sources(['packages/*/src/**/*.{ts,tsx}', 'apps/*/{app,src,lib}/**/*.{ts,tsx}'])
    .filter(({ path }) => !path.startsWith('packages/protocol/'))
    .flatMap(({ path, text }) =>
      [...withoutComments(text).matchAll(/\b4_?[45]\d\d\b/g)].map(([code]) => `${path}: ${code}`),
    );
  expect(strays, 'take these from closeCodes of @holdfast/protocol').toEqual([]);
});
