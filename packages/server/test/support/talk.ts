import type { Message, SendResponse, SnapshotFrame } from '@holdfast/protocol';
import type { UIMessage } from 'ai';
import type { Agent } from '../../src/index.ts';
import { answer } from './gated-agent.ts';
import { type TestServer, userMessage } from './server.ts';

export interface Page {
  readonly messages: readonly Message[];
  readonly before: string | null;
}

/** Answers every message with `re: ` and its text. */
export const echo: Agent = ({ messages }) =>
  (async function* () {
    yield* answer(`re: ${textOf(messages.at(-1) as unknown as Message)}`);
  })();

export const textOf = ({ parts }: Message): string =>
  parts.map((part) => (part as { text?: string }).text ?? '').join('');

/** A message's id and words. */
export const saidBy = ({ id, parts }: Pick<UIMessage, 'id' | 'parts'>): string =>
  `${id}: ${parts.map((part) => ('text' in part ? part.text : '')).join('')}`;

/** Sends and waits until the run has ended. */
export async function say(
  server: TestServer,
  id: string,
  text: string,
  more: Record<string, unknown> = {},
): Promise<SendResponse> {
  const sent = await server.send({
    id,
    message: userMessage(crypto.randomUUID(), text),
    ...more,
  });
  await ended(server, id, sent.run);
  return sent;
}

/** Waits until the session says that the run has ended. */
export async function ended(server: TestServer, id: string, run: string): Promise<void> {
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: id });
  const snap = (await client.until((frame) => frame.t === 'snap' && !frame.more)) as SnapshotFrame;
  const known = snap.runs?.find((info) => info.run === run);
  if (known?.state === 'running')
    await client.until(
      (frame) => frame.t === 'entry' && frame.d.k === 'run-end' && frame.d.run === run,
    );
  client.terminate();
}

export async function page(server: TestServer, id: string, query = ''): Promise<Page> {
  const response = await fetch(`${server.api}/${id}${query}`);
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Page;
}

/** Every message of the session, page by page, oldest first. */
export async function allPages(server: TestServer, id: string): Promise<readonly Message[]> {
  let last = await page(server, id);
  let messages = [...last.messages];
  while (last.before !== null) {
    last = await page(server, id, `?before=${encodeURIComponent(last.before)}`);
    messages = [...last.messages, ...messages];
  }
  return messages;
}

/** A snapshot as a client that just came gets it, in one frame. */
export async function join(server: TestServer, id: string): Promise<SnapshotFrame> {
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: id });
  const parts: SnapshotFrame[] = [];
  await client.until((frame) => {
    if (frame.t === 'snap') parts.push(frame);
    return frame.t === 'snap' && !frame.more;
  });
  client.terminate();
  const last = parts.at(-1) as SnapshotFrame;
  return { ...last, items: parts.flatMap(({ items }) => items) };
}
