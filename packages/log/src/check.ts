import { HoldfastError, isSessionId, seqOf } from '@holdfast/protocol';
import type { ClaimCommand } from './contract/claims.ts';
import type { NewEntry } from './contract/entries.ts';
import type { FileInfo, Mark, PieceSource } from './contract/files.ts';
import type { CheckpointCommand, NewItem } from './contract/messages.ts';
import type { SendCommand } from './contract/sends.ts';
import {
  infoBytes,
  maxPieces,
  mediaTypeBytes,
  nameBytes,
  signalBytes,
  stateEntries,
} from './limits.ts';
import { pieceOf } from './piece.ts';
import { sealedPrefix, sizeOf, sizeOfPiece } from './sealed-size.ts';

const maxNonce = 2 ** 31 - 1;

/** Session ids become parts of storage keys: nothing but a valid one may pass. */
export function checkSession(session: string): void {
  if (!isSessionId(session))
    throw new HoldfastError('bad_request', 'unable to use the session: its id has the wrong form');
}

/** An entry's body is at most `entryBytes` (HF-LOG-7). */
export function checkEntry(entry: NewEntry, entryBytes: number): void {
  const { nonce, body } = entry;
  if (!Number.isInteger(nonce) || nonce < 1 || nonce > maxNonce)
    throw new HoldfastError('internal', 'unable to write the entry: its nonce is out of range');
  const bytes = sizeOf(body);
  if (bytes > entryBytes)
    throw new HoldfastError(
      'too_large',
      `unable to write the entry: its ${bytes} bytes are over the limit of ${entryBytes}`,
    );
}

/** Names become parts of what a store keeps: none may be a way to fill it (HF-LOG-31). */
export function checkName(what: string, name: string): void {
  if (name === '' || Buffer.byteLength(name) > nameBytes)
    throw new HoldfastError(
      'bad_request',
      `unable to use the ${what}: its name has to be 1 to ${nameBytes} bytes`,
    );
}

/** A lease that a store cannot read would be one that nobody can end. */
export function checkLease(leaseMs: number, least: 0 | 1): void {
  if (Number.isSafeInteger(leaseMs) && leaseMs >= least) return;
  throw new HoldfastError(
    'internal',
    `unable to hold it for ${leaseMs} ms: a lease has to be a whole number of milliseconds`,
  );
}

export function checkClaim({ name, holder, leaseMs }: ClaimCommand): void {
  checkName('claim', name);
  checkName('holder of the claim', holder);
  checkLease(leaseMs, 0);
}

function checkKept(what: string, text: string, most: number): void {
  const bytes = sizeOf(text);
  if (bytes > most)
    throw new HoldfastError(
      'too_large',
      `unable to send: ${what} is ${bytes} bytes and is kept; the limit is ${most}`,
    );
}

export function checkSend({ command, entries, run }: SendCommand, entryBytes: number): void {
  checkName('command', command);
  for (const entry of entries) checkEntry(entry, entryBytes);
  if (!run) return;
  if (entries.length === 0)
    throw new HoldfastError('internal', 'unable to send: the run has no entry that starts it');
  checkName('run', run.run);
  checkLease(run.leaseMs, 1);
  checkEntry(run.stopped, entryBytes);
  checkKept('what is said of the run', run.info, infoBytes);
  checkKept('what the run needs', run.kept ?? '', entryBytes);
}

/** Refuses a checkpoint that would leave a hole: that is a fault of the caller. */
export function checkCheckpoint(
  { through, count, changes, trim, state = '' }: CheckpointCommand,
  entryBytes: number,
): void {
  let last = -1;
  for (const { at } of changes) {
    if (!Number.isInteger(at) || at <= last || at >= count) throw malformed('its places');
    last = at;
  }
  if (trim !== null && seqOf(trim) > seqOf(through)) throw malformed('what it drops');
  if (sizeOf(state) > stateEntries * entryBytes) throw malformed('the size of its state');
}

const malformed = (what: string): HoldfastError =>
  new HoldfastError('internal', `unable to store the session: ${what} cannot be right`);

/** Messages are stored under a key each. */
export function checkItems(items: readonly NewItem[]): void {
  if (new Set(items.map(({ key }) => key)).size < items.length) throw malformed('its keys');
}

export function checkSignal(text: string): void {
  const bytes = sizeOf(text);
  if (bytes > signalBytes)
    throw new HoldfastError(
      'too_large',
      `unable to signal: ${bytes} bytes are over the limit of ${signalBytes}`,
    );
}

/** A digest becomes part of what a store keeps; one that is encrypted has a keyed one, which is shorter. */
const digestPattern = /^[A-Za-z0-9_-]{22,43}$/;

export function checkDigest(digest: string): void {
  if (!digestPattern.test(digest))
    throw new HoldfastError('bad_request', 'unable to use the file: its digest has the wrong form');
}

export function checkIndex(index: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= maxPieces)
    throw new HoldfastError(
      'bad_request',
      `unable to use the piece: its index has to be 0 to ${maxPieces - 1}`,
    );
}

export function checkPiece(given: Uint8Array | Mark, filePieceBytes: number): void {
  const { data } = pieceOf(given);
  const bytes = ArrayBuffer.isView(data) ? sizeOfPiece(data) : 0;
  if (bytes === 0)
    throw new HoldfastError('bad_request', 'unable to keep the piece: it has no bytes');
  if (bytes > filePieceBytes)
    throw new HoldfastError(
      'too_large',
      `unable to keep the piece: its ${bytes} bytes are over the limit of ${filePieceBytes}`,
    );
}

export function checkSource(source: PieceSource): void {
  if ('upload' in source) checkName('upload', source.upload);
  else checkDigest(source.digest);
}

export function checkFile({ digest, bytes, mediaType, pieces }: FileInfo, fileBytes: number): void {
  checkDigest(digest);
  // One that is encrypted comes with the name of its upload.
  const extra = mediaType.startsWith(sealedPrefix) ? nameBytes + 4 : 0;
  if (mediaType === '' || sizeOf(mediaType) > mediaTypeBytes + extra)
    throw new HoldfastError(
      'bad_request',
      `unable to keep the file: its media type has to be 1 to ${mediaTypeBytes} bytes`,
    );
  if (![bytes, pieces].every((count) => Number.isSafeInteger(count) && count > 0))
    throw new HoldfastError('bad_request', 'unable to keep the file: its counts cannot be right');
  checkIndex(pieces - 1);
  if (bytes > fileBytes)
    throw new HoldfastError(
      'too_large',
      `unable to keep the file: its ${bytes} bytes are over the limit of ${fileBytes}`,
    );
}
