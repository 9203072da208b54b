import { type Author, type HandoffResponse, HoldfastError } from '@holdfast/protocol';
import { authorOf } from '../authorize.ts';
import type { Core } from '../core.ts';
import type { Participant } from '../options.ts';
import { retryUnavailable } from './writer.ts';

/** How long it is repeated to the log before the client is told to repeat it itself, in ms. */
const patienceMs = 5_000;

/**
 * Has an operator answer in the place of the agents, or the agents again (HF-HTTP-18). Rejects with
 * `forbidden` for who is no operator, and with `conflict` when another one answers.
 */
export async function handOff(
  core: Core,
  session: string,
  to: 'me' | 'agents',
  participant: Participant,
): Promise<HandoffResponse> {
  const by = authorOf(participant);
  if (by.role !== 'operator')
    throw new HoldfastError(
      'forbidden',
      'unable to hand over: only participants with the role operator may',
    );
  const { environment, log } = core;
  const operator = to === 'me' ? by : null;
  const entry = { k: 'handoff', to: operator, by, at: environment.now() };
  const command = {
    command: `handoff ${environment.id()}`,
    entries: [{ nonce: environment.nonce(), body: JSON.stringify(entry) }],
    hold: operator ? ('set' as const) : ('lift' as const),
    held: operator === null,
  };
  const { kind } = await retryUnavailable(
    () => log.send(session, command),
    patienceMs,
    environment,
  );
  if (kind === 'full')
    throw new HoldfastError(
      'full',
      'unable to hand over: the session has reached its size limit; start a new session',
    );
  if (kind === 'held') {
    const holder = await operatorOf(core, session);
    if (holder && holder.id !== by.id)
      throw new HoldfastError(
        'conflict',
        'unable to take over: another operator answers; have it handed back first',
      );
  }
  // What waits in the queue has its turn now.
  if (operator === null) core.dispatcher.begin(session);
  return { operator };
}

async function operatorOf({ hubs }: Core, session: string): Promise<Author | null> {
  const share = await hubs.acquire(session);
  try {
    return await share.hub.project(({ operator }) => operator);
  } finally {
    share.release();
  }
}
