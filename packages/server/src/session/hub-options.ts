import type { SessionFeed, SessionLog } from '@holdfast/log';
import type { PieceStore } from './pieces.ts';
import type { SessionPresence } from './presence.ts';
import type { KeptPrefixes } from './stored-prefix.ts';
import type { ViewLimits } from './view-options.ts';

export interface HubOptions {
  readonly session: string;
  readonly log: SessionLog;
  readonly feed: SessionFeed;
  readonly limits: ViewLimits;
  readonly presence: SessionPresence;
  readonly report: (error: unknown) => void;
  /** @default kept for this session alone */
  readonly kept?: KeptPrefixes;
  /** Where pieces of long texts are kept. @default they stay in their messages */
  readonly files?: PieceStore | undefined;
}
