import { createMemoryLog } from '@holdfast/log';
import type { Limits } from '@holdfast/protocol';
import { onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Agent } from '../../src/contract/agent.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { GuardedSocket } from '../../src/gateway/guarded-socket.ts';
import { type AnswerRequest, StockConnection } from '../../src/gateway/stock-connection.ts';
import { limitsOf } from '../../src/limits-of.ts';
import { type FakeSocket, fakeSocket } from './fake-socket.ts';

export const idleAgent = async function* () {} as unknown as Agent;

/** A request that the route was asked, and how the test answers it. */
interface Asked {
  readonly request: Request;
  readonly route: Parameters<AnswerRequest>[1];
  answer(response: Response): void;
  fail(error: unknown): void;
}

interface StockSocket {
  readonly socket: FakeSocket & { bufferedAmount: number };
  readonly connection: StockConnection;
  readonly errors: unknown[];
  /** How often the connection said that it is closed, and closed its socket. */
  readonly ends: { said: number; closed: number };
  /** The next request, once it was made. */
  asked(): Promise<Asked>;
  /** How many were made and not looked at. */
  readonly left: number;
  /** What was said to the client since it was looked at last: once so many frames came. */
  told(count: number): Promise<readonly object[]>;
  tick(ms: number, isLate?: boolean): void;
  /** The network has taken what was sent. */
  drained(): void;
}

/** A socket of a stock client whose requests the test answers, and whose time goes on when it is told to. */
export function stockSocket({
  limits,
  isKnown = true,
  agents = [],
}: {
  limits?: Partial<Limits>;
  /** The upgrade has told who opens it. */
  isKnown?: boolean;
  /** Names of agents, which do nothing. */
  agents?: readonly string[];
} = {}): StockSocket {
  let now = 1_000;
  const errors: unknown[] = [];
  const core = createCore(
    {
      log: createMemoryLog(),
      authorize: () => ({ id: 'u' }),
      onError: (error) => errors.push(error),
      limits: limitsOf(limits),
    },
    { ...systemEnvironment, now: () => now },
  );
  onTestFinished(() => core.close());
  for (const name of agents) core.scheduler.register(name, idleAgent);
  const drains: (() => void)[] = [];
  const ends = { said: 0, closed: 0 };
  const given = fakeSocket();
  const socket = Object.assign(Object.create(given) as typeof given, {
    protocol: '',
    bufferedAmount: 0,
    onDrain: (listener: () => void) => {
      drains.push(listener);
    },
    close: (code: number, reason: string) => {
      ends.closed++;
      given.close(code, reason);
    },
  });
  const requests: Asked[] = [];
  const held = new GuardedSocket(socket, (error) => core.report(error, {}));
  const connection = new StockConnection(core, held, new Request('http://test/holdfast'), {
    awake: () => now,
    onClosed: () => {
      ends.said++;
    },
    onGone: () => {},
    isKnown,
    answer: (request, route) =>
      new Promise((answer, fail) => requests.push({ request, route, answer, fail })),
  });
  let seen = 0;
  return {
    socket,
    connection,
    errors,
    ends,
    asked: () =>
      vi.waitFor(() => {
        const next = requests.shift();
        if (!next) throw new Error('nothing was asked');
        return next;
      }),
    get left() {
      return requests.length;
    },
    told: async (count) => {
      await vi.waitFor(() => {
        if (socket.frames.length < seen + count) throw new Error('there is less');
      });
      const frames = socket.frames.slice(seen);
      seen = socket.frames.length;
      return frames;
    },
    tick: (ms, isLate = false) => {
      now += ms;
      connection.tick(now, isLate);
    },
    drained: () => {
      for (const each of drains) each();
    },
  };
}

/** An answer in parts, as the route gives one. */
export interface Body {
  readonly response: Response;
  say(text: string): void;
  end(): void;
  fail(error: unknown): void;
  /** With what its reader has left; null while it has not. */
  readonly cancelled: { readonly reason: unknown } | null;
}

export function bodyOf(): Body {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  let cancelled: Body['cancelled'] = null;
  const stream = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: (reason) => {
      cancelled = { reason };
    },
  });
  return {
    response: new Response(stream),
    say: (text) => controller?.enqueue(Buffer.from(text)),
    end: () => controller?.close(),
    fail: (error) => controller?.error(error),
    get cancelled() {
      return cancelled;
    },
  };
}
