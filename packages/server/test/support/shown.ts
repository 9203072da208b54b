import type { Message, Position, ServerFrame, SnapshotItem } from '@holdfast/protocol';
import { chunksOfItem, SessionProjection } from '@holdfast/protocol/projection';
import { isShown, messageOf } from '../../src/session/fold-message.ts';
import { textOf } from './talk.ts';

/** What a client shows of a session: the fold of the frames that it was sent. */
export class Shown {
  readonly projection: SessionProjection = new SessionProjection();
  /** Where what came was no chain (HF-SUB-5). */
  readonly breaks: string[] = [];
  /** How it was answered each time that it followed. */
  readonly modes: string[] = [];
  /** From where it would go on. */
  position: Position | null = null;
  #parts: SnapshotItem[] = [];
  #wake = () => {};

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
    return this.textIn(this.projection.run(run)?.messageId ?? '');
  }

  /** That of a message: a snapshot has it also where it has no more of the run, as a whole when others are behind it. */
  textIn(messageId: string): string {
    const item = this.projection.item(messageId);
    if (item?.kind === 'message') return textOf(item.message);
    const chunks = item?.kind === 'assistant' ? chunksOfItem(item) : [];
    return chunks.map(({ type, delta }) => (type === 'text-delta' ? String(delta) : '')).join('');
  }

  receive(frame: ServerFrame): void {
    if (frame.t === 'subbed') {
      this.modes.push(frame.mode);
      this.#parts = [];
    } else if (frame.t === 'snap') {
      this.#parts.push(...frame.items);
      if (frame.more) return;
      this.projection.load(this.#parts, frame.runs ?? [], frame.queue, frame.operator);
      this.#parts = [];
      this.position = { epoch: frame.epoch, id: frame.through };
    } else if (frame.t === 'entry') {
      const { p, i, d } = frame;
      if (p !== this.position?.id) this.breaks.push(`${i} came behind ${this.position?.id}`);
      this.position = { epoch: this.position?.epoch ?? '', id: i };
      this.projection.apply(d);
    }
    const wake = this.#wake;
    this.#wake = () => {};
    wake();
  }
}
