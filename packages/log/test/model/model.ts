import { seqOf } from '@holdfast/protocol';
import type {
  AppendOutcome,
  CheckpointOutcome,
  KnownCommand,
  LeaseOutcome,
  LogLimits,
  SeedOutcome,
  SendOutcome,
} from '../../src/index.ts';
import type { Act } from './acts.ts';
import { Incarnation, keptOf, type Run, type Sent, sizeOf } from './incarnation.ts';
import { messagesOf } from './performer.ts';
import { foundIn, headOf, itemsOf, openedOf, readOf } from './reads.ts';

/** Whether the entry is there, or may have been before it was dropped. */
function isHeld({ entries, dropped, floor }: Incarnation, id: string): boolean {
  const seq = seqOf(id);
  return seq < dropped || id === (seq === dropped ? floor : entries[seq - 1]?.id);
}

/** What is known of a run whose session was deleted. */
interface Buried {
  readonly epoch: string;
  readonly state: string;
  readonly cancelled: boolean;
}

/** What a log should answer, as plainly as it can be said: one list of entries, searched. */
export class Model {
  readonly #limits: Pick<LogLimits, 'sessionBytes' | 'sessionEntries'>;
  readonly #sessions = new Map<string, Incarnation>();
  readonly #buried = new Map<string, Map<string, Buried>>();
  readonly #marks = new Set<string>();
  #epochs = 0;

  constructor(limits: Pick<LogLimits, 'sessionBytes' | 'sessionEntries'>) {
    this.#limits = limits;
  }

  /** The act with the id that stands at the number that was drawn for it. */
  named(act: Act): Act {
    const entries = this.#sessions.get(act.session)?.entries ?? [];
    const named = (id: string) => (id.endsWith('-1') && entries[seqOf(id) - 1]?.id) || id;
    if (act.kind === 'read') return { ...act, id: named(act.id) };
    if (act.kind !== 'send' || !act.expect) return act;
    return { ...act, expect: { ...act.expect, id: named(act.expect.id) } };
  }

  do(act: Act): unknown {
    const { session } = act;
    const now = this.#sessions.get(session);
    if (act.kind === 'send') return this.#send(act);
    if (act.kind === 'append') return this.#append(act);
    if (act.kind === 'renew') return this.#renew(act);
    if (act.kind === 'cancel-run') return this.#cancel(session, act.run, act.entry);
    if (act.kind === 'cancel-command') {
      const sent = now?.sent.get(act.command);
      if (sent?.run) return this.#cancel(session, sent.run.name, act.entry);
      if (sent) return { state: 'finished' };
      this.#marks.add(`${session} ${act.command}`);
      return { state: 'stopping' };
    }
    if (act.kind === 'ask-command') {
      const sent = now?.sent.get(act.command);
      return now && sent ? this.#known(now.epoch, sent) : null;
    }
    if (act.kind === 'ask-run') return this.#run(session, act.run);
    if (act.kind === 'store') return now ? this.#store(now, act) : 'missing';
    if (act.kind === 'seed') return this.#seed(act, now);
    if (act.kind === 'open') return now ? openedOf(now, act.limit) : null;
    if (act.kind === 'items') return now ? itemsOf(now, act) : null;
    if (act.kind === 'find') return now ? foundIn(now, act.at) : null;
    const run = 'run' in act ? this.#live(session, act.run) : undefined;
    if (act.kind === 'expire') {
      if (run) run.leased = false;
      return null;
    }
    if (act.kind === 'reap') {
      if (!now || !run || run.leased || run.attempt !== act.attempt) return false;
      now.write(act.entry);
      run.state = 'lost';
      return true;
    }
    if (act.kind === 'delete') return this.#delete(session);
    if (!now) return act.kind === 'head' ? null : { kind: 'missing' };
    if (act.kind === 'head') return headOf(now);
    return readOf(now, act.epoch, act.id, act.limit);
  }

  #fits(
    now: Incarnation | undefined,
    added: readonly { readonly body: string }[],
    kept: readonly { readonly body: string }[] = [],
  ): boolean {
    const { sessionBytes, sessionEntries } = this.#limits;
    const bytes = (now?.bytes ?? 0) + sizeOf([...added, ...kept].map(({ body }) => body));
    return bytes <= sessionBytes && (now?.size ?? 0) + added.length <= sessionEntries;
  }

  #live(session: string, name: string): Run | undefined {
    const runs = this.#sessions.get(session)?.runs;
    return runs?.find((run) => run.name === name && run.state === 'running');
  }

  /** The latest of that name: a name may be used again once its run has ended. */
  #latest(session: string, name: string): Run | undefined {
    return this.#sessions.get(session)?.runs.findLast((run) => run.name === name);
  }

  #isBuried(session: string, name: string): boolean {
    return this.#buried.get(session)?.has(name) ?? false;
  }

  #send(act: Act & { kind: 'send' }): SendOutcome {
    const { session, command, entries, run, stopped, digest, expect, alone, during, begun } = act;
    const now = this.#sessions.get(session);
    const first = now?.sent.get(command);
    if (first?.digest && digest && first.digest !== digest)
      return { kind: 'refused', why: 'other' };
    if (now && first) return { kind: 'duplicate', ...this.#known(now.epoch, first) };
    if (begun && !now) return { kind: 'refused', why: 'gone' };
    const { epoch = 'E0', lastSent = '0-0' } = now ?? {};
    if (expect && (expect.epoch !== epoch || seqOf(lastSent) > seqOf(expect.id)))
      return { kind: 'refused', why: 'stale' };
    if (now && expect && !isHeld(now, expect.id)) return { kind: 'refused', why: 'stale' };
    if (alone && now?.runs.some(({ state }) => state === 'running'))
      return { kind: 'refused', why: 'busy' };
    if (during !== null && !this.#live(session, during)) return { kind: 'refused', why: 'ended' };
    const kept = run === null ? [] : [{ body: keptOf(run) }];
    if (!this.#fits(now, entries, kept)) return { kind: 'refused', why: 'full' };
    if ((now?.sent.size ?? 0) >= this.#limits.sessionEntries)
      return { kind: 'refused', why: 'full' };
    const target = now ?? new Incarnation(`E${++this.#epochs}`);
    this.#sessions.set(session, target);
    const before = target.top;
    for (const entry of entries) target.write(entry);
    target.lastSent = target.top;
    const marked = this.#marks.delete(`${session} ${command}`);
    if (run === null) {
      target.sent.set(command, { before, digest });
      return { kind: 'accepted', epoch: target.epoch, before };
    }
    if (marked) target.write(stopped);
    const state = marked ? 'stopped' : 'running';
    const started: Run = {
      name: run,
      info: `info ${run}`,
      kept: keptOf(run),
      state,
      attempt: 1,
      count: 1,
      cancelled: marked,
      leased: true,
    };
    target.runs.push(started);
    target.sent.set(command, { before, run: started, digest });
    this.#buried.get(session)?.delete(run);
    return { kind: 'accepted', ...this.#known(target.epoch, { before, run: started, digest }) };
  }

  #run(session: string, name: string): object | null {
    const epoch = this.#sessions.get(session)?.epoch;
    const run = this.#latest(session, name);
    if (!run) {
      const buried = this.#buried.get(session)?.get(name);
      return buried ? { run: name, ...buried } : null;
    }
    const { state, attempt, info, kept, leased, cancelled } = run;
    const ended = { run: name, epoch, state, cancelled };
    return state === 'running' ? { ...ended, attempt, info, kept, leased } : ended;
  }

  #known(epoch: string, { before, run }: Sent): KnownCommand {
    if (!run) return { epoch, before };
    return {
      epoch,
      before,
      run: { run: run.name, info: run.info, state: run.state as 'running' },
    };
  }

  #append({
    session,
    run: name,
    attempt,
    seq,
    entry,
    end,
  }: Act & { kind: 'append' }): AppendOutcome {
    const now = this.#sessions.get(session);
    const run = this.#latest(session, name);
    if (!now || !run) return { kind: this.#isBuried(session, name) ? 'closed' : 'unknown' };
    const words = `${attempt} ${seq} ${entry.nonce}`;
    if (run.state !== 'running')
      return run.end === words
        ? { kind: 'duplicate', cancelled: run.cancelled }
        : { kind: 'closed' };
    if (attempt < run.attempt) return { kind: 'fenced' };
    const expected = attempt > run.attempt ? 0 : run.count;
    if (seq < expected) {
      run.leased = true;
      return { kind: 'duplicate', cancelled: run.cancelled };
    }
    if (seq > expected) return { kind: 'gap', expected };
    if (!end && !this.#fits(now, [entry])) return { kind: 'full' };
    now.write(entry);
    run.leased = true;
    run.attempt = attempt;
    run.count = seq + 1;
    if (end) {
      run.state = end;
      run.end = words;
    }
    return { kind: 'appended', cancelled: run.cancelled };
  }

  #renew({ session, run: name, attempt, holder, lapsed }: Act & { kind: 'renew' }): LeaseOutcome {
    const run = this.#live(session, name);
    const ended = this.#latest(session, name) || this.#isBuried(session, name);
    if (!run) return { kind: ended ? 'closed' : 'unknown' };
    if (attempt < run.attempt) return { kind: 'fenced' };
    if (attempt > run.attempt && lapsed && run.leased) return { kind: 'refused', why: 'leased' };
    if (attempt > run.attempt) Object.assign(run, { attempt, count: 0 });
    const known = run.holder?.attempt === attempt ? run.holder.name : holder;
    if (holder !== null && known !== holder) return { kind: 'fenced' };
    if (holder !== null) run.holder = { attempt, name: holder };
    run.leased = true;
    return { kind: 'held', cancelled: run.cancelled };
  }

  #cancel(session: string, name: string, entry: { nonce: number; body: string }): unknown {
    const run = this.#live(session, name);
    if (!run)
      return this.#latest(session, name) ? { state: 'finished', run: name } : { state: 'missing' };
    if (!run.cancelled) this.#sessions.get(session)?.write(entry);
    run.cancelled = true;
    return { state: 'stopping', run: name };
  }

  #delete(session: string): boolean {
    for (const mark of this.#marks) if (mark.startsWith(`${session} `)) this.#marks.delete(mark);
    const now = this.#sessions.get(session);
    if (!now) return false;
    const buried = this.#buried.get(session) ?? new Map<string, Buried>();
    for (const { name, state, cancelled } of now.runs)
      buried.set(name, {
        epoch: now.epoch,
        state: state === 'running' ? 'lost' : state,
        cancelled,
      });
    this.#buried.set(session, buried);
    this.#sessions.delete(session);
    return true;
  }

  #store(now: Incarnation, act: Act & { kind: 'store' }): CheckpointOutcome | 'internal' {
    if (act.isStale) return 'stale';
    if (Math.min(act.since, act.count) > now.messages.length) return 'internal';
    const added = messagesOf(act.count, act.body).map(({ body }) => body);
    const since = Math.min(act.since, act.count);
    const messages = [...now.messages.slice(0, since), ...added.slice(since)];
    const through = act.movesOn ? now.top : now.checkpoint;
    const told = act.tells ? through : now.told;
    const wanted = act.keeps === null ? 0 : seqOf(through) - act.keeps;
    const allowed = told === null ? wanted : Math.min(wanted, seqOf(told));
    const dropped = Math.max(now.dropped, allowed);
    const replaced = act.movesOn ? sizeOf(now.unstored.map(({ body }) => body)) : 0;
    const state = act.state ?? now.state;
    const grown = sizeOf(messages) - sizeOf(now.messages) + state.length - now.state.length;
    if (now.bytes + grown - replaced > this.#limits.sessionBytes && grown > replaced) return 'full';
    Object.assign(now, { messages, checkpoint: through, dropped, keep: act.keep, told });
    if (act.tells) now.handed = through;
    now.state = state;
    return 'done';
  }

  #seed(
    { session, count, entry }: Act & { kind: 'seed' },
    now: Incarnation | undefined,
  ): { readonly outcome: SeedOutcome; readonly epoch: string | undefined } {
    if (now) return { outcome: 'exists', epoch: now.epoch };
    const messages = messagesOf(count, 's').map(({ body }) => body);
    if (!this.#fits(undefined, [entry, ...messages.map((body) => ({ body }))]))
      return { outcome: 'full', epoch: undefined };
    const made = new Incarnation(`E${++this.#epochs}`);
    made.write(entry);
    const { top } = made;
    Object.assign(made, { messages, checkpoint: top, handed: top, keep: count });
    this.#sessions.set(session, made);
    return { outcome: 'seeded', epoch: made.epoch };
  }
}
