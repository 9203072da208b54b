import type { CheckpointCommand, Opened } from '@holdfast/log';
import { origin } from '@holdfast/protocol';
import type { ProjectedItem } from '@holdfast/protocol/projection';
import { StoredMarks } from './stored-marks.ts';

/** The part of a session that the log has stored, as far as a view knows: its next checkpoint goes on from there. */
export class CheckpointBase {
  /** The state in which each item is stored that the view holds. */
  readonly marks: StoredMarks = new StoredMarks();
  #checkpoint = origin;
  #handed = origin;
  #stored = { count: 0, keep: 0 };
  #state = '';
  #unstored = 0;

  /** Characters of the entries behind the checkpoint. */
  get unstored(): number {
    return this.#unstored;
  }

  /** The entry up to which it is stored. */
  get checkpoint(): string {
    return this.#checkpoint;
  }

  /** The entry up to which the application was told. */
  get handed(): string {
    return this.#handed;
  }

  get stored(): Pick<CheckpointCommand, 'count' | 'keep'> {
    return this.#stored;
  }

  /** The text of what is stored besides messages. */
  get state(): string {
    return this.#state;
  }

  reset(): void {
    this.#checkpoint = origin;
    this.#handed = origin;
    this.#stored = { count: 0, keep: 0 };
    this.#state = '';
    this.#unstored = 0;
  }

  /** The log was opened; the view holds these items of it. */
  opened(
    { checkpoint, handed, count, state }: Opened,
    keep: number,
    items: Iterable<ProjectedItem>,
  ): void {
    this.marks.add(items);
    this.#checkpoint = checkpoint;
    this.#handed = handed;
    this.#stored = { count, keep };
    this.#state = state;
  }

  /** The log has taken a checkpoint; the view holds these items of it. */
  took(
    { through, count, keep, state }: Omit<CheckpointCommand, 'trim' | 'handed'>,
    items: Iterable<ProjectedItem>,
  ): void {
    this.marks.add(items);
    this.#checkpoint = through;
    this.#unstored = 0;
    this.#stored = { count, keep };
    if (state !== undefined) this.#state = state;
  }

  /** The view has taken an entry behind the checkpoint. */
  applied(body: string): void {
    this.#unstored += body.length;
  }

  handedTo(id: string): void {
    this.#handed = id;
  }
}
