import type { Limits } from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import type { SessionHub } from '../session/hub.ts';
import type { SessionSnapshot } from '../session/snapshot.ts';
import type { Outlet } from './outlet.ts';

/** Whose subscription it is. */
export interface SubscriptionOwner {
  readonly limits: Limits;
  readonly outlet: Outlet;
  /** The time by which clients are judged. */
  awake(): number;
  /** The query for the session's files, where URLs are signed. */
  filesOf(session: string, reader: Participant): string | undefined;
  snapshotOf(hub: SessionHub, reader: Participant): Promise<SessionSnapshot>;
  /** The subscription is over; called once, never after `close`. */
  onDeleted(session: string): void;
  onFault(error: unknown, session: string): void;
}
