import { lastAssistantMessageIsCompleteWithToolCalls, type UIMessageChunk } from 'ai';
import type { Room, Tab } from './room.ts';
import { text } from './server.ts';

export const call: Extract<UIMessageChunk, { type: 'tool-input-available' }> = {
  type: 'tool-input-available',
  toolCallId: 'c1',
  toolName: 'ask',
  input: { q: 1 },
};

export const auto: {
  sendAutomaticallyWhen: typeof lastAssistantMessageIsCompleteWithToolCalls;
} = { sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls };

export const stateOf = (tab: Tab): unknown => {
  const part = tab.chat.lastMessage?.parts.find(({ type }) => type === 'tool-ask');
  return (part as { readonly state?: string } | undefined)?.state;
};

export const outputs = (tab: Tab, tool = 'c1', output: unknown = 'yes'): void | PromiseLike<void> =>
  tab.chat.addToolOutput({ tool: 'ask', toolCallId: tool, output: output as never });

/** A reply that asks for more than one thing. */
export async function askedFor(room: Room, tab: Tab, ...chunks: UIMessageChunk[]): Promise<void> {
  const sent = tab.chat.sendMessage({ text: 'hi' });
  const run = await room.agent.run(room.agent.started);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...chunks);
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
  await sent;
}

export async function goesOn(room: Room, at: number, words = 'after'): Promise<void> {
  const run = await room.agent.run(at);
  run.emit({ type: 'start' }, { type: 'start-step' }, ...text('u', words));
  run.emit({ type: 'finish-step' }, { type: 'finish' });
  run.end();
}

export const answersOf = (tab: Tab): unknown =>
  tab.chat.lastMessage?.parts.flatMap((part) => ('output' in part ? [part.output] : []));
