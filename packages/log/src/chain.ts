import { seqOf } from '@holdfast/protocol';

/** A prime, 2^31-1: products below stay exact integers, here and in Lua. */
const modulus = 2_147_483_647;
/** A primitive root of the modulus, so that what differs once differs in all that comes behind it. */
const factor = 48_271;

/** The nonce of an entry id. */
export const nonceOf = (id: string): number => Number(id.slice(id.indexOf('-') + 1));

/**
 * The id of the entry that a writer's nonce makes behind another (HF-POS-5): it depends on every entry in
 * front of it, so that equal ids mean equal logs. `shared.lua` says the same.
 */
export function idBehind(prev: string, nonce: number): string {
  const chained = (nonceOf(prev) * factor + nonce) % modulus;
  // 0 and the modulus are the same number to what follows, and a nonce is never 0.
  return `${seqOf(prev) + 1}-${chained || modulus}`;
}

/** The ids of entries that were written one behind the other, the first behind `prev`. */
export function idsBehind(
  prev: string,
  entries: readonly { readonly nonce: number }[],
): readonly string[] {
  let last = prev;
  return entries.map(({ nonce }) => {
    last = idBehind(last, nonce);
    return last;
  });
}
