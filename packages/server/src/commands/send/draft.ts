import {
  type Author,
  type Chunk,
  HoldfastError,
  type Position,
  type SendRequest,
} from '@holdfast/protocol';
import {
  answeredKey,
  callsOf,
  chunksOfItem,
  type SessionProjection,
} from '@holdfast/protocol/projection';
import { conflict } from '../../conflict.ts';
import type { IsClientTool } from '../../contract/client-tools.ts';
import type { OpenCalls } from '../../contract/options.ts';
import { anchorOf } from '../../session/anchor.ts';
import type { SessionView } from '../../session/view.ts';
import { openAnswers } from '../answers.ts';
import { danglingIn, type Settlement } from './dangling.ts';
import { agentOf } from './writer-of.ts';

/** A send, checked against the session as it is at one position. */
export interface Draft {
  readonly after: string | null | undefined;
  readonly continues: string | undefined;
  readonly answers: readonly Chunk[];
  /** Calls of other messages that nobody will answer any more. */
  readonly settlements: readonly Settlement[];
  /** True when a run is live whose calls are open: it may have been asked to stop meanwhile. */
  readonly isUnderWay: boolean;
  /** Live runs whose messages are cut off. */
  readonly cancels: readonly string[];
  /** The agent whose message goes on or is asked for again, where that is known. */
  readonly writer: string | undefined;
  /**
   * The send relies on no other send behind this; absent where it relies on nothing. `seen` says that
   * it is the sender who has seen no more, so that drafting anew would not help.
   */
  readonly expect?: { readonly position: Position; readonly seen: boolean };
  /**
   * Why it is refused unless it is a repetition: another message of the session has the new one's id, or the one
   * that it would change is another author's,
   * calls of the message that goes on wait for answers, its run has settled those that are answered, or there
   * are as many live runs as there may be, or the message has gone on by itself too often.
   */
  readonly refused?: 'taken' | 'foreign' | 'unanswered' | 'settled' | 'crowded' | 'looped';
}

/** The rules of the server. */
export interface Rules {
  readonly openCalls: OpenCalls;
  readonly isClientTool: IsClientTool | null;
  /** The sender; absent for the server, which may change what it likes. */
  readonly author?: Author;
}

/** A position that no session is ever at: a send that relies on it can only be a repetition. */
export const never: Position = { epoch: '-', id: '0-0' };

/** Of a draft that no other look at the session makes anything but a repetition. */
export const onlyRepeated: NonNullable<Draft['expect']> = { position: never, seen: true };

/**
 * Rejects with `conflict` when what the send names is gone or its message's id is taken by another
 * (HF-ENT-9), and with `bad_request` for answers that answer nothing.
 */
export async function draftOf(
  view: SessionView,
  body: SendRequest,
  base: Position | null,
  { openCalls, isClientTool, author }: Rules,
): Promise<Draft> {
  const { after, continues } = body;
  if (after != null && !(await view.reach(after)))
    throw conflict('gone', 'send: the message to go on from is gone; load the session again');
  const answers = answersTo(view, body, isClientTool);
  const anchor = after == null ? after : await anchorOf(view, after);
  const cut = cutOff(view, anchor);
  const { projection, position } = view;
  const isOutdated = body.expect !== undefined && body.expect !== (projection.last?.id ?? null);
  const cancels = projection.liveRuns.filter((run) => cut.has(run.messageId)).map(({ run }) => run);
  const goesOn = continues !== undefined || openCalls === 'keep';
  const dangling = goesOn ? { settlements: [], isUnderWay: false } : danglingIn(view, cut);
  const { settlements } = dangling;
  const writer = writerOf(projection, body, cut);
  const draft = { after: anchor, continues, answers, ...dangling, cancels, writer };
  if (body.message && (await isTaken(view, body.message.id, after, cut)))
    return { ...draft, expect: onlyRepeated, refused: 'taken' };
  if (body.message && author && isForeign(projection, body.message.id, author))
    return { ...draft, expect: onlyRepeated, refused: 'foreign' };
  if (openCalls !== 'keep' && lacksAnswers(projection, continues, answers))
    return { ...draft, expect: onlyRepeated, refused: 'unanswered' };
  if (isLate(projection, body, answers))
    return { ...draft, expect: onlyRepeated, refused: 'settled' };
  if (isOutdated) return { ...draft, expect: onlyRepeated };
  const isFree = after === undefined && continues === undefined && body.expect === undefined;
  if (isFree && settlements.length === 0) return draft;
  const seen = base !== null && (base.epoch !== position.epoch || base.id !== position.id);
  return { ...draft, expect: { position: seen ? base : position, seen } };
}

/** The send with what it cuts off of answers that are dropped: those behind which nothing came. */
export function rolledBack(
  { projection }: SessionView,
  body: SendRequest,
  dropped: ReadonlySet<string>,
): SendRequest {
  const ids = [...projection.items].map(({ id }) => id);
  let keep = ids.length;
  while (keep > 0 && dropped.has(ids[keep - 1] ?? '')) keep--;
  return keep === ids.length ? body : { ...body, after: ids[keep - 1] ?? null };
}

function answersTo(
  { projection }: SessionView,
  { continues, answers = [] }: SendRequest,
  isClientTool: IsClientTool | null,
): readonly Chunk[] {
  if (continues !== undefined) {
    const item = projection.item(continues);
    const accepted =
      item?.kind === 'assistant' ? openAnswers(projection, item, answers, isClientTool) : null;
    const wentOn = accepted?.length === 0 && answers.length > 0;
    if (accepted && !(wentOn && projection.last?.id !== continues)) return accepted;
    throw conflict(
      accepted ? 'settled' : 'gone',
      'send: the message to continue is gone or settled; load the session again',
    );
  }
  if (answers.length > 0)
    throw new HoldfastError('bad_request', 'unable to send: answers need `continues`');
  return [];
}

/**
 * True when the run itself has settled all that is answered, as when it was stopped, or another has gone on: then
 * nobody wants another run. Behind answers of other clients, the one that goes on may be this.
 */
function isLate(
  projection: SessionProjection,
  { continues, answers = [] }: SendRequest,
  accepted: readonly Chunk[],
): boolean {
  if (continues === undefined || answers.length === 0 || accepted.length > 0) return false;
  const item = projection.item(continues);
  if (item?.kind !== 'assistant') return false;
  const { segments } = item;
  const keys = new Set(answers.map(answeredKey));
  const at = segments.findLastIndex(
    ({ run, fold }) => run === null && fold.chunks.some((chunk) => keys.has(answeredKey(chunk))),
  );
  const before = new Set(segments.slice(0, at).map(({ run }) => run));
  return at < 0 || segments.slice(at + 1).some(({ run }) => run !== null && !before.has(run));
}

/** A provider refuses a prompt with a call that has no result (HF-HTTP-31). */
function lacksAnswers(
  projection: SessionProjection,
  continues: string | undefined,
  answers: readonly Chunk[],
): boolean {
  if (continues === undefined) return false;
  if (projection.liveRuns.some(({ messageId }) => messageId === continues)) return false;
  const item = projection.item(continues);
  const chunks = [...(item?.kind === 'assistant' ? chunksOfItem(item) : []), ...answers];
  return callsOf(chunks).unanswered.size > 0;
}

/** The ids of messages behind `after`. */
function cutOff({ projection }: SessionView, after: string | null | undefined): Set<string> {
  const cut = new Set<string>();
  let behind = after === null;
  if (after !== undefined)
    for (const { id } of projection.items) {
      if (behind) cut.add(id);
      if (id === after) behind = true;
    }
  return cut;
}

function writerOf(
  projection: SessionProjection,
  { trigger, continues }: SendRequest,
  cut: ReadonlySet<string>,
): string | undefined {
  const isReply = (id: string): boolean => {
    const item = projection.item(id);
    return item?.kind === 'assistant' || item?.message.role === 'assistant';
  };
  const id = continues ?? (trigger === 'regenerate-message' ? [...cut].find(isReply) : undefined);
  return id === undefined ? undefined : agentOf(projection, id);
}

/** HF-AUTH-5; one whose author is not known came with a history of the application's own. */
function isForeign(projection: SessionProjection, id: string, author: Author): boolean {
  const item = projection.item(id);
  if (!item) return false;
  if (item.kind === 'assistant') return true;
  const { by, message } = item;
  if (!by) return message.role !== 'user';
  // A person may be a user today and an operator tomorrow; an agent may have a user's id for a name.
  return by.id !== author.id || (by.role === 'agent') !== (author.role === 'agent');
}

async function isTaken(
  view: SessionView,
  id: string,
  after: string | null | undefined,
  cut: ReadonlySet<string>,
): Promise<boolean> {
  if (view.projection.item(id)) return !cut.has(id);
  // A message older than all that are held stays, unless nothing does.
  return after !== null && (await view.hasOlder(id));
}
