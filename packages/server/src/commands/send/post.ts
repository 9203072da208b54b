import { idsBehind, type KnownCommand, type NewEntry } from '@holdfast/log';
import {
  type Entry,
  formatPosition,
  type Message,
  type Position,
  type PostedResponse,
  type SendRequest,
  seqOf,
} from '@holdfast/protocol';
import type { Participant } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import { authorOf, presentedAs } from '../../rights/authorize.ts';
import type { SessionHub } from '../../session/hub.ts';
import { newEntry } from '../../session/new-entry.ts';
import { cancelCutOff } from '../cancel-run.ts';
import { commit } from '../commit.ts';
import { regaining } from '../load.ts';
import { draftOf } from './draft.ts';
import { Refusals } from './refusals.ts';
import { durable, type Sender } from './sender.ts';
import { knownLater } from './unsure.ts';

/** True when the message is for people: writing as an operator wakes no agent. */
export const isForPeople = ({ wake, message }: SendRequest, { role }: Participant): boolean =>
  message !== undefined && !(wake ?? role !== 'operator');

/** A message as the session keeps it: that of an operator stands where an agent's would. */
const kept = (message: Message, { role }: Participant): Message =>
  role === 'operator' ? { ...message, role: 'assistant' } : message;

export interface Posting {
  readonly body: SendRequest & { readonly message: Message };
  readonly base: Position | null;
  readonly sender: Pick<Sender, 'by' | 'participant' | 'durability' | 'permit' | 'onUnsure'>;
  /** As in `DraftedRun`. */
  readonly digest: string | undefined;
}

/**
 * Writes a message that no run answers (HF-HTTP-33), and stops the runs that it cuts off; with `held`, only while an
 * operator answers, and null otherwise. Rejects as `accept` does.
 */
export async function postMessage(
  core: Core,
  hub: SessionHub,
  { body, base, sender, digest }: Posting,
  held: boolean,
): Promise<PostedResponse | null> {
  const { environment } = core;
  const { command } = body;
  const { participant, by = authorOf(participant) } = sender;
  const at = environment.date();
  const message = kept(body.message, participant);
  const note = (entry: Entry): NewEntry => newEntry(environment, entry);
  const refusals = new Refusals();
  return await commit<PostedResponse | null>(core, hub.session, {
    name: 'send',
    regain: regaining(core, hub, sender),
    decide: async () => {
      const { draft, seen } = await hub.project(async (_, position, view) => ({
        draft: await draftOf(view, body, base, {
          openCalls: 'keep',
          isClientTool: null,
          author: by,
        }),
        seen: position,
      }));
      const { after, expect, cancels } = draft;
      if (cancels.length > 0) await sender.permit?.('cancel');
      const entries = [
        ...(after === undefined ? [] : [note({ k: 'truncate', after, by, at })]),
        note({ k: 'message', message, by: presentedAs(participant), at }),
      ];
      const stopCutOff = async ({ epoch, before }: KnownCommand): Promise<void> => {
        // What is live behind a message that was posted before is not cut off by its repetition.
        if (epoch === seen.epoch && seqOf(before) >= seqOf(seen.id))
          await cancelCutOff(core, hub.session, cancels);
      };
      return {
        command: {
          command,
          ...(digest === undefined ? {} : { digest }),
          ...durable(sender),
          entries,
          if: { ...(expect ? { noSendSince: expect.position } : {}), ...(held ? { held } : {}) },
        },
        accepted: async (known) => {
          await stopCutOff(known);
          const { kind, epoch, before } = known;
          const id = idsBehind(before, entries).at(-1) ?? before;
          return postedAt(command, { epoch, id: kind === 'accepted' ? id : before });
        },
        refused: { ...refusals.of(draft), free: () => null },
        unsure: () =>
          sender.onUnsure?.(async () => {
            const known = await knownLater(core, hub.session, command);
            if (!known) return null;
            await stopCutOff(known);
            core.hookDelivery?.begin(hub.session);
            return null;
          }),
      };
    },
  });
}

export const postedAt = (command: string, position: Position): PostedResponse => ({
  state: 'posted',
  command,
  position: formatPosition(position),
});
