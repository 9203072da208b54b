import { expect, test } from 'vitest';
import { type ProofFacts, proofOf } from '../lib/proof.ts';

const facts: ProofFacts = {
  log: 'memory',
  position: null,
  carrier: null,
  carrierReason: null,
  participants: 1,
  caughtUp: null,
};

const told = (change: Partial<ProofFacts>) => Object.fromEntries(proofOf({ ...facts, ...change }));

test.each([
  ['Log', {}, /memory of the server/],
  ['Log', { log: 'Redis' }, /Redis/],
  ['Position', {}, /^none yet/],
  ['Position', { position: 'abc:7-1' }, /^abc:7-1$/],
  ['Caught up', {}, /^nothing was missed$/],
  ['Caught up', { caughtUp: { words: 312, ms: 104 } }, /^312 words in 0\.10 s$/],
  // What took no time that a clock shows did not take none.
  ['Caught up', { caughtUp: { words: 3, ms: 0.2 } }, /^3 words in 0\.01 s$/],
  ['Here', {}, /^1 participant$/],
  ['Here', { participants: 2 }, /^2 participants$/],
  ['Carried by', {}, /^nothing right now$/],
  ['Carried by', { carrier: 'socket' }, /^a WebSocket$/],
  ['Carried by', { carrier: 'http', carrierReason: 'unreachable' }, /no socket opens/],
  ['Carried by', { carrier: 'http', carrierReason: 'silent' }, /not answered/],
  ['Carried by', { carrier: 'http', carrierReason: 'option' }, /as it was asked for/],
] as const)('%s of %j', (name, change, words) => {
  expect(told(change)[name]).toMatch(words);
});
