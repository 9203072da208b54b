import type { UIMessage } from 'ai';

interface Signed {
  readonly agent?: unknown;
  readonly author?: { readonly id?: unknown; readonly role?: unknown };
}

const nameOf = ({ agent, author }: Signed): string | null => {
  if (typeof agent === 'string') return agent;
  return author?.role === 'operator' && typeof author.id === 'string' ? author.id : null;
};

/**
 * A session as one of its agents is to see it. What the agent wrote is its own; what other agents and
 * operators wrote comes from the user's side, as text with the writer's name in front (`[name] …`):
 * their tool calls and reasoning are not this agent's. Messages of agents without a name stay as they
 * are. Pure; gives `messages` itself where there is nothing to attribute.
 *
 * ```ts
 * messages: await convertToModelMessages(viewOf(messages, agentName))
 * ```
 */
export function viewOf<UI_MESSAGE extends UIMessage>(
  messages: UI_MESSAGE[],
  agentName: string,
): UI_MESSAGE[] {
  let isChanged = false;
  const seen = messages.flatMap((message): UI_MESSAGE[] => {
    const writer = message.role === 'assistant' ? nameOf((message.metadata ?? {}) as Signed) : null;
    if (writer === null || writer === agentName) return [message];
    isChanged = true;
    const text = message.parts
      .flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []))
      .join('\n\n');
    // Who has said nothing yet need not be quoted.
    if (text === '') return [];
    const parts = [{ type: 'text', text: `[${writer}] ${text}` }];
    return [{ ...message, role: 'user', parts } as unknown as UI_MESSAGE];
  });
  return isChanged ? seen : messages;
}
