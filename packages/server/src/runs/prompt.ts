import type { Message } from '@holdfast/protocol';
import { type AssistantItem, segmentsOfItem } from '@holdfast/protocol/projection';
import { conflict } from '../conflict.ts';
import type { Core } from '../core.ts';
import { type Filling, filledMessage, readingOnce, wholeOf } from '../files/filled.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { foldMessage } from '../session/fold-message.ts';
import type { SessionHub } from '../session/hub.ts';
import { mayBeOpen, type Prompt } from '../session/prompt.ts';
import type { Written } from '../session/written.ts';
import { withEndedCalls } from './ended-calls.ts';
import type { Execution } from './execution.ts';

/** How often the start of a run is written again, which may be lost again meanwhile. */
const restarts = 5;

/**
 * The prompt of the agent of a run. A failover may have taken the question away with the start of the run: no
 * agent answers a session without it, so both are written first (HF-POS-6). Rejects with the log's error, and
 * as `conflict` where that cannot be done.
 */
export async function promptFor(
  { environment, limits }: Core,
  hub: SessionHub,
  { run, messageId, messages, restart }: Execution,
): Promise<Prompt> {
  const ask = () => messages(hub);
  const look = () => messagesBefore(hub, run, messageId);
  let given = await retryUnavailable(ask, limits.retryForMs, environment);
  for (let left = restarts; given === null && left > 0 && (await restart()); left--)
    given = await retryUnavailable(look, limits.retryForMs, environment);
  if (given) return given;
  throw conflict(
    'gone',
    `run ${run}: the log has lost its start; a send that is repeated begins it anew`,
  );
}

/** The messages before the run's own words; null where the log does not have the run. */
export async function messagesBefore(
  hub: SessionHub,
  run: string,
  messageId: string,
): Promise<Prompt | null> {
  return await hub.project(async (projection, _, view) => {
    if (!projection.run(run)) return null;
    const items = [...projection.items];
    const place = items.findIndex(({ id }) => id === messageId);
    const item = items[place];
    const own = item?.kind === 'assistant' ? [await ownWords(item, run)] : [];
    return await view.prompt(place < 0 ? view.end : view.start + place, own);
  });
}

/** The message that a run goes on with, as it was before the run; without parts, and so not shown, where that is its first. */
async function ownWords(item: AssistantItem, run: string): Promise<Written> {
  const segments = segmentsOfItem(item);
  const at = segments.findIndex((segment) => segment.run === run);
  const chunks = segments.slice(0, at < 0 ? undefined : at).flatMap((each) => each.chunks);
  return { message: await foldMessage(item.id, chunks), by: item.by };
}

/**
 * The messages of a prompt as the agent is given them that writes the message `own`: with all data in their places,
 * and with no call that has no result. Rejects with `unavailable`.
 */
export async function givenMessages(
  { fileTexts, openCalls }: Pick<Core, 'fileTexts' | 'openCalls'>,
  session: string,
  { messages, special }: Prompt,
  own: string,
): Promise<Message[]> {
  const given = messages();
  const whole = readingOnce(wholeOf(fileTexts, session));
  for (const at of special) {
    const message = await filledMessage(whole, given[at] as Message);
    given[at] = openCalls === 'keep' ? message : await withEndedCalls(message, own);
  }
  return given;
}

/**
 * The same one after another, for who writes them down: with references where nothing is ended, so that no more than
 * one message is there whole. Throws `unavailable`.
 */
export async function* referringMessages(
  whole: Filling,
  openCalls: Core['openCalls'],
  { messages, special }: Prompt,
  own: string,
): AsyncGenerator<Message> {
  const places = new Set(special);
  for (const [at, message] of messages().entries()) {
    const isEnded = openCalls !== 'keep' && places.has(at) && message.parts.some(mayBeOpen);
    yield isEnded ? await withEndedCalls(await filledMessage(whole, message), own) : message;
  }
}
