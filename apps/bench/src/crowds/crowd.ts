import type { Schedule } from '../schedule.ts';
import type { Side } from '../sides.ts';

/** Bare sockets that follow one chat, and an agent that speaks to all of them. */
export interface Crowd {
  /**
   * Opens the socket of one follower; resolves once it hears everything, and rejects when it fails
   * before.
   */
  join(follower: number): Promise<void>;
  /** Has the agent begin this answer. */
  speak(schedule: Schedule): Promise<void>;
  close(): void;
}

export interface CrowdListener {
  /** An `entry` frame reached a follower. */
  onEntry(follower: number, frame: Buffer): void;
  /** A follower does not hear everything any more. */
  onFault(error: Error): void;
}

export type OpenCrowd = (origin: string, chatId: string, listener: CrowdListener) => Crowd;

/** Null for sides without a socket that several could follow. */
export async function crowdOf(side: Side): Promise<OpenCrowd | null> {
  switch (side) {
    case 'sse':
    case 'resumable-stream':
      return null;
    case 'ws':
      return (await import('./ws.ts')).openWsCrowd;
    case 'holdfast-redis':
    case 'holdfast-memory':
      return (await import('./holdfast.ts')).openHoldfastCrowd;
  }
}
