import type { EncryptionKey } from '@holdfast/log/encrypted';
import { HoldfastError, isSessionId } from '@holdfast/protocol';

/** A mistake in the arguments: the command ends with 2 and says how it is used. */
export const misused = (words: string): HoldfastError =>
  new HoldfastError('bad_request', `unable to begin: ${words}`);

/** Never repeats a key, also where it is none. */
export function keysOf(text: string | undefined): EncryptionKey[] {
  if (!text) return [];
  return text.split(',').map((each, at) => {
    const [, id, base64] =
      /^\s*([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/_-]{42,}={0,2})\s*$/.exec(each) ?? [];
    const key = Buffer.from(base64 ?? '', 'base64');
    if (id === undefined || key.length !== 32)
      throw misused(`key ${at + 1} of HOLDFAST_KEYS is not id:base64 of 32 bytes`);
    return { id, key: new Uint8Array(key) };
  });
}

export function sessionOf(positionals: readonly string[]): string {
  const [session, ...others] = positionals;
  if (session === undefined) throw misused('there is no session; give its id');
  if (others.length > 0) throw misused('there is more than one session; give one');
  if (!isSessionId(session))
    throw misused('this is no id of a session: it has 1 to 128 letters, digits, `_` or `-`');
  return session;
}

/** A whole number within bounds; the text is named by its option, and not repeated. */
export function numberOf(
  option: string,
  text: string | undefined,
  [least, most]: readonly [number, number],
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw misused(`--${option} is a whole number from ${least} to ${most}`);
}
