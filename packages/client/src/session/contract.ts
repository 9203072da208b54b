import type { ClientLimits, RunInfo } from '@holdfast/protocol';
import type { Changes } from '../changes.ts';
import type { Connection, ConnectionUser } from '../connection/connection.ts';
import type { SyncedSession } from '../contract/session.ts';
import type { Environment } from '../environment.ts';
import type { FileWork } from '../files/contract.ts';
import type { PendingActions } from './pending-actions.ts';
import type { Interest, Reader } from './reader.ts';
import type { Transcript } from './transcript.ts';

export interface SessionOptions {
  readonly session: string;
  readonly connection: Connection;
  readonly limits: ClientLimits;
  readonly environment: Environment;
  readonly files: Pick<FileWork, 'settle'>;
  readonly report: (error: unknown) => void;
}

/** A session as this client knows it, and its readers. */
export interface Session
  extends SyncedSession,
    PendingActions,
    ConnectionUser,
    Pick<Transcript, 'liveRuns' | 'held'> {
  /** True when anything is known, so that following it again costs only what is new. */
  isKnown(): boolean;
  /** True while it is not followed. */
  isIdle(): boolean;
  /** True when the run's start must have been seen by now, or does not come any more. */
  isPast(interest: Interest): boolean;
  /** Follows the session until the returned function is called, and a little longer. */
  link(from?: string): () => void;
  /** A stream of what the interest names; the session is followed while it is read. */
  read(interest: Interest): Reader;
  /** Resolves once all that the log holds is known; rejects when following was refused. */
  caughtUp(signal?: AbortSignal): Promise<void>;
  /** The run that the command asked for, as far as it is known. */
  runOf(command: string): RunInfo | undefined;
  /** Resolves once the log has what `read` looks for, and as {@link Changes.until} does. */
  readonly until: Changes['until'];
  close(error: Error): void;
}
