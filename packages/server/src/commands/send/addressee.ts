import { HoldfastError, type SendRequest } from '@holdfast/protocol';
import type { Draft } from './draft.ts';
import type { Sender } from './sender.ts';

type To = Pick<SendRequest, 'to'>;
type Names = Pick<Sender, 'addressable' | 'agentName'>;

/**
 * The agent that a send is for: the one that it names, or that writes what goes on or is asked for again,
 * or the main one. Throws `bad_request` when there is no such agent (HF-HTTP-20).
 */
export function addressee({ to }: To, draft: Pick<Draft, 'writer'>, sender: Names): string {
  const { addressable, agentName } = sender;
  if (!addressable) return agentName;
  if (to !== undefined) {
    if (addressable.includes(to)) return to;
    throw new HoldfastError(
      'bad_request',
      'unable to send: there is no agent with the name in `to`; name one that there is',
    );
  }
  const { writer } = draft;
  if (writer !== undefined && addressable.includes(writer)) return writer;
  if (addressable.includes(agentName)) return agentName;
  throw new HoldfastError('bad_request', 'unable to send: name the agent that is meant in `to`');
}
