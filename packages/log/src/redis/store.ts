import { randomBytes } from 'node:crypto';
import type { NewEntry } from '../contract/entries.ts';
import type { LogLimits } from '../contract/session-log.ts';
import type { Appends } from './appends.ts';
import type { Commits } from './commits.ts';
import type { Gathered } from './gathered.ts';
import type { Keys } from './keys.ts';
import type { Writer } from './writer.ts';

/** The surroundings of a step: the connection, the keys, and what is said to every script that writes. */
export interface Store {
  readonly writer: Writer;
  readonly appends: Appends;
  /** Where sessions stand. */
  readonly heads: Gathered;
  /** Leases that are renewed, and runs that are given up. */
  readonly leases: Gathered;
  /** Runs what is acknowledged: it answers when the write is as durable as it has to be. */
  readonly commits: Commits;
  readonly keys: Keys;
  readonly limits: LogLimits;
  /** How entries are told: sharded on a cluster. */
  readonly publish: string;
}

export type Argument = string | number;

export const newEpoch = (): string => randomBytes(12).toString('base64url');

/** The position that an entry has to follow, as scripts take it; empty where it may follow any. */
export const behindArguments = ({ behind }: NewEntry): readonly Argument[] =>
  behind ? [behind.epoch, behind.id] : ['', ''];
