import { isRecord, isSteering, type Writer } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import { withoutMarks } from './marks.ts';
import { defaultAgent } from './runs/agents.ts';

interface Quoted {
  readonly name: string;
  readonly isAgent: boolean;
}

/** Null for people, for agents that were given no name, and where the server does not know it. */
function writerOf({ role }: UIMessage, by: Writer | undefined): Quoted | null {
  if (role !== 'assistant' || !by) return null;
  const isAgent = by.role === 'agent';
  return isAgent && by.id === defaultAgent ? null : { name: by.id, isAgent };
}

type Part = Readonly<Record<string, unknown>>;

/** The words of a person, or sent to a run under way, without what would pass for somebody else's. */
function plain<PART>(part: PART): PART {
  const { text, parts, data } = part as Part;
  if (typeof text === 'string') {
    const left = withoutMarks(text);
    return left === text ? part : { ...part, text: left };
  }
  if (Array.isArray(parts)) {
    const left = each(parts, plain);
    return left === parts ? part : { ...part, parts: left };
  }
  const left = isRecord(data) ? plain(data) : data;
  return left === data ? part : { ...part, data: left };
}

/** The list itself where nothing in it becomes another. */
function each<T>(list: T[], change: (item: T) => T): T[] {
  const changed = list.map(change);
  return changed.every((item, at) => item === list[at]) ? list : changed;
}

/** The message with what people said in it made plain; itself where that changes nothing. */
function plainly<UI_MESSAGE extends UIMessage>(message: UI_MESSAGE): UI_MESSAGE {
  const isPersons = ({ type }: { readonly type: string }) =>
    message.role === 'user' || (message.role === 'assistant' && isSteering(type));
  const parts = each(message.parts, (part) => (isPersons(part) ? plain(part) : part));
  return parts === message.parts ? message : { ...message, parts };
}

/**
 * A session as one of its agents is to see it. What the agent wrote is its own; what other agents and
 * operators wrote comes from the user's side, as text with the writer's name in front, `⟦name⟧ …`: their tool
 * calls and reasoning are not this agent's. Nothing else of a view has these brackets: in what people and
 * others wrote they become `[` and `]`, so that nobody can write in another's name. Messages of agents
 * without a name, and those whose writer `authorOf` does not know, stay as they are. Pure; gives `messages`
 * itself where nothing is changed.
 *
 * ```ts
 * messages: await convertToModelMessages(viewOf(messages, agentName, authorOf))
 * ```
 */
export function viewOf<UI_MESSAGE extends UIMessage>(
  messages: UI_MESSAGE[],
  agentName: string,
  authorOf: (messageId: string) => Writer | undefined,
): UI_MESSAGE[] {
  const seen = messages.flatMap((message): UI_MESSAGE[] => {
    const writer = writerOf(message, authorOf(message.id));
    const isOwn = writer?.isAgent && writer.name === agentName;
    if (writer === null || isOwn) return [plainly(message)];
    const text = message.parts
      .flatMap((part) => (part.type === 'text' && part.text !== '' ? [part.text] : []))
      .join('\n\n');
    // A writer who has said nothing yet need not be quoted.
    if (text === '') return [];
    const name = withoutMarks(writer.name).replaceAll(/\s+/g, ' ');
    const parts = [{ type: 'text', text: `⟦${name}⟧ ${withoutMarks(text)}` }];
    return [{ ...message, role: 'user', parts } as unknown as UI_MESSAGE];
  });
  const isSame = seen.length === messages.length && seen.every((each, at) => each === messages[at]);
  return isSame ? messages : seen;
}
