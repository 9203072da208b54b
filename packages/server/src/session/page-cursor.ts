import { createHash } from 'node:crypto';
import { HoldfastError } from '@holdfast/protocol';

/** A place in a session's history, and the message that stood there when the cursor was made. */
export interface Cursor {
  readonly epoch: string;
  readonly place: number;
  readonly digest: string;
}

const pattern = /^([A-Za-z0-9_-]{1,64}):(\d{1,9})-([A-Za-z0-9_-]{8})$/;

export const digestOf = (id: string): string =>
  createHash('sha256').update(id).digest('base64url').slice(0, 8);

/** Asks for what is older than the message at `place`. */
export const formatCursor = (epoch: string, place: number, id: string): string =>
  `${epoch}:${place}-${digestOf(id)}`;

/** Throws `bad_request` for a text that is no cursor (HF-HTTP-35). */
export function parseCursor(text: string): Cursor {
  const [, epoch, place, digest] = pattern.exec(text) ?? [];
  if (epoch === undefined || place === undefined || digest === undefined)
    throw new HoldfastError(
      'bad_request',
      'unable to read the history: the cursor cannot be read; use one that an answer gave',
    );
  return { epoch, place: Number(place), digest };
}
