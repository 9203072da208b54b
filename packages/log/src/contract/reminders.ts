/** Notes that outlive the process that made them. */
export interface Reminders {
  /**
   * Notes that somebody should look at the session in `afterMs` ms, in the place of an earlier note on
   * the same topic. Outlives the process, not the store, and goes with the session. Resolves with what dismisses
   * it. There need be no session.
   */
  remind(topic: ReminderTopic, session: string, afterMs: number): Promise<Reminder>;

  /**
   * Sessions whose time has come, oldest first, at most `limit`. Each is put off by `claimMs` ms in the
   * same step, so that one process at a time looks after it, and another one if that one dies.
   */
  due(topic: ReminderTopic, limit: number, claimMs: number): Promise<readonly Reminder[]>;

  /** Drops a note, unless it was set anew since; one that is gone already is no fault. */
  dismiss(reminder: Reminder): Promise<void>;
}

/** Reason to look: who looks for the one need not be able to do the other. */
export type ReminderTopic = 'approvals' | 'hooks' | 'queue' | 'runs';

/** A note, as it was set or has come back. */
export interface Reminder {
  /** Reason to look. */
  readonly topic: ReminderTopic;
  /** Session to look at. */
  readonly session: string;
  /** Tells this note from a later one. */
  readonly token: string;
}
