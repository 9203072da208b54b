import { createChatTransport } from '@holdfast/client';
import { type ChatSyncState, syncChat } from '@holdfast/client/sync';
import { lastAssistantMessageIsCompleteWithToolCalls } from 'ai';
import type { ChatMessage } from './agent.ts';
import { PlainChat } from './plain-chat.ts';

const transport = createChatTransport<ChatMessage>({ api: '/api/chat' });

const wordsOf = (part: ChatMessage['parts'][number]): string => {
  if (part.type === 'text') return part.text;
  return part.type === 'tool-timeZone' ? `(${part.output ?? '…'}) ` : '';
};
const textOf = ({ parts }: { parts: readonly unknown[] }) =>
  (parts as ChatMessage['parts']).map(wordsOf).join('');

/** An element with these members and children. */
function element<NAME extends keyof HTMLElementTagNameMap>(
  name: NAME,
  members: object = {},
  ...children: readonly (string | Node)[]
): HTMLElementTagNameMap[NAME] {
  const made = document.createElement(name);
  Object.assign(made, members);
  made.append(...children);
  return made;
}

/** Shows a chat in an element. Returns what ends that, and never stops a run. */
export function showChat(root: HTMLElement, id: string): () => void {
  const settings = {
    id,
    transport,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
  };
  const chat = new PlainChat<ChatMessage>(settings, () => render());
  const sync = syncChat(chat, transport, {
    tools: { timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone },
  });

  let problem = '';
  const input = element('input', { placeholder: 'Ask' });
  /** Hands over what was typed, and says what went wrong with it. */
  function give(to: (text: string) => Promise<unknown>) {
    const text = input.value;
    input.value = problem = '';
    to(text).catch((error: Error) => {
      problem = error.message;
      render();
    });
  }
  const button = (label: string, act: () => unknown) =>
    element('button', { type: 'button', onclick: () => void act() }, label);
  const older = button('Older messages', () => give(() => sync.loadOlder()));
  const send = element('button', { type: 'submit' }, 'Send');
  const whileBusy = [
    button('Ask next', () => give((text) => transport.enqueue(id, text))),
    button('Steer', () => give((text) => transport.steer(id, text, { otherwise: 'queue' }))),
    button('Stop', () => transport.cancel(id)),
  ];
  const [messages, queue, status] = [
    element('div'),
    element('ol'),
    element('p', { role: 'status' }),
  ];
  const form = element('form', {}, input, send, ...whileBusy);
  form.onsubmit = (event) => {
    event.preventDefault();
    give((text) => chat.sendMessage({ text }));
  };

  function render() {
    const state = sync.getSnapshot();
    const isBusy = state.runs.some((run) => run.state === 'running');
    older.hidden = !state.hasOlder;
    send.hidden = isBusy;
    for (const each of whileBusy) each.hidden = !isBusy;
    const lines = chat.messages.map((message) => {
      const line = element('p', {}, textOf(message));
      line.dataset.testid = 'message';
      return line;
    });
    messages.replaceChildren(...lines);
    // Not anew with each word: somebody may be about to press a button in it.
    if (state.queue !== shownQueue) showQueue(state.queue);
    status.textContent = chat.error?.message || problem || transport.connection.getSnapshot();
  }
  let shownQueue: ChatSyncState['queue'] = [];
  function showQueue(next: ChatSyncState['queue']) {
    shownQueue = next;
    const waiting = next.map(({ id: command, messages }) => {
      const remove = button('Remove', () => transport.arrange(id, { remove: [command] }));
      return element('li', {}, ...messages.map(textOf), remove);
    });
    queue.replaceChildren(...waiting);
  }
  root.replaceChildren(older, messages, queue, form, status);
  const ends = [sync.subscribe(render), transport.connection.subscribe(render)];
  render();
  return () => {
    for (const end of ends) end();
    sync.stop();
    root.replaceChildren();
  };
}
