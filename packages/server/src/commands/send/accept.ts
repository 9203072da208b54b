import { HoldfastError, type Position, parsePosition, type SendRequest } from '@holdfast/protocol';
import type { Core } from '../../core.ts';
import type { SessionHub } from '../../session/hub.ts';
import { commit } from '../commit.ts';
import { admitMessage } from './admit-message.ts';
import { digestOf } from './command.ts';
import { type SendAnswer, SendDecider } from './decide.ts';
import { isForPeople, postMessage } from './post.ts';
import type { Sender } from './sender.ts';
import { policyOf } from './while-busy.ts';

/**
 * Writes a send into the log, checked against the session as it is there. Rejects with `bad_request`,
 * `conflict`, `full`, `too_large` or `unavailable`.
 */
export async function accept(
  core: Core,
  hub: SessionHub,
  asked: SendRequest,
  sender: Sender,
): Promise<SendAnswer> {
  const { participant, isServer = false } = sender;
  const given = asked.message;
  const message = given && (await admitMessage(core, asked.id, given, participant));
  const body = message ? { ...asked, message } : asked;
  const digest = given && digestOf(given);
  const base = baseOf(body);
  if (message && !isServer && isForPeople(body, participant)) {
    const posting = { body: { ...body, message }, base, sender, digest };
    const posted = await postMessage(core, hub, posting, false);
    if (posted) return posted;
  }
  const policy = isServer ? 'parallel' : await policyOf(core, body, participant);
  if (policy === 'steer') await sender.permit?.('steer');
  if (!isServer && hub.position.epoch === '') core.quotas.take(participant.id, 'session');
  const { decide } = new SendDecider(core, hub, { body, sender, policy, base, digest });
  return await commit(core, hub.session, { name: 'send', decide });
}

function baseOf({ base }: SendRequest): Position | null {
  if (base === undefined) return null;
  const position = parsePosition(base);
  if (position) return position;
  throw new HoldfastError('bad_request', 'unable to send: `base` is no position');
}
