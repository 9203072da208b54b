import fc from 'fast-check';

/**
 * Any UTF-16 text, lone surrogates too. Not `fc.string({ unit: 'binary' })`: the first use builds a
 * table of all code points, which takes seconds on a busy machine.
 */
export const anyText: fc.Arbitrary<string> = fc
  .array(fc.nat({ max: 0xffff }))
  .map((units) => String.fromCharCode(...units));
