import { describe, expect, test } from 'vitest';
import { closeCodes } from '../src/close-codes.ts';
import { decodeClientFrame, decodeServerFrame } from '../src/decode.ts';
import { errorCodes } from '../src/errors.ts';
import type { ServerFrame } from '../src/frames.ts';
import { clientLimits, defaultLimits } from '../src/limits.ts';
import { quotedIn, tableOf, unquoted } from './support/protocol-doc.ts';
import { clientVectors, serverVectors } from './support/vectors.ts';

type FrameOf<T extends ServerFrame['t']> = Extract<ServerFrame, { readonly t: T }>;

/** The types of server frames as values: the compiler sees to it that none is missing or made up. */
const serverMembers: {
  readonly [T in ServerFrame['t']]: { readonly [M in Exclude<keyof FrameOf<T>, 't'>]-?: true };
} = {
  welcome: {
    v: true,
    conn: true,
    heartbeatMs: true,
    framesPerSecond: true,
    framesBurst: true,
    subscriptions: true,
  },
  subbed: {
    r: true,
    s: true,
    epoch: true,
    top: true,
    mode: true,
    recovered: true,
    files: true,
  },
  reset: { s: true, why: true },
  snap: {
    s: true,
    epoch: true,
    through: true,
    items: true,
    runs: true,
    before: true,
    queue: true,
    operator: true,
    who: true,
    count: true,
    more: true,
  },
  entry: { s: true, p: true, i: true, d: true },
  live: { s: true, i: true },
  closed: { s: true, why: true },
  presence: { s: true, who: true, count: true },
  res: { r: true, ok: true, err: true },
  reauth: { inMs: true },
  drain: { spreadMs: true },
  ping: {},
  pong: {},
};

/** The types that a section's table has, with the names of their members in order. */
const membersOf = (number: number): [type: string, members: string[]][] =>
  tableOf(number).flatMap(([types, members]) =>
    quotedIn(types).map((type): [string, string[]] => [
      type,
      quotedIn(members)
        .map((name) => name.replace('?', ''))
        .sort(),
    ]),
  );

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

  test('about the limits that a client keeps', () => {
    expect(defaultLimits).toMatchObject(clientLimits);
  });

  test('about the units of limits', () => {
    for (const [name, , unit] of tableOf(14)) {
      expect(unquoted(name).endsWith('Ms'), name).toBe(unit?.startsWith('ms') === true);
      expect(unquoted(name).endsWith('Bytes'), name).toBe(unit?.startsWith('bytes') === true);
    }
  });

  test('about client frames and their members', () => {
    // Every member that any frame has, in a form that some frame takes.
    const all = Object.assign({}, ...clientVectors.valid) as Record<string, unknown>;
    const written = membersOf(5);
    const known = written.map(([type]) => {
      const fitting = clientVectors.valid.find(({ t }) => t === type);
      expect(fitting, `no valid vector of type ${type}`).toBeDefined();
      const members = Object.keys(all).filter((member) => {
        if (member === 't') return false;
        // A known member of the wrong form makes the frame bad; an unknown one is left out.
        const decoded = decodeClientFrame(JSON.stringify({ ...fitting, [member]: {} }));
        return decoded.kind === 'bad';
      });
      return [type, members.sort()];
    });
    expect(known).toEqual(written);
  });

  test('about server frames and their members', () => {
    const written = membersOf(6);
    const typed = Object.entries(serverMembers).map(([type, members]) => [
      type,
      Object.keys(members).sort(),
    ]);
    expect(typed.sort()).toEqual(written.sort());
    for (const [type] of written)
      expect(decodeServerFrame(`{"t":"${String(type)}","items":[],"d":{}}`)).toMatchObject({
        t: type,
      });
    for (const { t, ...frame } of serverVectors.valid)
      expect(serverMembers[t]).toMatchObject(
        Object.fromEntries(Object.keys(frame).map((member) => [member, true])),
      );
  });
});
