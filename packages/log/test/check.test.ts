// Where what is written begins to be too much, to the byte.
import { expect, it } from 'vitest';
import {
  checkCheckpoint,
  checkClaim,
  checkDigest,
  checkEntry,
  checkFile,
  checkIndex,
  checkItems,
  checkLease,
  checkName,
  checkPiece,
  checkSend,
  checkSignal,
  checkSource,
} from '../src/check.ts';
import { sendOf } from '../src/conformance/kit.ts';
import { infoBytes, maxPieces, mediaTypeBytes, nameBytes, signalBytes } from '../src/limits.ts';
import { sealedPrefix } from '../src/sealed-size.ts';

const entryBytes = 20;
/** So many bytes, two for each character but for an odd one. */
const text = (bytes: number) => 'ü'.repeat(bytes >> 1) + 'x'.repeat(bytes & 1);
/** What is sealed, of so many bytes: those of its nonce and tag come on top. */
const sealed = (bytes: number) =>
  `${sealedPrefix}key.${Buffer.alloc(bytes + 28).toString('base64url')}`;
const entry = (nonce: number, bytes = 1) => ({ nonce, body: text(bytes) });
const checkpoint = (more: object) => ({
  ...{ epoch: 'e', from: '0-0', through: '5-1', count: 3, changes: [], keep: 0, trim: null },
  ...more,
});
const at = (...places: readonly number[]) =>
  checkpoint({ changes: places.map((place) => ({ at: place, key: `k${place}`, body: '' })) });
const item = (key: string) => ({ key, body: '' });
const digest = 'd'.repeat(43);
const file = (more: object = {}) => ({
  ...{ digest, bytes: 1, mediaType: 'image/png', pieces: 1, ...more },
});
const run = (more: object) => {
  const send = sendOf('c', 'r', { entries: [entry(1)] });
  return { ...send, run: { ...send.run, stopped: entry(1), ...more } } as typeof send;
};

type Check = readonly [
  what: string,
  passes: readonly (() => void)[],
  fails: readonly (() => void)[],
];

const checks: readonly Check[] = [
  [
    'a nonce',
    [1, 2 ** 31 - 1].map((nonce) => () => checkEntry(entry(nonce), entryBytes)),
    [0, -1, 1.5, 2 ** 31].map((nonce) => () => checkEntry(entry(nonce), entryBytes)),
  ],
  [
    'an entry',
    [() => checkEntry(entry(1, 20), entryBytes), () => checkEntry(entry(1, 0), entryBytes)],
    [() => checkEntry(entry(1, 21), entryBytes)],
  ],
  [
    'a name',
    [1, nameBytes].map((bytes) => () => checkName('name', text(bytes))),
    [0, nameBytes + 1].map((bytes) => () => checkName('name', text(bytes))),
  ],
  [
    'a claim',
    [() => checkClaim({ name: 'n', holder: 'h', leaseMs: 1 })],
    [
      () => checkClaim({ name: '', holder: 'h', leaseMs: 1 }),
      () => checkClaim({ name: 'n', holder: '', leaseMs: 1 }),
      () => checkClaim({ name: 'n', holder: 'h', leaseMs: -1 }),
    ],
  ],
  [
    'a lease',
    [0, 1, Number.MAX_SAFE_INTEGER].map((ms) => () => checkLease(ms, 0)),
    [-1, 0.5, 2 ** 53, Number.NaN].map((ms) => () => checkLease(ms, 0)),
  ],
  [
    'a send',
    [
      () => checkSend({ command: 'c', entries: [] }, entryBytes),
      () => checkSend(run({ stopped: entry(1, 20) }), entryBytes),
      () => checkSend(run({ info: text(infoBytes), kept: text(20) }), entryBytes),
    ],
    [
      () => checkSend({ command: '', entries: [] }, entryBytes),
      () => checkSend({ command: 'c', entries: [entry(1), entry(1, 21)] }, entryBytes),
      () => checkSend({ ...run({}), entries: [] }, entryBytes),
      () => checkSend(run({ run: '' }), entryBytes),
      () => checkSend(run({ leaseMs: 0 }), entryBytes),
      () => checkSend(run({ stopped: entry(1, 21) }), entryBytes),
      () => checkSend(run({ info: text(infoBytes + 1) }), entryBytes),
      () => checkSend(run({ kept: text(21) }), entryBytes),
    ],
  ],
  [
    'a checkpoint',
    [
      () => checkCheckpoint(at(), entryBytes),
      () => checkCheckpoint(at(0), entryBytes),
      () => checkCheckpoint(at(0, 1, 2), entryBytes),
      () => checkCheckpoint(checkpoint({ trim: '5-7' }), entryBytes),
      () => checkCheckpoint(checkpoint({ state: text(80) }), entryBytes),
    ],
    [
      () => checkCheckpoint(at(-1), entryBytes),
      () => checkCheckpoint(at(0.5), entryBytes),
      () => checkCheckpoint(at(1, 1), entryBytes),
      () => checkCheckpoint(at(2, 1), entryBytes),
      () => checkCheckpoint(at(3), entryBytes),
      () => checkCheckpoint(checkpoint({ trim: '6-1' }), entryBytes),
      () => checkCheckpoint(checkpoint({ state: text(81) }), entryBytes),
    ],
  ],
  [
    'messages',
    [() => checkItems([]), () => checkItems([item('a'), item('b')])],
    [() => checkItems([item('a'), item('b'), item('a')])],
  ],
  ['a signal', [() => checkSignal(text(signalBytes))], [() => checkSignal(text(signalBytes + 1))]],
  [
    'a digest',
    [22, 43].map((length) => () => checkDigest('d'.repeat(length))),
    [0, 21, 44].map((length) => () => checkDigest('d'.repeat(length))),
  ],
  [
    'a piece',
    [
      () => checkIndex(0),
      () => checkIndex(maxPieces - 1),
      () => checkPiece(Buffer.alloc(1), 10),
      () => checkPiece(Buffer.alloc(10), 10),
      () => checkSource({ upload: 'u' }),
      () => checkSource({ digest }),
    ],
    [
      () => checkIndex(-1),
      () => checkIndex(0.5),
      () => checkIndex(maxPieces),
      () => checkPiece(Buffer.alloc(0), 10),
      () => checkPiece(Buffer.alloc(11), 10),
      () => checkSource({ upload: '' }),
      () => checkSource({ digest: 'd' }),
    ],
  ],
  [
    'a file',
    [
      () => checkFile(file(), 10),
      () => checkFile(file({ bytes: 10, pieces: maxPieces }), 10),
      () => checkFile(file({ mediaType: text(mediaTypeBytes) }), 10),
      () => checkFile(file({ mediaType: sealed(mediaTypeBytes + nameBytes + 4) }), 10),
    ],
    [
      () => checkFile(file({ digest: 'd' }), 10),
      () => checkFile(file({ bytes: 0 }), 10),
      () => checkFile(file({ bytes: 1.5 }), 10),
      () => checkFile(file({ bytes: 11 }), 10),
      () => checkFile(file({ pieces: 0 }), 10),
      () => checkFile(file({ pieces: maxPieces + 1 }), 10),
      () => checkFile(file({ mediaType: '' }), 10),
      () => checkFile(file({ mediaType: text(mediaTypeBytes + 1) }), 10),
      () => checkFile(file({ mediaType: sealed(mediaTypeBytes + nameBytes + 5) }), 10),
    ],
  ],
];

it.each(checks)('%s passes up to its bound, and not beyond that', (_, passes, fails) => {
  for (const pass of passes) expect(pass).not.toThrow();
  for (const fail of fails)
    expect(fail).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^unable to /) }),
    );
});

it('the bounds of a piece are told', () => {
  expect(() => checkIndex(maxPieces)).toThrow('0 to 4095');
});
