import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { closeCodes, defaultLimits } from '@holdfast/protocol';
import { expect, onTestFinished, vi } from 'vitest';
import { createCore } from '../../src/compose.ts';
import type { Core } from '../../src/core.ts';
import { systemEnvironment } from '../../src/environment.ts';
import { Connection } from '../../src/gateway/connection.ts';
import { GuardedSocket } from '../../src/gateway/guarded-socket.ts';
import type { HoldfastOptions } from '../../src/index.ts';
import { type FakeSocket, fakeSocket } from './fake-socket.ts';

export const hello = { t: 'hello', v: 1 };

interface Opened {
  readonly socket: FakeSocket & { readonly protocol: string; closed: number };
  readonly connection: Connection;
}

interface Connected extends Opened {
  readonly core: Core;
  readonly log: SessionLog;
  readonly errors: unknown[];
  /** Opens another socket. */
  readonly open: (protocol?: string) => Opened;
  /** Lets time go on, and the connection look at it. */
  readonly tick: (ms: number) => void;
  /** Lets time go on. */
  readonly pass: (ms: number) => void;
}

/** A socket's connection, whose time goes on only when it is told to. */
export function connect({ log = createMemoryLog(), ...options }: HoldfastOptions = {}): Connected {
  let now = 1_000;
  const errors: unknown[] = [];
  const core = createCore(
    {
      log,
      authorize: () => ({ id: 'u' }),
      onError: (error) => errors.push(error),
      ...options,
      limits: { ...defaultLimits, lingerMs: 0, ...options.limits },
    },
    { ...systemEnvironment, now: () => now },
  );
  onTestFinished(() => core.close());
  const open = (protocol = 'holdfast.v1'): Opened => {
    const socket = Object.assign(fakeSocket(), { protocol, closed: 0 });
    const held = new GuardedSocket(socket, (error) => core.report(error, {}));
    const connection = new Connection(core, held, new Request('http://test/'), {
      awake: () => now,
      onClosed: () => {
        socket.closed++;
      },
      onGone: () => {},
    });
    return { socket, connection };
  };
  const { socket, connection } = open();
  return {
    core,
    log,
    socket,
    connection,
    errors,
    open,
    tick: (ms: number) => {
      now += ms;
      connection.tick(now, false);
    },
    pass: (ms: number) => {
      now += ms;
    },
  };
}

export type Socket = Pick<FakeSocket, 'frames' | 'say' | 'code'>;
export const typesOf = ({ frames }: Socket): string[] => frames.map(({ t }) => t);
export const has = (socket: Socket, type: string, count = 1): Promise<void> =>
  vi.waitFor(() =>
    expect(typesOf(socket).filter((each) => each === type).length).toBeGreaterThanOrEqual(count),
  );
export const answerTo = async (
  socket: Socket,
  r: number,
): Promise<{ readonly t: string } | undefined> => {
  const find = () => socket.frames.find((frame) => (frame as { r?: number }).r === r);
  await vi.waitFor(() => expect(find()).toBeDefined());
  return find();
};
export const closed = (socket: Socket, code: keyof typeof closeCodes): Promise<void> =>
  vi.waitFor(() => expect(socket.code).toBe(closeCodes[code].code));
