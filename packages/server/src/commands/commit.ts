import type { SendCommand, SendOutcome, SendRefusal } from '@holdfast/log';
import { type Entry, HoldfastError } from '@holdfast/protocol';
import { isGone } from '../conflict.ts';
import type { Core } from '../core.ts';
import { overLimit } from '../over-limit.ts';
import { retryUnavailable } from '../retry-unavailable.ts';
import { ownCommand } from '../runs/own-command.ts';
import { remindOfHooks } from '../runs/remind.ts';
import { kindOf } from '../session/kind-of.ts';
import { never } from './send/draft.ts';

/** How long a write is repeated to the log before the client is told to repeat it itself, in ms. */
const retryForMs = 5_000;
/** How often is decided while others keep coming in between. */
const tries = 5;

/** A command that the log has: taken now, or a repetition of one that it took before. */
export type AcceptedSend = Exclude<SendOutcome, { readonly kind: 'refused' }>;

/** Others have come in between: the session is looked at, and decided, again. */
export const again: unique symbol = Symbol('again');

type Settled<T> = T | typeof again | Promise<T | typeof again>;

/** A write, and the meaning of its outcomes. */
export interface Write<T> {
  readonly command: SendCommand;
  readonly accepted: (send: AcceptedSend) => Settled<T>;
  /** Absent ones decide again; `full`, which means the same to all who are answered, then rejects. */
  readonly refused?: { readonly [why in SendRefusal]?: () => Settled<T> };
  /** Called when it is not known whether the log has it, which is then rejected with. */
  readonly unsure?: () => void;
}

/** What a write has to survive where that is more than all writes do. */
type Asked = Pick<SendCommand, 'durability'>;

/**
 * The decision for a session as it is: nothing any more, a write, or another look. What an answer `repeats` was seen in
 * the log, which tells nothing of disk and replicas: it is given when that is as durable as its write has to be.
 */
export type Decision<T> =
  | { readonly answer: T; readonly repeats?: Asked }
  | Write<T>
  | typeof again;

export interface Act<T> {
  /** Completes `unable to …` in errors. */
  readonly name: string;
  /** Looks at the session and decides. Rejects with why it is not to be done. */
  readonly decide: () => Promise<Decision<T>>;
  /**
   * Has a session begin again that is known here and that the log turns out not to have: asked for when the write finds
   * that, or `decide` a message gone. Undefined where it may begin empty. Rejects with why nothing is to be written.
   */
  readonly regain?: (() => Promise<void>) | undefined;
}

/**
 * Writes what `decide` decides, the one way in which commands write, and the queue's next send. What may not have reached the log is
 * repeated for 5 s. Where others came in between it is decided again, 5 times, then `unavailable`: nothing is wrong
 * with what was asked for, and clients repeat it by themselves. Rejects with `full` and as `decide` does; nothing
 * is written then.
 */
export async function commit<T>(core: Core, session: string, act: Act<T>): Promise<T> {
  const { name, decide } = act;
  let { regain } = act;
  let isDurable = false;
  for (let left = tries; left > 0; left--) {
    const decision = await (regain ? decidedOn(decide) : decide());
    if (decision === missed) {
      await regain?.();
      regain = undefined;
      continue;
    }
    if (decision === again) continue;
    if ('answer' in decision) {
      const { answer, repeats } = decision;
      if (isDurable || !repeats || !isAwaited(core, repeats)) return answer;
      await awaitDurable(core, session, repeats);
      // Another server may have taken over meanwhile, without what was seen: it is looked at again.
      isDurable = true;
      continue;
    }
    const outcome = await write(core, session, regain ? relying(decision) : decision);
    if (regain && outcome.kind === 'refused' && outcome.why === 'gone') {
      await regain();
      // From now on it is there, or has nothing to begin with.
      regain = undefined;
      continue;
    }
    const settled = await settle(name, decision, outcome);
    if (settled !== again) return settled;
  }
  throw new HoldfastError(
    'unavailable',
    `unable to ${name}: others keep coming in between; try again`,
    { retryMs: 1_000 },
  );
}

/** What a decision relies on is not there: perhaps because the session is not. */
const missed = Symbol('missed');

const decidedOn = <T>(decide: Act<T>['decide']): Promise<Decision<T> | typeof missed> =>
  decide().catch((error: unknown) => {
    if (isGone(error)) return missed;
    throw error;
  });

/** The same, for a session that is there. */
const relying = <T>(decision: Write<T>): Write<T> => ({
  ...decision,
  command: { ...decision.command, if: { ...decision.command.if, begun: true } },
});

/** True when the log knows a command as accepted. Changes nothing. Rejects with `unavailable`. */
export async function isKnown(
  { log, environment }: Core,
  session: string,
  command: string,
): Promise<boolean> {
  const look = () => log.command(session, command);
  return (await retryUnavailable(look, retryForMs, environment)) !== null;
}

/** True where a write is answered later than it can be seen. */
const isAwaited = ({ log }: Core, { durability }: Asked): boolean =>
  [log.durability, durability].some(
    (each) => each !== undefined && each !== 'memory' && each !== 'redis',
  );

/**
 * Resolves when all that the log has of the session is so durable. It is asked for what it always refuses, and changes
 * nothing: its answer comes as late as that of a write. Rejects with `unavailable`.
 */
async function awaitDurable(
  { log, environment }: Core,
  session: string,
  asked: Asked,
): Promise<void> {
  const nothing = { command: ownCommand('none'), entries: [], if: { noSendSince: never } };
  const ask = () => log.send(session, { ...nothing, ...asked });
  await retryUnavailable(ask, retryForMs, environment);
}

/** Kinds of entries that the application is told of where they stand. */
const toldOf: ReadonlySet<Entry['k'] | null> = new Set<Entry['k']>([
  'message',
  'truncate',
  'answer',
]);

async function write<T>(
  core: Core,
  session: string,
  { command, unsure }: Write<T>,
): Promise<SendOutcome> {
  const { log, environment, hookDelivery } = core;
  // In front of it, so that a crash right behind it is made up for; it need not wait for that.
  if (hookDelivery && command.entries.some(({ body }) => toldOf.has(kindOf(body))))
    void remindOfHooks(core, session);
  const send = () => log.send(session, command);
  return await retryUnavailable(send, retryForMs, environment).catch((error: unknown) => {
    if (HoldfastError.is(error) && error.code === 'unavailable') unsure?.();
    throw error;
  });
}

function settle<T>(
  name: string,
  { accepted, refused }: Write<T>,
  outcome: SendOutcome,
): Settled<T> {
  if (outcome.kind !== 'refused') return accepted(outcome);
  const meant = refused?.[outcome.why];
  if (meant) return meant();
  if (outcome.why === 'full')
    throw overLimit(
      'sessionBytes',
      'full',
      `unable to ${name}: this chat is full; start a new one`,
    );
  return again;
}
