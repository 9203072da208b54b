/** A message as Ably's protocol has it, with the parts that a client gives. */
export interface Given {
  readonly name?: string;
  readonly data?: string;
  readonly encoding?: string | null;
  readonly extras?: unknown;
  readonly action?: number;
  /** Of the message that is appended to. */
  readonly serial?: string;
}

interface Stored extends Given {
  readonly id: string;
  readonly serial: string;
  /** Of the last append; that of the message where there was none. */
  readonly version: { readonly serial: string; readonly timestamp: number };
  readonly timestamp: number;
  readonly clientId: string | undefined;
  readonly connectionId: string;
}

/** Who sent it, and as which of its frames. */
export interface Sender {
  readonly connectionId: string;
  readonly clientId: string | undefined;
  readonly msgSerial: number;
}

type Send = (frame: object) => void;

interface Attached {
  /** The newest entry when it attached. */
  readonly since: string;
  /** Messages from before that of which it was sent the whole. */
  readonly whole: Set<string>;
}

const create = 0;
const update = 1;
const append = 5;
const messageFrame = 15;

/** A channel: its messages in their newest versions, and who is attached. Serials sort as their text does. */
export class Channel {
  readonly #name: string;
  readonly #messages = new Map<string, Stored>();
  readonly #attached = new Map<Send, Attached>();
  #last = 0;

  constructor(name: string) {
    this.#name = name;
  }

  /** The newest serial. */
  get serial(): string {
    return String(this.#last).padStart(12, '0');
  }

  attach(send: Send): void {
    this.#attached.set(send, { since: this.serial, whole: new Set() });
  }

  detach(send: Send): void {
    this.#attached.delete(send);
  }

  /** Returns the serials of what was sent. Throws when a message asks for what a channel does not do. */
  take(messages: readonly Given[], sender: Sender): readonly string[] {
    return messages.map((given, at) => {
      if (given.action === create) return this.#create(given, `${sender.msgSerial}:${at}`, sender);
      if (given.action === append) return this.#append(given);
      throw new Error(`the stand-in does not know message action ${given.action}`);
    });
  }

  #create(given: Given, id: string, { connectionId, clientId }: Sender): string {
    const serial = this.#next();
    const timestamp = Date.now();
    const version = { serial, timestamp };
    const message = { ...given, id: `${connectionId}:${id}`, serial, version, timestamp };
    const stored: Stored = { ...message, clientId, connectionId };
    this.#messages.set(serial, stored);
    for (const send of this.#attached.keys()) this.#deliver(send, stored);
    return serial;
  }

  /** Goes out as it came; but whole to those that attached in mid-message and have had no append of it. */
  #append({ serial = '', data = '', extras }: Given): string {
    const message = this.#messages.get(serial);
    if (!message) throw new Error(`there is no message ${serial} to append to`);
    const version = { serial: this.#next(), timestamp: Date.now() };
    const whole = { ...message, data: `${message.data ?? ''}${data}`, extras, version };
    this.#messages.set(serial, { ...whole, action: update });
    const { name: _, ...nameless } = whole;
    for (const [send, attached] of this.#attached) {
      const isFirst = serial <= attached.since && !attached.whole.has(serial);
      if (isFirst) attached.whole.add(serial);
      this.#deliver(
        send,
        isFirst ? { ...whole, action: update } : { ...nameless, data, action: append },
      );
    }
    return version.serial;
  }

  #deliver(send: Send, message: object): void {
    const channelSerial = this.serial;
    send({ action: messageFrame, channel: this.#name, channelSerial, messages: [message] });
  }

  /** Messages up to one serial and before another, the newest first. */
  history(upTo: string, before: string | undefined, limit: number): readonly Stored[] {
    return [...this.#messages.values()]
      .filter(({ serial }) => serial <= upTo && (before === undefined || serial < before))
      .reverse()
      .slice(0, limit);
  }

  #next(): string {
    this.#last += 1;
    return this.serial;
  }
}
