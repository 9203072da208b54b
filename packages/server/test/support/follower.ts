import {
  decodeServerFrame,
  formatPosition,
  type Message,
  type Position,
  type ServerFrame,
  type SnapshotItem,
} from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { WebSocket } from 'ws';
import { isShown, messageOf } from '../../src/session/fold-message.ts';
import { WireClient } from './wire-client.ts';

/** Shows a session as clients do: folds what it is sent, and goes on at any gateway from where it was. */
export class Follower {
  readonly projection: SessionProjection = new SessionProjection();
  /** Where what came was no chain (HF-SUB-4). */
  readonly breaks: string[] = [];
  /** How it was answered each time that it followed. */
  readonly modes: string[] = [];
  readonly #session: string;
  #wire: WireClient | null = null;
  #position: Position | null = null;
  #parts: SnapshotItem[] = [];
  #wake = () => {};

  constructor(session: string) {
    this.#session = session;
  }

  /** Resolves when it has caught up. */
  async follow(origin: string): Promise<void> {
    this.leave();
    const address = `${origin.replace('http', 'ws')}/holdfast`;
    const wire = new WireClient(new WebSocket(address, ['holdfast.v1']));
    this.#wire = wire;
    this.#parts = [];
    wire.socket.on('message', (data) => {
      const decoded = decodeServerFrame(data.toString());
      if (this.#wire === wire && decoded.kind === 'frame') this.#receive(decoded.frame);
    });
    await wire.opened;
    const pos = this.#position ? { pos: formatPosition(this.#position) } : {};
    wire.send({ t: 'hello', v: 1 });
    wire.send({ t: 'sub', r: 1, s: this.#session, ...pos });
    await wire.next('live');
  }

  leave(): void {
    this.#wire?.terminate();
    this.#wire = null;
  }

  /** Resolves when the gateway is gone. */
  async gone(): Promise<void> {
    await this.#wire?.closed;
  }

  /** Resolves when that holds for what it shows. */
  async until(test: () => boolean): Promise<void> {
    while (!test())
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before();
          resolve();
        };
      });
  }

  async messages(): Promise<readonly Message[]> {
    const messages = await Promise.all([...this.projection.items].map(messageOf));
    return messages.filter(isShown);
  }

  /** The text of a run's message as far as it came. */
  text(run: string): string {
    const chunks = this.projection.chunksOf(this.projection.run(run)?.messageId ?? '') ?? [];
    return chunks.map(({ type, delta }) => (type === 'text-delta' ? String(delta) : '')).join('');
  }

  #receive(frame: ServerFrame): void {
    if (frame.t === 'subbed') this.modes.push(frame.mode);
    else if (frame.t === 'snap') {
      this.#parts.push(...frame.items);
      if (frame.more) return;
      this.projection.load(this.#parts, frame.runs ?? [], frame.queue, frame.operator);
      this.#parts = [];
      this.#position = { epoch: frame.epoch, id: frame.through };
    } else if (frame.t === 'entry') {
      const { p, i, d } = frame;
      if (p !== this.#position?.id) this.breaks.push(`${i} came behind ${this.#position?.id}`);
      this.#position = { epoch: this.#position?.epoch ?? '', id: i };
      this.projection.apply(d);
      this.#wire?.send({ t: 'ack', s: this.#session, i });
    }
    const wake = this.#wake;
    this.#wake = () => {};
    wake();
  }
}
