import { idsBehind, type NewEntry } from '@holdfast/log';
import {
  type Entry,
  formatPosition,
  HoldfastError,
  type Message,
  type Position,
  type PostedResponse,
  type SendRequest,
} from '@holdfast/protocol';
import type { Participant } from '../../contract/participant.ts';
import type { Core } from '../../core.ts';
import { retryUnavailable } from '../../retry-unavailable.ts';
import { presentedAs } from '../../rights/authorize.ts';
import type { SessionHub } from '../../session/hub.ts';
import { acceptedSend, type Sender } from './command.ts';
import { draftOf } from './draft.ts';

/** How long it is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;
/** How often it is drafted when others keep coming in between. */
const tries = 5;

/** Whether the message is for people: nobody who writes as an operator wakes an agent by that. */
export const isForPeople = ({ wake, message }: SendRequest, { role }: Participant): boolean =>
  message !== undefined && !(wake ?? role !== 'operator');

/** A message as the session keeps it: that of an operator stands where an agent's would. */
const kept = (message: Message, { role }: Participant): Message =>
  role === 'operator' ? { ...message, role: 'assistant' } : message;

/**
 * Writes a message that no run answers (HF-HTTP-33); with `held`, only while an operator answers, and
 * null otherwise. Rejects as `accept` does.
 */
export async function postMessage(
  core: Core,
  hub: SessionHub,
  body: SendRequest & { readonly message: Message },
  base: Position | null,
  { by, participant, digest }: Sender,
  held: boolean,
): Promise<PostedResponse | null> {
  const { environment, log } = core;
  const { command } = body;
  const at = environment.date();
  const message = kept(body.message, participant);
  const note = (entry: Entry): NewEntry => ({
    nonce: environment.nonce(),
    body: JSON.stringify(entry),
  });
  for (let left = tries; ; left--) {
    const draft = await hub.project((_, __, view) =>
      draftOf(view, body, base, { openCalls: 'keep', isClientTool: null, author: by }),
    );
    const { after, expect } = draft;
    const entries = [
      ...(after === undefined ? [] : [note({ k: 'truncate', after, by, at })]),
      note({ k: 'message', message, by: presentedAs(participant), at }),
    ];
    const send = {
      command,
      ...(digest === undefined ? {} : { digest }),
      entries,
      if: { ...(expect ? { noSendSince: expect.position } : {}), ...(held ? { held } : {}) },
    };
    const outcome = await retryUnavailable(
      () => log.send(hub.session, send),
      retryForMs,
      environment,
    );
    const why = outcome.kind === 'refused' ? outcome.why : null;
    if (why === 'free') return null;
    if (why === 'stale' && !expect?.seen && left > 1) continue;
    const { epoch, before } = acceptedSend(outcome, draft);
    const id = idsBehind(before, entries).at(-1) ?? before;
    const written = outcome.kind === 'accepted' ? id : before;
    return { state: 'posted', command, position: formatPosition({ epoch, id: written }) };
  }
}

/** Why a run that nobody asked for with a message does not begin while an operator answers. */
export const heldError = (): HoldfastError =>
  new HoldfastError(
    'conflict',
    'unable to send: an operator answers in the place of the agents; write a message, or wait',
  );
