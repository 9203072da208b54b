import type { ProjectedItem } from '@holdfast/protocol/projection';

/** Marks of what the log has stored of each item that a view holds: its state then, by the item's id. */
export class StoredMarks {
  readonly #marks = new Map<string, { readonly item: ProjectedItem; readonly version: number }>();

  /** True when the log has the item as it is now. */
  has(item: ProjectedItem): boolean {
    const mark = this.#marks.get(item.id);
    return mark?.item === item && mark.version === versionOf(item);
  }

  add(items: Iterable<ProjectedItem>): void {
    for (const item of items) this.#marks.set(item.id, { item, version: versionOf(item) });
  }

  drop(items: Iterable<ProjectedItem>): void {
    for (const { id } of items) this.#marks.delete(id);
  }

  clear(): void {
    this.#marks.clear();
  }
}

const versionOf = (item: ProjectedItem): number => (item.kind === 'assistant' ? item.version : 0);
