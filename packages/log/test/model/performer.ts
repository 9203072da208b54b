import type { SessionLog } from '../../src/index.ts';
import type { Act } from './acts.ts';

const longMs = 600_000;

/** Does acts to a log, and tells its answers with epochs named by their order of appearance. */
export class Performer {
  readonly #log: SessionLog;
  readonly #sessionOf: (name: string) => string;
  readonly #expire: (session: string, run: string) => Promise<void>;
  readonly #epochs: string[] = [];

  constructor(
    log: SessionLog,
    sessionOf: (name: string) => string,
    expire: (session: string, run: string) => Promise<void>,
  ) {
    this.#log = log;
    this.#sessionOf = sessionOf;
    this.#expire = expire;
  }

  async do(act: Act): Promise<unknown> {
    const answer = await this.#perform(act, this.#sessionOf(act.session));
    if (typeof answer !== 'object' || answer === null || !('epoch' in answer)) return answer;
    const epoch = String(answer.epoch);
    if (!this.#epochs.includes(epoch)) this.#epochs.push(epoch);
    return { ...answer, epoch: `E${this.#epochs.indexOf(epoch) + 1}` };
  }

  async #perform(act: Act, session: string): Promise<unknown> {
    const log = this.#log;
    switch (act.kind) {
      case 'send': {
        const { command, entries, run, stopped } = act;
        if (run === null) return log.send(session, { command, entries });
        const started = { run, info: `info ${run}`, leaseMs: longMs, stopped };
        return log.send(session, { command, entries, run: started });
      }
      case 'append': {
        const { run, attempt, seq, entry, end } = act;
        const base = { run, attempt, seq, entry };
        return log.append(session, end ? { ...base, end: { outcome: end } } : base);
      }
      case 'renew':
        return log.renew(session, { run: act.run, attempt: act.attempt, leaseMs: longMs });
      case 'cancel-run':
        return log.cancel(session, { target: { run: act.run }, entry: () => act.entry });
      case 'cancel-command':
        return log.cancel(session, { target: { command: act.command }, entry: () => act.entry });
      case 'expire':
        await this.#expire(session, act.run);
        return null;
      case 'reap':
        return log.reap(session, { run: act.run, attempt: act.attempt, entry: act.entry });
      case 'delete':
        return log.delete(session);
      case 'head':
        return log.head(session);
      case 'read': {
        const { epoch, id, limit } = act;
        const after = epoch === null ? null : { epoch: this.#epochNamed(epoch), id };
        return log.read(session, { after, limit });
      }
    }
  }

  #epochNamed(name: string): string {
    return this.#epochs[Number(name.slice(1)) - 1] ?? 'never';
  }
}
