import { HoldfastError } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent } from '../contract/agent.ts';

/** An agent, or several by their names. */
export type Agents<UI_MESSAGE extends UIMessage = UIMessage> =
  | Agent<UI_MESSAGE>
  | Readonly<Record<string, Agent<UI_MESSAGE>>>;

/** The name of agents that were given none: what they write says nothing of them. */
export const defaultAgent = 'agent';

export const agentsByName = <UI_MESSAGE extends UIMessage>(
  agents: Agents<UI_MESSAGE> = {},
  name: string = defaultAgent,
): ReadonlyMap<string, Agent<UI_MESSAGE>> =>
  new Map(typeof agents === 'function' ? [[name, agents]] : Object.entries(agents));

/** Throws `bad_request` for what can be no name. */
export function checkAgentName(name: string): void {
  if (name === '' || name.length > 64)
    throw new HoldfastError(
      'bad_request',
      'unable to run: the name of an agent has 1 to 64 characters',
    );
}
