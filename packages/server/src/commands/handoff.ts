import type { SendCommand } from '@holdfast/log';
import { type Author, type HandoffResponse, HoldfastError } from '@holdfast/protocol';
import { conflict } from '../conflict.ts';
import type { Participant } from '../contract/participant.ts';
import type { Core } from '../core.ts';
import { authorOf } from '../rights/authorize.ts';
import { ownCommand } from '../runs/own-command.ts';
import type { SessionHub } from '../session/hub.ts';
import { newEntry } from '../session/new-entry.ts';
import { commit } from './commit.ts';
import { regaining } from './load.ts';

/** The author who stands for whichever operator comes first. */
const anybody: Author = { id: 'operators', role: 'operator' };

/**
 * Has an operator answer in the place of the agents, or the agents again (HF-HTTP-34). Rejects with
 * `forbidden` for who is no operator, with `conflict` when another one answers, and as {@link commit}.
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
  return await core.hubs.use(session, (hub) =>
    commit(core, session, {
      name: 'take over',
      regain: regaining(core, hub, { participant }),
      decide: async () => {
        const { operator, position } = await hub.project((projection, at) => ({
          operator: projection.operator,
          position: at,
        }));
        if (operator && operator.id !== anybody.id && operator.id !== by.id)
          throw conflict(
            'operator',
            'take over: another operator answers; have it handed back first',
          );
        if (operator?.id === by.id) return { answer: { operator: by }, repeats: {} };
        return {
          command: { ...handoffCommand(core, by, by), if: { noSendSince: position } },
          accepted: () => ({ operator: by }),
        };
      },
    }),
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
  const standing = (hub: SessionHub) => hub.project(({ operator }) => operator ?? anybody);
  return await commit(core, session, {
    name: 'hand over',
    decide: async () => ({
      command: { ...handoffCommand(core, anybody, by), if: { held: false } },
      accepted: () => ({ operator: anybody }),
      refused: {
        held: async () => ({ operator: await core.hubs.use(session, standing) }),
      },
    }),
  });
}

async function handBack(core: Core, session: string, by: Author): Promise<HandoffResponse> {
  const handedBack = { operator: null };
  await commit(core, session, {
    name: 'hand over',
    decide: async () => ({
      command: { ...handoffCommand(core, null, by), if: { held: true } },
      accepted: () => handedBack,
      refused: { free: () => handedBack },
    }),
  });
  // The sends in the queue have their turn now.
  core.scheduler.begin(session);
  return handedBack;
}

/** Each time another command: whoever hands over to and fro means it each time. */
const handoffCommand = (
  { environment }: Core,
  to: Author | null,
  by: Author,
): Pick<SendCommand, 'command' | 'entries' | 'setHold'> => ({
  command: ownCommand('handoff', environment.id()),
  entries: [newEntry(environment, { k: 'handoff', to, by, at: environment.date() })],
  setHold: to !== null,
});
