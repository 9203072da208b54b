// The SDK's chat without a framework: its state in fields, and a function that is told of each change.
import { AbstractChat, type ChatInit, type ChatState, type ChatStatus, type UIMessage } from 'ai';

class PlainState<UI_MESSAGE extends UIMessage> implements ChatState<UI_MESSAGE> {
  #status: ChatStatus = 'ready';
  #error: Error | undefined;
  #messages: UI_MESSAGE[];
  readonly #changed: () => void;

  constructor(messages: UI_MESSAGE[], changed: () => void) {
    this.#messages = messages;
    this.#changed = changed;
  }
  get status() {
    return this.#status;
  }
  set status(status) {
    this.#status = status;
    this.#changed();
  }
  get error() {
    return this.#error;
  }
  set error(error) {
    this.#error = error;
    this.#changed();
  }
  get messages() {
    return this.#messages;
  }
  set messages(messages) {
    this.#messages = messages;
    this.#changed();
  }
  readonly pushMessage = (message: UI_MESSAGE) => {
    this.messages = [...this.#messages, message];
  };
  readonly popMessage = () => {
    this.messages = this.#messages.slice(0, -1);
  };
  readonly replaceMessage = (index: number, message: UI_MESSAGE) => {
    this.messages = this.#messages.with(index, message);
  };
  readonly snapshot = <T>(thing: T): T => structuredClone(thing);
}

export class PlainChat<UI_MESSAGE extends UIMessage> extends AbstractChat<UI_MESSAGE> {
  constructor({ messages = [], ...init }: ChatInit<UI_MESSAGE>, changed: () => void) {
    super({ ...init, state: new PlainState(messages, changed) });
  }
}
