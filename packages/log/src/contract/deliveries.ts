/** Messages as it happens, as a hint: a follower of a session reads what is missing. */
export interface Deliveries {
  /**
   * Deliveries of a session from now on, as a hint (HF-LOG-13, HF-LOG-14): they come in order but
   * some may be missing. Resolves when the subscription stands, so that a read behind it together
   * with the deliveries misses nothing; rejects with `unavailable` when it does not stand in time. The listener
   * MUST NOT throw. It is not called any more once the log is closed.
   */
  subscribe(session: string, listener: (delivery: Delivery) => void): Promise<Unsubscribe>;

  /**
   * Told by who follows a session that entries were written which were not delivered, again and again, although
   * the subscription stands: it may be where nobody writes any more. Makes it anew, if that can be done;
   * deliveries begin with a gap then.
   */
  undelivered?(session: string): void;

  /**
   * Hands a text to all who are subscribed, this process included, and keeps it nowhere. It may be
   * lost; it is delivered in the order of the entries around it as far as the store can. One of more than
   * 16,384 bytes rejects with `too_large`.
   */
  signal(session: string, text: string): Promise<void>;
}

/** A message to a listener. */
export type Delivery =
  /** A new entry, with the id of the one before it. `body` is null when it was too large to be delivered: read it. */
  | {
      readonly kind: 'entry';
      readonly epoch: string;
      readonly prev: string;
      readonly id: string;
      readonly body: string | null;
    }
  /** A signal, with the text that it was given. */
  | { readonly kind: 'signal'; readonly text: string }
  /** Deliveries may have been missed; compare with the log. */
  | { readonly kind: 'gap' }
  /** The session was deleted. Deliveries go on with what comes into being under its id. */
  | { readonly kind: 'deleted' };

/** Ends a subscription: its listener is not called again. May be called more than once. */
export type Unsubscribe = () => void;
