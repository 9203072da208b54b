import {
  type AssistantItem,
  isPieced,
  type SessionProjection,
} from '@holdfast/protocol/projection';

/** Whether a message is cut, and the version of which that is known: the chunks of each are looked at once. */
const known = new WeakMap<AssistantItem, { readonly version: number; readonly isCut: boolean }>();

/** Messages of whose long texts only the end is here; the list of before where they are the same. */
export function cutOf(
  { items }: Pick<SessionProjection, 'items'>,
  before: readonly string[],
): readonly string[] {
  const cut = [...items].filter((item) => item.kind === 'assistant' && isCut(item));
  const isSame = cut.length === before.length && cut.every(({ id }, at) => id === before[at]);
  return isSame ? before : cut.map(({ id }) => id);
}

function isCut(item: AssistantItem): boolean {
  let last = known.get(item);
  if (last?.version !== item.version) {
    last = { version: item.version, isCut: isPieced(item) };
    known.set(item, last);
  }
  return last.isCut;
}
