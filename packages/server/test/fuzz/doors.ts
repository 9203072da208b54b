import type { ChildProcess } from 'node:child_process';
import { forkSource } from '@holdfast/testkit/fork-source';

/** The ways in. `root` is mounted at `/`; `routes` and `accept` are used as other hosts use them. */
export const doorNames = [
  'node',
  'root',
  'express',
  'routes',
  'gateway',
  'accept',
  'http2',
] as const;
export type DoorName = (typeof doorNames)[number];

export interface State {
  readonly heapBytes: number;
  readonly sockets: number;
  /** The same by door. */
  readonly open: Readonly<Partial<Record<DoorName, number>>>;
  /** What was reported as a fault of the server, and how often. */
  readonly faults: readonly (readonly [text: string, count: number])[];
}

/** What the process of the doors tells. */
export type Told = { readonly ports: Readonly<Record<DoorName, number>> } | State;

export interface Doors {
  readonly ports: Readonly<Record<DoorName, number>>;
  /** How the process ended; null while it lives, which it should. */
  readonly exit: string | null;
  /** Behind a garbage collection. */
  state(): Promise<State>;
  close(): void;
}

/** Starts the process that has them. */
export async function openDoors(): Promise<Doors> {
  const child: ChildProcess = forkSource(
    new URL('./doors-process.ts', import.meta.url),
    [],
    ['--expose-gc'],
  );
  let exit: string | null = null;
  const ended = new Promise<never>((_, reject) => {
    child.once('exit', (code, signal) => {
      exit = `code ${code}, signal ${signal}`;
      reject(new Error(`the server ended: ${exit}`));
    });
  });
  ended.catch(() => {});
  const next = () =>
    Promise.race([ended, new Promise<Told>((resolve) => child.once('message', resolve))]);
  const first = await next();
  if (!('ports' in first)) throw new Error('the server told no ports');
  return {
    ports: first.ports,
    get exit() {
      return exit;
    },
    state: async () => {
      const answer = next();
      child.send('state');
      return (await answer) as State;
    },
    close: () => void child.kill('SIGKILL'),
  };
}
