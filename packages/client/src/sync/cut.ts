import { isPieced, type SessionProjection } from '@holdfast/protocol/projection';

/** Messages of whose long texts only the end is here; the list of before where they are the same. */
export function cutOf(
  { items }: Pick<SessionProjection, 'items'>,
  before: readonly string[],
): readonly string[] {
  const cut = [...items].filter((item) => item.kind === 'assistant' && isPieced(item));
  const isSame = cut.length === before.length && cut.every(({ id }, at) => id === before[at]);
  return isSame ? before : cut.map(({ id }) => id);
}
