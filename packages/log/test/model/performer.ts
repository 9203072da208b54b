import { HoldfastError, type Position } from '@holdfast/protocol';
import type { SessionLog } from '../../src/index.ts';
import type { Act } from './acts.ts';
import { keptOf } from './incarnation.ts';

const longMs = 600_000;

/** Messages whose bodies tell their places. */
export const messagesOf = (
  count: number,
  body: string,
): readonly { readonly at: number; readonly key: string; readonly body: string }[] =>
  Array.from({ length: count }, (_, at) => ({ at, key: `k${at}`, body: `${at}${body}` }));

/** What a lease has left depends on when it is asked. */
const withoutTime = (answer: object): object =>
  'runs' in answer && Array.isArray(answer.runs)
    ? { ...answer, runs: answer.runs.map(timeless) }
    : timeless(answer);

const timeless = ({ leftMs: _, ...rest }: { readonly leftMs?: number }): object => rest;

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
    if (answer.epoch === undefined) return answer;
    const epoch = String(answer.epoch);
    if (!this.#epochs.includes(epoch)) this.#epochs.push(epoch);
    return { ...withoutTime(answer), epoch: `E${this.#epochs.indexOf(epoch) + 1}` };
  }

  async #perform(act: Act, session: string): Promise<unknown> {
    const log = this.#log;
    switch (act.kind) {
      case 'send': {
        const { command, entries, run, stopped, digest, expect, alone, during, begun } = act;
        return log.send(session, {
          command,
          entries,
          ...(run === null
            ? {}
            : { run: { run, info: `info ${run}`, kept: keptOf(run), leaseMs: longMs, stopped } }),
          ...(digest === null ? {} : { digest }),
          if: {
            ...(begun ? { begun } : {}),
            ...(alone ? { idle: alone } : {}),
            ...(during === null ? {} : { runLive: during }),
            ...(expect === null ? {} : { noSendSince: this.#position(expect) }),
          },
        });
      }
      case 'append': {
        const { run, attempt, seq, entry, end } = act;
        const base = { run, attempt, seq, entry };
        return log.append(session, end ? { ...base, end: { outcome: end } } : base);
      }
      case 'renew':
        return log.renew(session, {
          run: act.run,
          attempt: act.attempt,
          leaseMs: longMs,
          ...(act.lapsed ? { if: { lapsed: act.lapsed } } : {}),
          ...(act.holder === null ? {} : { holder: act.holder }),
        });
      case 'cancel-run':
        return log.cancel(session, { target: { run: act.run }, entry: () => act.entry });
      case 'cancel-command':
        return log.cancel(session, { target: { command: act.command }, entry: () => act.entry });
      case 'expire':
        await this.#expire(session, act.run);
        return null;
      case 'reap':
        await log.suspect(session, { run: act.run, attempt: act.attempt, graceMs: 0 });
        return log.reap(session, { run: act.run, attempt: act.attempt, entry: act.entry });
      case 'delete':
        return log.delete(session);
      case 'store':
        return this.#store(session, act);
      case 'seed': {
        const items = messagesOf(act.count, 's').map(({ key, body }) => ({ key, body }));
        const outcome = await log.seed(session, { items, entry: act.entry });
        return { outcome, epoch: (await log.head(session))?.epoch };
      }
      case 'open':
        return log.open(session, { limit: act.limit });
      case 'items':
        return log.items(session, { before: act.before, limit: act.limit });
      case 'find':
        return log.find(session, `k${act.at}`);
      case 'head':
        return log.head(session);
      case 'ask-command':
        return log.command(session, act.command);
      case 'ask-run':
        return log.run(session, act.run);
      case 'read': {
        const { epoch, id, limit } = act;
        const after = epoch === null ? null : this.#position({ epoch, id });
        return log.read(session, { after, limit });
      }
    }
  }

  async #store(session: string, act: Act & { kind: 'store' }): Promise<unknown> {
    const {
      epoch = 'never',
      checkpoint = '0-0',
      top = '0-0',
    } = (await this.#log.head(session)) ?? {};
    const through = act.movesOn ? top : checkpoint;
    const last = Number.parseInt(through, 10) - (act.keeps ?? 0);
    const stored = this.#log.checkpoint(session, {
      epoch,
      from: act.isStale ? '99-99' : checkpoint,
      through,
      count: act.count,
      changes: messagesOf(act.count, act.body).slice(act.since),
      keep: act.keep,
      trim: act.keeps === null ? null : `${Math.max(0, last)}-0`,
      ...(act.tells ? { handed: through } : {}),
      ...(act.state === null ? {} : { state: act.state }),
    });
    return stored.catch((error: unknown) =>
      error instanceof HoldfastError ? error.code : String(error),
    );
  }

  #position({ epoch, id }: Position): Position {
    if (epoch === 'E0') return { epoch: '', id };
    return { epoch: this.#epochs[Number(epoch.slice(1)) - 1] ?? 'never', id };
  }
}
