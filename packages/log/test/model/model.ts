import type { AppendOutcome, LeaseOutcome, SendOutcome } from '../../src/index.ts';
import type { Act } from './acts.ts';

interface Written {
  readonly id: string;
  readonly body: string;
}

interface Run {
  readonly name: string;
  readonly info: string;
  state: string;
  attempt: number;
  count: number;
  cancelled: boolean;
  leased: boolean;
  /** The body of the append that ended it, with its attempt and number. */
  end?: string;
}

interface Sent {
  readonly before: string;
  readonly run?: Run;
}

class Incarnation {
  readonly entries: Written[] = [];
  readonly runs: Run[] = [];
  readonly sent = new Map<string, Sent>();
  readonly epoch: string;

  constructor(epoch: string) {
    this.epoch = epoch;
  }

  get top(): string {
    return this.entries.at(-1)?.id ?? '0-0';
  }

  get bytes(): number {
    return this.entries.reduce((sum, { body }) => sum + body.length, 0);
  }

  write({ nonce, body }: { readonly nonce: number; readonly body: string }): void {
    this.entries.push({ id: `${this.entries.length + 1}-${nonce}`, body });
  }
}

/** What a log should answer, as plainly as it can be said: one list of entries, searched. */
export class Model {
  readonly #sessionBytes: number;
  readonly #sessions = new Map<string, Incarnation>();
  readonly #buried = new Map<string, Set<string>>();
  readonly #marks = new Set<string>();
  #epochs = 0;

  constructor(sessionBytes: number) {
    this.#sessionBytes = sessionBytes;
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
    if (act.kind === 'head') {
      const runs = now.runs
        .filter(({ state }) => state === 'running')
        .map(({ name, attempt, info, leased, cancelled }) => ({
          run: name,
          attempt,
          info,
          leased,
          cancelled,
        }));
      return { epoch: now.epoch, top: now.top, floor: '0-0', bytes: now.bytes, runs };
    }
    return this.#read(now, act.epoch, act.id, act.limit);
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

  #send({ session, command, entries, run, stopped }: Act & { kind: 'send' }): SendOutcome {
    const now = this.#sessions.get(session);
    const first = now?.sent.get(command);
    if (now && first) return this.#sent('duplicate', now.epoch, first);
    const bytes = entries.reduce((sum, { body }) => sum + body.length, 0);
    if ((now?.bytes ?? 0) + bytes > this.#sessionBytes) return { kind: 'full' };
    const target = now ?? new Incarnation(`E${++this.#epochs}`);
    this.#sessions.set(session, target);
    const before = target.top;
    for (const entry of entries) target.write(entry);
    const marked = this.#marks.delete(`${session} ${command}`);
    if (run === null) {
      target.sent.set(command, { before });
      return { kind: 'accepted', epoch: target.epoch, before };
    }
    if (marked) target.write(stopped);
    const state = marked ? 'stopped' : 'running';
    const started: Run = {
      name: run,
      info: `info ${run}`,
      state,
      attempt: 1,
      count: 1,
      cancelled: marked,
      leased: true,
    };
    target.runs.push(started);
    target.sent.set(command, { before, run: started });
    this.#buried.get(session)?.delete(run);
    return this.#sent('accepted', target.epoch, { before, run: started });
  }

  #sent(kind: 'accepted' | 'duplicate', epoch: string, { before, run }: Sent): SendOutcome {
    if (!run) return { kind, epoch, before };
    return {
      kind,
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
    if (seq < expected) return { kind: 'duplicate', cancelled: run.cancelled };
    if (seq > expected) return { kind: 'gap', expected };
    if (!end && now.bytes + entry.body.length > this.#sessionBytes) return { kind: 'full' };
    now.write(entry);
    run.attempt = attempt;
    run.count = seq + 1;
    if (end) {
      run.state = end;
      run.end = words;
    }
    return { kind: 'appended', cancelled: run.cancelled };
  }

  #renew({ session, run: name, attempt }: Act & { kind: 'renew' }): LeaseOutcome {
    const run = this.#live(session, name);
    const ended = this.#latest(session, name) || this.#isBuried(session, name);
    if (!run) return { kind: ended ? 'closed' : 'unknown' };
    if (attempt < run.attempt) return { kind: 'fenced' };
    if (attempt > run.attempt) Object.assign(run, { attempt, count: 0 });
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
    const buried = this.#buried.get(session) ?? new Set();
    for (const { name } of now.runs) buried.add(name);
    this.#buried.set(session, buried);
    this.#sessions.delete(session);
    return true;
  }

  #read(now: Incarnation, epoch: string | null, id: string, limit: number): unknown {
    const { top } = now;
    const all = now.entries.map((entry, at) => ({
      ...entry,
      prev: now.entries[at - 1]?.id ?? '0-0',
    }));
    const reset = (why: string): unknown => ({ kind: 'reset', why, epoch: now.epoch, top });
    const at = id === '0-0' ? -1 : all.findIndex((entry) => entry.id === id);
    if (epoch !== null && epoch !== now.epoch) return reset('epoch');
    if (epoch !== null && Number.parseInt(id, 10) > all.length) return reset('ahead');
    if (epoch !== null && at === -1 && id !== '0-0') return reset('diverged');
    const start = epoch === null ? 0 : at + 1;
    return { kind: 'entries', epoch: now.epoch, top, entries: all.slice(start, start + limit) };
  }
}
