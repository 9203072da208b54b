import type { ProjectedItem } from '@holdfast/protocol/projection';

/** Marks of what the log has stored of the items that a view holds: the version of each that it has. */
export class StoredMarks {
  readonly #versions = new WeakMap<ProjectedItem, number>();

  /** True when the log has the item as it is now. */
  has(item: ProjectedItem): boolean {
    return this.#versions.get(item) === versionOf(item);
  }

  add(items: Iterable<ProjectedItem>): void {
    for (const item of items) this.#versions.set(item, versionOf(item));
  }
}

const versionOf = (item: ProjectedItem): number => (item.kind === 'assistant' ? item.version : 0);
