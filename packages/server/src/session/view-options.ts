import type { Limits } from '@holdfast/protocol';
import type { PieceStore } from './pieces.ts';
import type { KeptPrefixes } from './stored-prefix.ts';

export type ViewLimits = Pick<Limits, 'pageMessages' | 'openMessages'>;

export interface ViewOptions {
  /** Told of entries that are passed over, by their ids: perhaps again and again. */
  readonly onSkipped?: (id: string) => void;
  /** Where it keeps what it reads for prompts. @default for itself */
  readonly kept?: KeptPrefixes | undefined;
  /** Where it keeps pieces of long texts. @default they stay in their messages */
  readonly files?: PieceStore | undefined;
}
