import type { Carrier, CarrierReason } from '@holdfast/client';

/** Where the server keeps its sessions. */
export type LogKind = 'memory' | 'Redis';

export interface ProofFacts {
  readonly log: LogKind;
  readonly position: string | null;
  readonly carrier: Carrier | null;
  readonly carrierReason: CarrierReason | null;
  readonly participants: number;
  readonly caughtUp: { readonly words: number; readonly ms: number } | null;
}

const logs: { readonly [L in LogKind]: string } = {
  memory: 'in the memory of the server: it lives as long as that runs',
  Redis: 'in Redis: it outlives the server',
};

const reasons: { readonly [R in CarrierReason]: string } = {
  unreachable: 'HTTP, because no socket opens',
  silent: 'HTTP, because a socket was not answered',
  option: 'HTTP, as it was asked for',
};

/** What this page can prove of itself, as names and words. */
export function proofOf(facts: ProofFacts): readonly (readonly [name: string, words: string])[] {
  const { log, position, carrier, carrierReason, participants, caughtUp } = facts;
  return [
    ['Log', logs[log]],
    ['Position', position ?? 'none yet: nothing is written'],
    ['Caught up', caughtUpWords(caughtUp)],
    ['Here', participants === 1 ? '1 participant' : `${participants} participants`],
    ['Carried by', carriedBy(carrier, carrierReason)],
  ];
}

function carriedBy(carrier: Carrier | null, reason: CarrierReason | null): string {
  if (carrier === null) return 'nothing right now';
  return carrier === 'socket' ? 'a WebSocket' : reasons[reason ?? 'option'];
}

/** What came all at once, and how long that took. */
export const caughtUpWords = (caughtUp: ProofFacts['caughtUp']): string =>
  caughtUp
    ? `${caughtUp.words} words in ${Math.max(caughtUp.ms / 1_000, 0.01).toFixed(2)} s`
    : 'nothing was missed';
