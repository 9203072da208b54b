import type { Chunk, Entry, Message } from '../../src/entries.ts';
import { chunksOfItem, segmentsOfItem } from '../../src/projection/items.ts';
import { SessionProjection } from '../../src/projection/session-projection.ts';

export const user = (id: string): Message => ({
  id,
  role: 'user',
  parts: [{ type: 'text', text: id }],
});
export const said = (id: string): Entry => ({
  k: 'message',
  message: user(id),
  by: { id: 'u', role: 'user' },
  at: 0,
});
export const start = (run: string, more: object = {}): Entry => ({
  k: 'run-start',
  run,
  attempt: 1,
  agent: 'agent',
  messageId: `m-${run}`,
  command: `c-${run}`,
  at: 0,
  ...more,
});
export const text = (delta: string): Chunk => ({ type: 'text-delta', id: 't', delta });
export const chunks = (run: string, c: readonly unknown[], attempt = 1): Entry =>
  ({ k: 'chunks', run, attempt, c }) as Entry;
export const end = (run: string, more: object = {}): Entry =>
  ({ k: 'run-end', run, attempt: 1, outcome: 'finished', at: 0, ...more }) as Entry;
export const answer = (messageId: string, ...c: readonly Chunk[]): Entry => ({
  k: 'answer',
  messageId,
  chunks: c,
  at: 0,
});
export const cut = (after: string | null): Entry => ({ k: 'truncate', after, at: 0 });
export const step = (run: string, name: string, seals?: true): Entry => ({
  k: 'step',
  run,
  name,
  result: name,
  ...(seals ? { seals } : {}),
  at: 0,
});

export function after(...entries: readonly Entry[]): SessionProjection {
  const projection = new SessionProjection();
  for (const entry of entries) projection.apply(entry);
  return projection;
}
export const idsOf = ({ items }: SessionProjection): string[] => [...items].map(({ id }) => id);
export const segmentsOf = (
  projection: SessionProjection,
  id: string,
): (string | number | readonly Chunk[] | null | undefined)[][] | null => {
  const item = projection.item(id);
  return item?.kind === 'assistant'
    ? segmentsOfItem(item).map(({ run, chunks: c, sealed }) => [run, c, sealed])
    : null;
};
export const chunksIn = (projection: SessionProjection, id: string): readonly Chunk[] | null => {
  const item = projection.item(id);
  return item?.kind === 'assistant' ? chunksOfItem(item) : null;
};
