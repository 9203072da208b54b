import { AbstractChat, type ChatInit, type ChatState, type ChatStatus, type UIMessage } from 'ai';

/** What a chat shows, in plain fields; tells of every change. */
class State<UI_MESSAGE extends UIMessage> implements ChatState<UI_MESSAGE> {
  readonly listeners = new Set<() => void>();
  #status: ChatStatus = 'ready';
  #error: Error | undefined;
  #messages: UI_MESSAGE[];

  constructor(messages: UI_MESSAGE[]) {
    this.#messages = messages;
  }

  get status(): ChatStatus {
    return this.#status;
  }

  set status(status: ChatStatus) {
    this.#status = status;
    this.#changed();
  }

  get error(): Error | undefined {
    return this.#error;
  }

  set error(error: Error | undefined) {
    this.#error = error;
    this.#changed();
  }

  get messages(): UI_MESSAGE[] {
    return this.#messages;
  }

  set messages(messages: UI_MESSAGE[]) {
    this.#messages = messages;
    this.#changed();
  }

  pushMessage = (message: UI_MESSAGE): void => {
    this.messages = [...this.#messages, message];
  };

  popMessage = (): void => {
    this.messages = this.#messages.slice(0, -1);
  };

  replaceMessage = (index: number, message: UI_MESSAGE): void => {
    this.messages = this.#messages.with(index, this.snapshot(message));
  };

  snapshot = <T>(thing: T): T => structuredClone(thing);

  #changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** The SDK's own chat, without a framework. */
export class TestChat<UI_MESSAGE extends UIMessage = UIMessage> extends AbstractChat<UI_MESSAGE> {
  readonly #listeners: Set<() => void>;

  constructor({ messages = [], ...init }: ChatInit<UI_MESSAGE>) {
    const state = new State<UI_MESSAGE>(messages);
    super({ ...init, state });
    this.#listeners = state.listeners;
  }

  /** Has the listener told of every change; returns what ends that. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
