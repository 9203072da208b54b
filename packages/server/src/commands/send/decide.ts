import type { SendCommand } from '@holdfast/log';
import {
  type Message,
  origin,
  type Position,
  type PostedResponse,
  type QueuedResponse,
  type SendRequest,
  type WhileBusy,
} from '@holdfast/protocol';
import type { Core } from '../../core.ts';
import { authorOf } from '../../rights/authorize.ts';
import type { SessionHub } from '../../session/hub.ts';
import type { Sight } from '../../session/sight.ts';
import { keepAnswers, takeAnswers } from '../answer.ts';
import { cancelCutOff } from '../cancel-run.ts';
import { type AcceptedSend, again, type Decision, type Write } from '../commit.ts';
import { isBusy } from '../queue.ts';
import { type Accepted, acceptedOf, isHere, isOurs, ownEntries } from './accepted.ts';
import { addressee } from './addressee.ts';
import { commandOf, type DraftedRun } from './command.ts';
import { type Draft, draftOf, never, onlyRepeated, rolledBack } from './draft.ts';
import { enqueue, isQueueing } from './enqueue.ts';
import { newMessageId } from './message-id.ts';
import { postedAt, postMessage } from './post.ts';
import { busyError, endedError, heldError, loopFault, Refusals } from './refusals.ts';
import { goesRound } from './rounds.ts';
import { durable, type Sender } from './sender.ts';
import { acceptedLater } from './unsure.ts';
import { interruptRuns } from './while-busy.ts';

/** A send that is to be decided on: its message is admitted, and its policy known. */
export interface Deciding {
  readonly body: SendRequest;
  readonly sender: Sender;
  readonly policy: WhileBusy;
  /** Up to where the sender has seen the session; null where it does not say. */
  readonly base: Position | null;
  /** As in {@link DraftedRun}. */
  readonly digest: string | undefined;
}

export type SendAnswer = Accepted | QueuedResponse | PostedResponse;

/** Decides on one send, each time against the session as it is then. Its run keeps its name. */
export class SendDecider {
  readonly #core: Core;
  readonly #hub: SessionHub;
  readonly #asked: Deciding;
  /** The run that it would begin. */
  readonly run: string;
  #freshId: string | undefined;
  readonly #refusals = new Refusals();
  /** Messages whose answers are not wanted any more. */
  readonly #dropped = new Set<string>();
  /** How far the session is read before it is decided. */
  #sight: Sight;

  constructor(core: Core, hub: SessionHub, asked: Deciding) {
    this.#core = core;
    this.#hub = hub;
    this.#asked = asked;
    this.run = asked.sender.adopted?.run ?? core.environment.id();
    // The entries that the sender has seen must be seen here too; those delivered so far may be fewer.
    const { after, continues, expect } = asked.body;
    const relies = after !== undefined || continues !== undefined || expect !== undefined;
    this.#sight = asked.base ? { id: asked.base.id } : relies ? 'top' : 'delivered';
  }

  readonly decide = async (): Promise<Decision<SendAnswer>> => {
    const waiting = await this.#wait();
    if (waiting) return { answer: waiting };
    const draft = await this.#draft();
    if ((draft.refused || draft.isUnderWay) && this.#sight !== 'top') return this.#lookAgain();
    const { body, sender, digest } = this.#asked;
    if (draft.cancels.length > 0) await sender.permit?.('cancel');
    const drafted = {
      ...draft,
      answers: await keepAnswers(this.#core, this.#hub.session, draft.answers),
      body,
      sender,
      digest,
      run: this.run,
      messageId: draft.continues ?? (await this.#newId()),
      agentName: addressee(body, draft, sender),
    };
    return this.#write({ ...drafted, command: this.#commandOf(drafted) });
  };

  /** The same at each decision. */
  async #newId(): Promise<string> {
    this.#freshId ??= await newMessageId(this.#core, this.#hub);
    return this.#freshId;
  }

  #lookAgain(): typeof again {
    this.#sight = 'top';
    return again;
  }

  /** Null for what need not wait. */
  async #wait(): Promise<QueuedResponse | null> {
    const { body, sender, policy } = this.#asked;
    if (!isQueueing(policy) || !hasMessage(body)) return null;
    // Nothing goes on or is asked for again by a message that waits.
    const agent = addressee(body, { writer: undefined }, sender);
    const context = { agent, participant: sender.participant, ...durable(sender) };
    const queued = await enqueue(this.#core, this.#hub, {
      body,
      queueing: policy,
      context,
      sender,
    });
    return typeof queued === 'string' ? null : queued;
  }

  #draft(): Promise<Draft> {
    const { openCalls, limits, quotas, maxContinuations, isClientTool: byDefault } = this.#core;
    const { body, sender, policy, base } = this.#asked;
    const { participant, by = authorOf(participant), isServer, isClientTool = byDefault } = sender;
    const rules = isServer
      ? { openCalls: 'keep' as const, isClientTool }
      : { openCalls, isClientTool, author: by };
    return this.#hub.project(async (projection, position, view) => {
      const now = await draftOf(view, rolledBack(view, body, this.#dropped), base, rules);
      const isCrowded =
        projection.liveRuns.length >= limits.sessionRuns || !quotas.hasRoom(participant.id, 'run');
      if (!isServer && isCrowded) return barred(now, 'crowded');
      if (goesRound(projection, now, maxContinuations)) return barred(now, 'looped');
      if (!isQueueing(policy) || !body.message || now.expect) return now;
      // A send that is queued meanwhile is not overtaken, and its own repetition not sent twice.
      const isInTurn = !isBusy(projection, isClientTool);
      return { ...now, expect: { position: isInTurn ? position : never, seen: false } };
    }, this.#sight);
  }

  #commandOf(drafted: DraftedRun): SendCommand {
    const { sender, policy } = this.#asked;
    const command = commandOf(this.#core, drafted);
    const conditions = {
      ...command.if,
      ...(sender.isServer ? {} : { held: false }),
      ...(policy === 'parallel' ? {} : { idle: true as const }),
    };
    return { ...command, if: conditions };
  }

  #write(drafted: DraftedRun & { readonly command: SendCommand }): Write<SendAnswer> {
    const { stale, other } = this.#refusals.of(drafted);
    const { session } = this.#hub;
    return {
      command: drafted.command,
      accepted: (known) => this.#accepted(drafted, known),
      refused: {
        other,
        // Another send came in between: what it did is looked at first.
        stale: () => {
          const isLoop = drafted.refused === 'looped' && this.#refusals.isSure;
          if (isLoop) this.#core.report(loopFault(), { session });
          stale();
          return this.#lookAgain();
        },
        held: () => this.#held(drafted),
        busy: () => this.#busy(),
        ended: () => {
          throw endedError();
        },
      },
      unsure: () => drafted.sender.onUnsure?.(() => acceptedLater(this.#core, this.#hub, drafted)),
    };
  }

  async #accepted(
    drafted: DraftedRun & { readonly command: SendCommand },
    known: AcceptedSend,
  ): Promise<SendAnswer> {
    const { body, sender, run, command } = drafted;
    const { epoch, before: id } = known;
    if (body.message && known.kind === 'duplicate' && !known.run)
      return postedAt(body.command, { epoch, id });
    const accepted = acceptedOf(this.#core, this.#hub, drafted, known);
    // From now on: what comes before its agent may take longer than a lease.
    if (isOurs(accepted) && !this.#core.dispatch && !sender.adopted)
      this.#core.attempts.hold({ ...this.#core, session: this.#hub.session, run, attempt: 1 });
    if (!isHere(this.#core, drafted) && known.kind === 'accepted')
      await this.#hub.wrote(ownEntries(known, command.entries));
    // Also where its own run was stopped before it came: what it cuts off has nobody to write for.
    if (known.run?.run === run) await cancelCutOff(this.#core, this.#hub.session, drafted.cancels);
    return accepted;
  }

  /** An operator answers: a message is for people then, and answers are kept. */
  async #held(draft: Draft): Promise<SendAnswer | typeof again> {
    const { body, sender, base, digest } = this.#asked;
    if (hasMessage(body)) {
      const posting = { body, base, sender, digest };
      return (await postMessage(this.#core, this.#hub, posting, true)) ?? again;
    }
    // What the server answers by itself is not kept: nobody would go on with it.
    if (draft.continues === undefined || sender.participant.role === 'agent') throw heldError();
    return await this.#keepAnswers(draft.continues, draft);
  }

  /** Keeps the answers that clients give while an operator answers; a run goes on with it when that is over. */
  async #keepAnswers(messageId: string, { answers }: Draft): Promise<PostedResponse> {
    const { body, sender } = this.#asked;
    const { session } = this.#hub;
    const given = { messageId, answers, isClientTool: sender.isClientTool };
    if (answers.length > 0) await takeAnswers(this.#core, session, given, sender.participant);
    const head = await this.#core.log.head(session);
    return postedAt(body.command, { epoch: head?.epoch ?? '', id: head?.top ?? origin });
  }

  /** A run is live: it is refused, waits, or what is live is stopped, as the policy says. */
  async #busy(): Promise<typeof again> {
    const { sender, policy } = this.#asked;
    if (policy === 'reject') throw busyError();
    if (isQueueing(policy)) return again;
    // The right to write is not the right to stop others (HF-AUTH-2).
    await sender.permit?.('cancel');
    if (policy === 'rollback') await sender.permit?.('edit');
    const messages = await interruptRuns(this.#core, this.#hub, sender.participant);
    if (policy === 'rollback') for (const each of messages) this.#dropped.add(each);
    return this.#lookAgain();
  }
}

const hasMessage = (body: SendRequest): body is SendRequest & { readonly message: Message } =>
  body.message !== undefined;

/** Nothing but a repetition of what the log has is answered. */
const barred = (draft: Draft, why: NonNullable<Draft['refused']>): Draft => ({
  ...draft,
  refused: draft.refused ?? why,
  expect: onlyRepeated,
});
