import type { Chunk, RunInfo } from '@holdfast/protocol';
import { startOwnServer } from './own-server.ts';
import { postJson } from './post.ts';
import type { TestServer, TestServerOptions } from './server.ts';
import { allPages, join, textOf } from './talk.ts';

/** The members of answers that tests look at. */
export interface Told {
  readonly state: string;
  readonly run: string;
  readonly attempt: number;
  readonly messageId: string;
  readonly next: number;
  readonly cancelled: boolean;
}

interface Begun extends Omit<Told, 'run' | 'attempt'> {
  /** What the other requests name. */
  readonly named: { readonly run: string; readonly attempt: number };
}

/** A server, and what a writer says to it that has no client. */
export interface SaidByWriter {
  readonly server: TestServer;
  readonly session: string;
  ask(verb: string, body: object): Promise<Told>;
  /** The status, and the code of an error. */
  status(
    verb: string,
    body: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<[number, string | undefined]>;
  begin(holder?: string, command?: string): Promise<Begun>;
  texts(): Promise<readonly string[]>;
  runs(): Promise<readonly RunInfo[]>;
}

export const bearer: Readonly<Record<string, string>> = { authorization: 'Bearer secret' };
/** The chunks of a text. */
export const words = (text: string): readonly Chunk[] => [
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: text },
  { type: 'text-end', id: 't' },
];

export async function setUp(options: TestServerOptions = {}): Promise<SaidByWriter> {
  const server = await startOwnServer({
    writers: { authorize: ({ token }) => token === 'secret' },
    ...options,
  });
  const session = `s-${crypto.randomUUID()}`;
  const post = (verb: string, body: object, headers = bearer) =>
    postJson(`${server.api}/${session}/${verb}`, { agent: 'planner', ...body }, headers);
  const ask = async (verb: string, body: object) => (await (await post(verb, body)).json()) as Told;
  const status: SaidByWriter['status'] = async (verb, body, headers) => {
    const response = await post(verb, body, headers);
    const { error } = (await response.json()) as { error?: { code: string } };
    return [response.status, error?.code];
  };
  const begin = async (holder = 'h1', command = 'c1') => {
    const { run, attempt, ...more } = await ask('begin', { command, holder });
    return { named: { run, attempt }, ...more };
  };
  const texts = async () => (await allPages(server, session)).map(textOf);
  const runs = async () => (await join(server, session)).runs ?? [];
  return { server, session, ask, status, begin, texts, runs };
}
