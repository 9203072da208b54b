import type { Chunk } from '@holdfast/protocol';
import type { Calls } from '@holdfast/protocol/projection';
import type { hasOpenCalls } from './tool-parts.ts';

/** What the part that is loaded is given, so that it imports nothing of a sync. */
export interface ToolPorts {
  /** Those of the application, as they are when a call comes. */
  readonly toolsNow: () => object | undefined;
  /** Answers of this chat to calls of a message that stand open in the session. */
  readonly given: (messageId: string, open: Calls['open']) => readonly Chunk[];
  readonly hasOpenCalls: typeof hasOpenCalls;
  readonly isBusy: () => boolean;
}
