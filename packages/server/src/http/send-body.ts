import {
  isName,
  isRecord,
  isSessionId,
  type Message,
  type SendRequest,
  type ShownTranscript,
  toSendRequest,
} from '@holdfast/protocol';
import { isWhileBusy, policies } from '../commands/send/policies.ts';
import { bad } from './body.ts';
import { isAnswers, isList, uniqueAnswers } from './lists.ts';

type Body = Readonly<Record<string, unknown>>;

/** A send, and whether it came from a stock AI SDK client, which expects a stream as the answer. */
export interface ReadSend {
  readonly send: SendRequest;
  readonly stock: boolean;
  /** The list of a chat, which is to be compared with the session; a stock client does not say what it has shown. */
  readonly transcript?: Transcript;
  /** A stock client without a list says what it edits, or asks again, by an id: where that stands is to be looked up. */
  readonly place?: Place;
}

/** A message of the session; without an id the last one. */
export interface Place {
  readonly messageId: string | undefined;
}

export interface Transcript extends Partial<ShownTranscript> {
  readonly messages: readonly Message[];
  /** True where the page was answered in text, and has made up the ids of answers. */
  readonly isText?: boolean;
}

/** The members of a stock body that the SDK sets; all others are the application's. */
const stockMembers: ReadonlySet<string> = new Set([
  'id',
  'messages',
  'message',
  'trigger',
  'messageId',
]);

/** A stock client sends the whole transcript each time. */
const maxMessages = 10_000;

/** Checks the form of a POST body; rejects with `bad_request`. */
export function readSend(body: Body, mintId: () => string): ReadSend {
  if (!isSessionId(body.id))
    throw bad('`id` must be a session id: 1 to 128 letters, digits, `_` or `-`');
  const { id, trigger = 'submit-message' } = body;
  if (trigger !== 'submit-message' && trigger !== 'regenerate-message')
    throw bad('`trigger` must be submit-message or regenerate-message');
  if (isReduced(body, trigger)) return readReduced(body, id, trigger, mintId);
  if (!Array.isArray(body.messages)) {
    const send = withWishes(readOwn(body, id, trigger));
    if (body.transcript === undefined) return { send, stock: false };
    return { send, stock: false, transcript: readShown(body.transcript) };
  }
  const { send, transcript } = readStock(body, id, trigger, mintId);
  return { send: withWishes(send), stock: true, transcript: { messages: transcript } };
}

/** Of one call of the SDK's functions only `body` can say it: `sendMessage(…, { body: { expect } })`. */
function withWishes(send: SendRequest): SendRequest {
  const { whileBusy, expect, wake, to } = send.body ?? {};
  return {
    ...(isName(to) ? { to } : {}),
    ...(isWhileBusy(whileBusy) ? { whileBusy } : {}),
    ...(typeof wake === 'boolean' ? { wake } : {}),
    ...(expect === null || isName(expect) ? { expect } : {}),
    ...send,
  };
}

function readOwn(body: Body, id: string, trigger: SendRequest['trigger']): SendRequest {
  const { command, message, after, base, continues, answers, expect, whileBusy, metadata } = body;
  const { wake, to } = body;
  if (!isName(command)) throw bad('`command` must be a text of 1 to 256 characters');
  if (message !== undefined && !isMessage(message)) throw bad('`message` is no UI message');
  if (after !== undefined && after !== null && !isName(after))
    throw bad('`after` must be a message id or null');
  if (base !== undefined && !isName(base)) throw bad('`base` must be a position');
  if (continues !== undefined && !isName(continues)) throw bad('`continues` must be a message id');
  if (answers !== undefined && !isAnswers(answers))
    throw bad('`answers` must be a list of chunks, at most 1,000, one for each call');
  if (expect !== undefined && expect !== null && !isName(expect))
    throw bad('`expect` must be a message id or null');
  if (whileBusy !== undefined && !isWhileBusy(whileBusy))
    throw bad(`\`whileBusy\` must be one of ${policies.join(', ')}`);
  if (to !== undefined && !isName(to)) throw bad('`to` must be the name of an agent');
  if (wake !== undefined && typeof wake !== 'boolean') throw bad('`wake` must be true or false');
  const custom = body.body;
  if (custom !== undefined && !isRecord(custom)) throw bad('`body` must be an object');
  return {
    id,
    command,
    trigger,
    ...(message === undefined ? {} : { message }),
    ...(after === undefined ? {} : { after }),
    ...(base === undefined ? {} : { base }),
    ...(continues === undefined ? {} : { continues }),
    ...(answers === undefined ? {} : { answers }),
    ...(expect === undefined ? {} : { expect }),
    ...(whileBusy === undefined ? {} : { whileBusy }),
    ...(wake === undefined ? {} : { wake }),
    ...(to === undefined ? {} : { to }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(custom === undefined ? {} : { body: custom }),
  };
}

function readStock(
  body: Body,
  id: string,
  trigger: SendRequest['trigger'],
  mintId: () => string,
): { readonly send: SendRequest; readonly transcript: readonly Message[] } {
  const { messages } = body;
  if (!isTranscript(messages))
    throw bad(
      '`messages` must be a list of UI messages, at most 10,000, each with an id of its own',
    );
  const messageId = readMessageId(body);
  const send = toSendRequest({ id, trigger, messageId, messages }, mintId);
  return { send: withCustom(send, body), transcript: messages };
}

/** The body of a stock client that sends its last message alone, or none, as the SDK's pages show. Ours has a command. */
const isReduced = ({ messages, message, command }: Body, trigger: SendRequest['trigger']) =>
  messages === undefined &&
  command === undefined &&
  (message !== undefined || trigger === 'regenerate-message');

function readReduced(
  body: Body,
  id: string,
  trigger: SendRequest['trigger'],
  mintId: () => string,
): ReadSend {
  const { message } = body;
  const messageId = readMessageId(body);
  if (trigger === 'regenerate-message') {
    const send = withCustom({ id, trigger, command: mintId() }, body);
    return { send: withWishes(send), stock: true, place: { messageId } };
  }
  if (!isMessage(message)) throw bad('`message` is no UI message');
  const send = toSendRequest({ id, trigger, messageId: undefined, messages: [message] }, mintId);
  const isEdit = messageId !== undefined && send.message !== undefined;
  const named = isEdit ? { ...send, command: mintId() } : send;
  return {
    send: withWishes(withCustom(named, body)),
    stock: true,
    ...(isEdit ? { place: { messageId } } : {}),
  };
}

function readMessageId({ messageId }: Body): string | undefined {
  if (messageId === undefined || messageId === null) return undefined;
  if (!isName(messageId)) throw bad('`messageId` must be a message id');
  return messageId;
}

/** With the members that are the application's. */
function withCustom(send: SendRequest, body: Body): SendRequest {
  // A message may show the answer to a call twice; it is one answer.
  const reduced = send.answers ? { ...send, answers: uniqueAnswers(send.answers) } : send;
  const custom = Object.fromEntries(
    Object.entries(body).filter(([member]) => !stockMembers.has(member)),
  );
  return Object.keys(custom).length === 0 ? reduced : { ...reduced, body: custom };
}

function readShown(value: unknown): ShownTranscript {
  if (!isRecord(value)) throw bad('`transcript` must be an object');
  const { messages, shown, isSameChat } = value;
  if (!isTranscript(messages))
    throw bad(
      '`transcript.messages` must be a list of UI messages, at most 10,000, each with an id of its own',
    );
  if (!Array.isArray(shown) || shown.length > maxMessages || !shown.every(isName))
    throw bad('`transcript.shown` must be a list of message ids, at most 10,000');
  if (typeof isSameChat !== 'boolean') throw bad('`transcript.isSameChat` must be true or false');
  return { messages, shown, isSameChat };
}

const isTranscript = (value: unknown): value is readonly Message[] =>
  isList(value, isMessage, maxMessages, ({ id }) => id);

export const isMessage = (value: unknown): value is Message =>
  isRecord(value) &&
  isName(value.id) &&
  typeof value.role === 'string' &&
  Array.isArray(value.parts) &&
  value.parts.every(isRecord);
