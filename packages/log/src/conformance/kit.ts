import { onTestFinished } from 'vitest';
import type { Delivery } from '../contract/deliveries.ts';
import type { Head, LiveRun, NewEntry, ReadResult, StoredEntry } from '../contract/entries.ts';
import type {
  AppendOutcome,
  CancelOutcome,
  SendCommand,
  SendOutcome,
  SendRefusal,
} from '../contract/runs.ts';
import type { LogLimits, SessionLog } from '../contract/session-log.ts';

/** Faults that a suite causes behind a log's back, to prove what the log makes of them. */
export interface LogFaults {
  /** Takes a copy of the session; the result puts it back, as a failover to an old replica does. */
  snapshot(session: string): Promise<() => Promise<void>>;
  /** Drops the entries up to and including that id. */
  trim(session: string, through: string): Promise<void>;
  /** Loses everything. */
  lose(): Promise<void>;
}

/** A log that a test has for itself. */
export interface LogUnderTest {
  /** The log. */
  readonly log: SessionLog;
  /** Missing for a log that nobody can reach behind: the tests that need it are then skipped. */
  readonly faults?: LogFaults;
  /** Closes the log and takes away what the test left. */
  cleanup(): Promise<void>;
}

/** Makes a log of its own for a test. */
export type MakeLog = (limits?: Partial<LogLimits>) => Promise<LogUnderTest>;

export interface Topic {
  /** Bytes that count against limits for these bodies. */
  sizeOf(...bodies: readonly string[]): number;
  make(limits?: Partial<LogLimits>): Promise<SessionLog>;
  makeWithFaults(): Promise<{ readonly log: SessionLog; readonly faults: LogFaults }>;
}

export function topicOf(makeLog: MakeLog): Topic {
  const make = async (limits?: Partial<LogLimits>): Promise<LogUnderTest> => {
    const made = await makeLog(limits);
    onTestFinished(() => made.cleanup());
    return made;
  };
  return {
    sizeOf: (...bodies) => bodies.reduce((sum, body) => sum + Buffer.byteLength(body), 0),
    make: async (limits) => (await make(limits)).log,
    async makeWithFaults() {
      const { log, faults } = await make();
      if (!faults) throw new Error('the log under test was declared to have faults, but has none');
      return { log, faults };
    },
  };
}

/** The bodies of what `startRun` sends. */
export const startBodies = ['message of c1', 'start of r1'] as const;

let lastNonce = 0;

/** An entry with a nonce of its own. */
export const entry = (body: string): NewEntry => {
  lastNonce += 1;
  return { nonce: lastNonce, body };
};

export const newSession = (): string => `session-${crypto.randomUUID()}`;

/** A minute: no lease of a test runs out unless it is meant to. */
export const longMs = 60_000;

export const sendOf = (
  command: string,
  run?: string,
  options: { readonly leaseMs?: number; readonly entries?: readonly NewEntry[] } = {},
): SendCommand => {
  const entries = options.entries ?? [entry(`message of ${command}`), entry(`start of ${run}`)];
  if (run === undefined) return { command, entries };
  const { leaseMs = longMs } = options;
  const stopped = entry(`${run} was stopped`);
  return { command, entries, run: { run, info: `info of ${run}`, leaseMs, stopped } };
};

export const refused = (why: SendRefusal): SendOutcome => ({ kind: 'refused', why });

/** A session whose run `r1` was started by the command `c1`, and how to write into it. */
export interface Started {
  readonly session: string;
  readonly epoch: string;
  append(
    seq: number,
    options?: {
      readonly attempt?: number;
      readonly end?: 'finished' | 'stopped' | 'failed';
      readonly entry?: NewEntry;
    },
  ): Promise<AppendOutcome>;
}

export async function startRun(
  log: SessionLog,
  options: { readonly leaseMs?: number } = {},
): Promise<Started> {
  const session = newSession();
  const sent = await log.send(session, sendOf('c1', 'r1', options));
  return {
    session,
    epoch: epochOf(sent),
    append: (seq, { attempt = 1, end, entry: given = entry(`chunk ${seq}`) } = {}) =>
      log.append(session, {
        run: 'r1',
        attempt,
        seq,
        entry: given,
        ...(end ? { end: { outcome: end } } : {}),
      }),
  };
}

export function epochOf(outcome: SendOutcome): string {
  if (outcome.kind === 'refused') throw new Error(`the log refused the send as ${outcome.why}`);
  return outcome.epoch;
}

export function entriesOf(result: ReadResult): readonly StoredEntry[] {
  if (result.kind !== 'entries') throw new Error(`expected entries, got ${result.kind}`);
  return result.entries;
}

export const readAll = async (log: SessionLog, session: string): Promise<readonly StoredEntry[]> =>
  entriesOf(await log.read(session, { after: null, limit: 10_000 }));

export const bodiesOf = async (log: SessionLog, session: string): Promise<readonly string[]> =>
  (await readAll(log, session)).map(({ body }) => body);

export type Timeless<State extends Pick<Head, 'runs'>> = Omit<State, 'runs'> & {
  readonly runs: readonly Omit<LiveRun, 'leftMs'>[];
};

/** The same whenever it is asked, unless something has changed. */
export const timeless = <State extends Pick<Head, 'runs'>>(state: State): Timeless<State> => ({
  ...state,
  runs: state.runs.map(({ leftMs: _, ...run }) => run),
});

export async function headOf(log: SessionLog, session: string): Promise<Timeless<Head> | null> {
  const head = await log.head(session);
  return head && timeless(head);
}

export const cancelRun = (log: SessionLog, session: string, run: string): Promise<CancelOutcome> =>
  log.cancel(session, { target: { run }, entry: (named) => entry(`cancel ${named}`) });

export const cancelCommand = (
  log: SessionLog,
  session: string,
  command: string,
): Promise<CancelOutcome> =>
  log.cancel(session, { target: { command }, entry: (named) => entry(`cancel ${named}`) });

/** Adds to the list what comes; a log may say `gap` at any time, so that is left out. */
export const into =
  (list: Delivery[]): ((delivery: Delivery) => void) =>
  (delivery) => {
    if (delivery.kind !== 'gap') list.push(delivery);
  };

/** Subscribes for the test's duration and collects. */
export async function collect(log: SessionLog, session: string): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = [];
  const unsubscribe = await log.subscribe(session, into(deliveries));
  onTestFinished(unsubscribe);
  return deliveries;
}
