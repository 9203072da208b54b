import type { UIMessage } from 'ai';
import type { SyncedSession } from '../contract/session.ts';
import type { Environment } from '../environment.ts';
import type { SyncedChat, SyncTransport } from './contract.ts';
import type { ChatPort } from './port.ts';
import type { SessionModel } from './session-model.ts';
import type { Shared } from './shared.ts';

/** What every part of a sync works with. */
export interface SyncContext<UI_MESSAGE extends UIMessage = UIMessage> {
  readonly chat: SyncedChat<UI_MESSAGE>;
  readonly port: ChatPort<UI_MESSAGE>;
  readonly transport: SyncTransport;
  readonly session: SyncedSession;
  readonly model: SessionModel;
  readonly shared: Shared;
  readonly environment: Environment;
  /** Has everything looked at again, once for all calls of one turn. */
  readonly schedule: () => void;
}
