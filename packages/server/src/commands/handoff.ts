import type { SendConditions } from '@holdfast/log';
import {
  type Author,
  type HandoffResponse,
  HoldfastError,
  type Position,
} from '@holdfast/protocol';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { authorOf } from '../rights/authorize.ts';
import { ownCommand } from '../runs/own-command.ts';

/** How long it is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;
/** How often it is tried again when others keep coming in between. */
const tries = 5;

/** Who answers while the agents wait for whichever operator comes first. */
const anybody: Author = { id: 'operators', role: 'operator' };

/**
 * Has an operator answer in the place of the agents, or the agents again (HF-HTTP-34). Rejects with
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
  if (to === 'agents') return await handBack(core, session, by);
  for (let left = tries; left > 0; left--) {
    const { operator, position } = await lookAt(core, session);
    if (operator && operator.id !== anybody.id && operator.id !== by.id)
      throw new HoldfastError(
        'conflict',
        'unable to take over: another operator answers; have it handed back first',
      );
    if (operator?.id === by.id) return { operator: by };
    if ((await write(core, session, by, by, { noSendSince: position })) === 'accepted')
      return { operator: by };
  }
  throw new HoldfastError(
    'conflict',
    'unable to take over: others keep coming in between; try again',
  );
}

/**
 * As {@link handOff}, for code of the server: `operators` has the agents wait for whichever operator takes
 * over first. Leaves an operator who answers already in place. Resolves with who answers then.
 */
export async function handOffByServer(
  core: Core,
  session: string,
  to: 'operators' | 'agents',
  by: Author,
): Promise<HandoffResponse> {
  if (to === 'agents') return await handBack(core, session, by);
  if ((await write(core, session, anybody, by, { held: false })) === 'accepted')
    return { operator: anybody };
  return { operator: (await lookAt(core, session)).operator ?? anybody };
}

async function handBack(core: Core, session: string, by: Author): Promise<HandoffResponse> {
  await write(core, session, null, by, { held: true });
  // What waits in the queue has its turn now.
  core.scheduler.begin(session);
  return { operator: null };
}

async function write(
  { environment, log }: Core,
  session: string,
  to: Author | null,
  by: Author,
  conditions: SendConditions,
): Promise<'accepted' | 'otherwise'> {
  const entry = { k: 'handoff', to, by, at: environment.date() };
  const command = {
    command: ownCommand('handoff', environment.id()),
    entries: [{ nonce: environment.nonce(), body: JSON.stringify(entry) }],
    setHold: to !== null,
    if: conditions,
  };
  const send = () => log.send(session, command);
  const outcome = await retryUnavailable(send, retryForMs, environment);
  if (outcome.kind !== 'refused') return 'accepted';
  if (outcome.why === 'full')
    throw new HoldfastError(
      'full',
      'unable to hand over: the session has reached its size limit; start a new session',
    );
  return 'otherwise';
}

async function lookAt(
  { hubs }: Core,
  session: string,
): Promise<{ readonly operator: Author | null; readonly position: Position }> {
  const share = await hubs.acquire(session);
  try {
    return await share.hub.project(({ operator }, position) => ({ operator, position }));
  } finally {
    share.release();
  }
}
