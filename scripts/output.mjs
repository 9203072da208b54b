// Where the steps of a run print: at once, or, beside another one, in one piece when they are done.
import { AsyncLocalStorage } from 'node:async_hooks';

const pieces = new AsyncLocalStorage();

/** Whether what is printed here waits for the end of its piece. */
export const isKept = () => pieces.getStore() !== undefined;

/** @param {string | Uint8Array} text with its line break */
export function print(text) {
  const kept = pieces.getStore();
  if (kept) kept.push(Buffer.from(text));
  else process.stdout.write(text);
}

/**
 * What an act prints, and the programs that it runs, comes in one piece at its end.
 *
 * @template T
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function inOnePiece(act) {
  const kept = [];
  try {
    return await pieces.run(kept, act);
  } finally {
    process.stdout.write(Buffer.concat(kept));
  }
}
