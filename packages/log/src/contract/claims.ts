/** Leases beside the log: what one at a time may do. */
export interface Claims {
  /**
   * Lets one holder at a time do what only one may do, until its lease runs out or it gives up
   * (HF-LOG-26). Makes no session, and goes with it.
   */
  claim(session: string, claim: ClaimCommand): Promise<ClaimOutcome>;
}

/** Wish for a claim, its renewal, or its end. */
export interface ClaimCommand {
  /** Name of what is claimed: 1 to 1,024 bytes; other names reject with `bad_request`. */
  readonly name: string;
  /** Name of the claimant, of 1 to 1,024 bytes: the same name again is a renewal. */
  readonly holder: string;
  /** For how long, from now, in ms, by the store's clock. 0 gives it up. */
  readonly leaseMs: number;
}

/** Answer to a claim. */
export type ClaimOutcome =
  /** The claim is the holder's, or given up. */
  | { readonly kind: 'held' }
  /** The session has 1,000 claims. */
  | { readonly kind: 'full' }
  /** Another holder has it, for `leftMs` ms unless it gives up or renews. */
  | { readonly kind: 'taken'; readonly leftMs: number };
