import { describe, expect, test } from 'vitest';
import { closeCodes } from '../src/close-codes.ts';
import { decodeClientFrame, decodeServerFrame } from '../src/decode.ts';
import { errorCodes } from '../src/errors.ts';
import { defaultLimits } from '../src/limits.ts';
import { quotedIn, tableOf, unquoted } from './support/protocol-doc.ts';
import { clientVectors, serverVectors } from './support/vectors.ts';

/** A value that the member never takes. */
const misfit = (member: string): unknown => (['d', 'ok', 'err'].includes(member) ? [] : {});

describe('the tables of PROTOCOL.md and the code say the same', () => {
  test('about close codes (HF-CLOSE-1)', () => {
    const written = tableOf(12).map(([code, name, verdict]) => ({
      code: Number(code),
      name,
      verdict,
    }));
    expect(Object.values(closeCodes)).toEqual(written);
  });

  test('about error codes (HF-ERR-1)', () => {
    const written = tableOf(13).map(([code, status, retry]) => [
      unquoted(code),
      { status: Number(status), retry },
    ]);
    expect(Object.entries(errorCodes)).toEqual(written);
  });

  test('about limits and their defaults', () => {
    const written = tableOf(14).map(([name, value]) => [unquoted(name), Number(value)]);
    expect(Object.entries(defaultLimits)).toEqual(written);
  });

  test('about the units of limits', () => {
    for (const [name, , unit] of tableOf(14)) {
      expect(unquoted(name).endsWith('Ms'), name).toBe(unit?.startsWith('ms') === true);
      expect(unquoted(name).endsWith('Bytes'), name).toBe(unit?.startsWith('bytes') === true);
    }
  });

  test.each([
    { side: 'client', number: 5, vectors: clientVectors.valid, decode: decodeClientFrame },
    { side: 'server', number: 6, vectors: serverVectors.valid, decode: decodeServerFrame },
  ] as const)('about $side frames and their members', ({ number, vectors, decode }) => {
    const written = tableOf(number).flatMap(([types, members]) =>
      quotedIn(types).map((type) => [type, quotedIn(members).map((name) => name.replace('?', ''))]),
    );
    // Every member that any frame has, in a form that some frame takes.
    const all = Object.assign({}, ...vectors) as Record<string, unknown>;
    const known = written.map(([type]) => {
      const fitting = vectors.find(({ t }) => t === type);
      expect(fitting, `no valid vector of type ${type}`).toBeDefined();
      const members = Object.keys(all).filter((member) => {
        if (member === 't') return false;
        // A known member of the wrong form makes the frame bad; an unknown one is left out.
        const decoded = decode(JSON.stringify({ ...fitting, [member]: misfit(member) }));
        return decoded.kind === 'bad';
      });
      return [type, members];
    });
    const sorted = (rows: readonly (readonly unknown[])[]): unknown =>
      rows.map(([type, members]) => [type, [...(members as string[])].sort()]);
    expect(sorted(known)).toEqual(sorted(written));
  });
});
