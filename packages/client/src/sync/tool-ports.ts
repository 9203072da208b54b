import type { hasOpenCalls } from './tool-parts.ts';

/** What the part that is loaded is given, so that it imports nothing of a sync. */
export interface ToolPorts {
  /** Those of the application, as they are when a call comes. */
  readonly toolsNow: () => object | undefined;
  readonly hasOpenCalls: typeof hasOpenCalls;
  readonly isBusy: () => boolean;
}
