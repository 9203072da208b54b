import { createHash } from 'node:crypto';

/** 48 bits in 8 characters: enough to find a message among those of one session. */
export const digestOf = (key: string): string =>
  createHash('sha256').update(key).digest('base64url').slice(0, 8);
