import type { UIMessage } from 'ai';
import { expect } from 'vitest';
import type { ObservedChat } from './chat.ts';
import { lineOf } from './room.ts';
import { type GatedAgent, text } from './server.ts';

export const words = (said: string): UIMessage['parts'] => [{ type: 'text', text: said }];

export interface Talked extends Pick<ObservedChat, 'chat' | 'errors'> {
  /** The run of that number says it all and ends; resolves with what it was given. */
  answer(at: number, reply: string): Promise<string[]>;
  /** What the chat shows. */
  lines(): string[];
}

/** A chat behind some turns, `ask 0`, `reply 0`, and so on, whose next answers the test gives. */
export async function behindTurns(
  { chat, errors }: ObservedChat,
  gated: GatedAgent,
  turns: number,
): Promise<Talked> {
  const answer = async (at: number, reply: string): Promise<string[]> => {
    const run = await gated.run(at);
    run.emit({ type: 'start' }, ...text('t', reply), { type: 'finish' });
    run.end();
    return run.context.messages.map(lineOf);
  };
  for (let at = 0; at < turns; at++)
    await Promise.all([chat.sendMessage({ text: `ask ${at}` }), answer(at, `reply ${at}`)]);
  const lines = () => chat.messages.map(lineOf);
  return { chat, errors, answer, lines };
}

/** Under which id a question gets other words. */
export const newWords: readonly (readonly [string, { readonly id?: string }])[] = [
  ['under a new id', { id: 'new' }],
  ['under its old id', {}],
];

/** Gives one of the questions other words, and asks it again: whatever comes behind it is gone everywhere. */
export async function replaceQuestions(
  talk: (turns: number) => Promise<Talked & { shown(): Promise<string[]> }>,
  id: { readonly id?: string },
): Promise<void> {
  for (const [turns, at] of [
    [1, 0],
    [2, 2],
    [3, 2],
  ] as const) {
    const { chat, errors, answer, lines, shown } = await talk(turns);
    const old = chat.messages[at] as UIMessage;
    chat.messages = [...chat.messages.slice(0, at), { ...old, ...id, parts: words('better') }];
    const kept = lines();
    const [prompt] = await Promise.all([answer(turns, 'well'), chat.regenerate()]);
    expect(errors).toEqual([]);
    expect(prompt).toEqual(kept);
    expect(await shown()).toEqual(lines());
  }
}
