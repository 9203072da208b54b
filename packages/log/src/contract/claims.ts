/** Leases beside the log: what one at a time may do. */
export interface Claims {
  /**
   * Lets one holder at a time do what only one may do, until its lease runs out or it gives up
   * (HF-LOG-26). Makes no session, and goes with it.
   */
  claim(session: string, claim: ClaimCommand): Promise<ClaimOutcome>;
}

export interface ClaimCommand {
  /** Name of what is claimed. */
  readonly name: string;
  /** Name of the claimant: the same name again is a renewal. */
  readonly holder: string;
  /** 0 gives it up. */
  readonly leaseMs: number;
}

/** `taken`: by another holder, for `leftMs` unless it gives up or renews. `full`: the session has too many. */
export type ClaimOutcome =
  | { readonly kind: 'held' }
  | { readonly kind: 'full' }
  | { readonly kind: 'taken'; readonly leftMs: number };
