import type { Message } from '@holdfast/protocol';
import type { Core } from '../core.ts';
import { lookAt, repeated, superseded, type WriterState, type WrittenRun } from './state.ts';

/** Renews the lease of a run that the writer has. Rejects with `forbidden`, and with the log's error. */
export async function renewWriting(
  core: Core,
  session: string,
  { leaseMs, ...written }: WrittenRun & { readonly leaseMs: number },
): Promise<WriterState> {
  const { run, attempt } = written;
  const found = await lookAt(core, session, written);
  if ('told' in found) return found.told;
  // A higher attempt would take the run over.
  if (attempt !== found.live.attempt) return superseded;
  const { log } = core;
  const outcome = await repeated(core, () => log.renew(session, { run, attempt, leaseMs }));
  if (outcome.kind === 'held') {
    const steers = await waitingSteers(core, session, run);
    const told = steers.length > 0 ? { steers } : {};
    return { state: 'running', cancelled: outcome.cancelled, ...told };
  }
  if (outcome.kind === 'fenced') return superseded;
  const again = await lookAt(core, session, written);
  return 'told' in again ? again.told : superseded;
}

/** What was sent to the run, and has not reached its model (HF-WRT-10), with references where the log has them. */
function waitingSteers(core: Core, session: string, run: string): Promise<readonly Message[]> {
  return core.hubs.use(session, (hub) =>
    hub.project((projection) => {
      const { steers = [] } = projection.run(run) ?? {};
      return steers.flatMap(({ state, message }) => (state === 'waiting' ? [message] : []));
    }),
  );
}
