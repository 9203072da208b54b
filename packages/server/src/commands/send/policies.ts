import type { WhileBusy } from '@holdfast/protocol';

/** The policies for a send while a run is live (HF-HTTP-21). */
export const policies: readonly WhileBusy[] = [
  'parallel',
  'reject',
  'interrupt',
  'rollback',
  'queue',
  'merge',
  'latest',
  'steer',
];

export const isWhileBusy = (value: unknown): value is WhileBusy =>
  policies.some((policy) => policy === value);
