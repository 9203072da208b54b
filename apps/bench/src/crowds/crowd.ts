import type { Schedule } from '../schedule.ts';

/** Bare sockets that follow one chat, and an agent that speaks to all of them. */
interface Crowd {
  /**
   * Opens the socket of one follower; resolves once it hears everything, and rejects when it fails
   * before.
   */
  join(follower: number): Promise<void>;
  /** Has the agent begin this answer. */
  speak(schedule: Schedule): Promise<void>;
  close(): void;
}

interface CrowdListener {
  /** An `entry` frame reached a follower. */
  onEntry(follower: number, frame: Buffer): void;
  /** A follower does not hear everything any more. */
  onFault(error: Error): void;
}

export type OpenCrowd = (origin: string, chatId: string, listener: CrowdListener) => Crowd;
