import { type Entry, isRecord, parseJson } from '@holdfast/protocol';

const maxDepth = 1_000;

type Shape = (entry: Record<string, unknown>) => boolean;

const isText = (value: unknown): value is string => typeof value === 'string';
const isMessage = (value: unknown): boolean =>
  isRecord(value) && isText(value.id) && isText(value.role) && Array.isArray(value.parts);
const areChunks = (value: unknown): boolean =>
  Array.isArray(value) && value.every((chunk) => isRecord(chunk) && isText(chunk.type));
const isQueued = (value: unknown): boolean =>
  isRecord(value) && isText(value.id) && Array.isArray(value.messages);

/** The members that readers rely on in each kind. Other kinds are for later versions, and pass. */
const shapes: Readonly<Record<Entry['k'], Shape>> = {
  message: ({ message }) => isMessage(message),
  truncate: ({ after }) => after === null || isText(after),
  answer: ({ messageId, chunks }) => isText(messageId) && areChunks(chunks),
  'run-start': ({ run, messageId, attempt }) =>
    isText(run) && isText(messageId) && typeof attempt === 'number',
  chunks: ({ run, c }) => isText(run) && areChunks(c),
  'run-end': ({ run }) => isText(run),
  cancel: ({ run }) => isText(run),
  steer: ({ run, message }) => isText(run) && isMessage(message),
  queue: ({ order, add }) =>
    Array.isArray(order) && order.every(isText) && (add === undefined || isQueued(add)),
  handoff: ({ to }) => to === null || isRecord(to),
  step: ({ run, name }) => isText(run) && isText(name),
  seed: () => true,
};

/** Reads an entry's body; null when it is none, which readers skip (HF-SUB-11). */
export function entryOf(body: string): Entry | null {
  const parsed = parseJson(body, maxDepth);
  if (!parsed.ok || !isRecord(parsed.value)) return null;
  const { value } = parsed;
  const { k } = value;
  if (!isText(k)) return null;
  const fits = !Object.hasOwn(shapes, k) || shapes[k as Entry['k']](value);
  return fits ? (value as unknown as Entry) : null;
}
