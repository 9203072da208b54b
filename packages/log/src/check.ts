import { HoldfastError, isSessionId } from '@holdfast/protocol';
import type { NewEntry, SendCommand } from './session-log.ts';

const maxNonce = 2 ** 31 - 1;

/** Session ids become parts of storage keys: nothing but a valid one may pass. */
export function checkSession(session: string): void {
  if (!isSessionId(session))
    throw new HoldfastError('bad_request', 'unable to use the session: its id has the wrong form');
}

/** Returns the size of the entry's body in bytes; throws `too_large` (HF-LOG-8). */
export function checkEntry(entry: NewEntry, entryBytes: number): number {
  const { nonce, body } = entry;
  if (!Number.isInteger(nonce) || nonce < 1 || nonce > maxNonce)
    throw new HoldfastError('internal', 'unable to write the entry: its nonce is out of range');
  const bytes = Buffer.byteLength(body);
  if (bytes > entryBytes)
    throw new HoldfastError(
      'too_large',
      `unable to write the entry: its ${bytes} bytes are over the limit of ${entryBytes}`,
    );
  return bytes;
}

/** Returns the size of the command's entries in bytes. */
export function checkSend(command: SendCommand, entryBytes: number): number {
  const { entries, run } = command;
  if (run && entries.length === 0)
    throw new HoldfastError('internal', 'unable to send: the run has no entry that starts it');
  if (run) checkEntry(run.stopped, entryBytes);
  let bytes = 0;
  for (const entry of entries) bytes += checkEntry(entry, entryBytes);
  return bytes;
}
