import type { Link } from '../link.ts';
import type { Span } from '../paragraphs.ts';

export type DeviceName = 'laptop' | 'phone';

/** What a device is seen to show. */
export interface DeviceView {
  readonly link: Link;
  /** Whether its page loads, and shows nothing. */
  readonly isLoading: boolean;
  readonly question: string | null;
  readonly text: string;
  /** What came all at once, just now. */
  readonly fresh: Span | null;
  /** What was caught up with last, and in how many ms. */
  readonly caughtUp: { readonly words: number; readonly ms: number } | null;
  /** The number of the last log entry that it has; null where that is not known. */
  readonly entry: number | null;
}

/** What the log is seen to hold. */
export interface LogView {
  readonly text: string;
  readonly entries: number | null;
  /** Whether the model writes. */
  readonly isModelOn: boolean;
}

export interface SceneView {
  readonly laptop: DeviceView;
  readonly phone: DeviceView;
  readonly log: LogView;
}
