import type { FilePorts } from './contract.ts';

/** Of the time that a signed address holds, a tenth is left when there is another one. */
const part = 0.9;
/** A clock that is wrong asks no sooner, and no timer waits longer. */
const leastMs = 600_000;
const mostMs = 86_400_000;

/**
 * Has a session told anew before the addresses end that its page shows (HF-FILE-8). Called with each query that stands
 * behind some; the first one counts.
 */
export function createRenewal({
  environment,
  session,
  signal,
}: Pick<FilePorts, 'environment' | 'session' | 'signal'>): (id: string, query: string) => void {
  const due = new Map<string, () => void>();
  signal.addEventListener('abort', () => {
    for (const cancel of due.values()) cancel();
  });
  return (id, query) => {
    const [, until] = /(?:^|&)u=(\d+)/.exec(query) ?? [];
    if (until === undefined || due.has(id) || signal.aborted) return;
    const ms = (Number(until) - environment.now()) * part;
    const cancel = environment.after(Math.min(mostMs, Math.max(leastMs, ms)), () => {
      due.delete(id);
      session(id).startOver();
    });
    due.set(id, cancel);
  };
}
