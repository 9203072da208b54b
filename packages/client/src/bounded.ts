/** Adds to what is remembered, and forgets the oldest beyond `most`. */
export function remember<T>(known: Set<T>, most: number, ...more: readonly T[]): void {
  for (const each of more) known.add(each);
  for (const oldest of known) {
    if (known.size <= most) break;
    known.delete(oldest);
  }
}
