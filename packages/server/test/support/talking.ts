import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { defaultLimits, type Message } from '@holdfast/protocol';
import type { Agent } from '../../src/index.ts';
import { answer } from './gated-agent.ts';
import { startOwnServer } from './own-server.ts';
import { postJson } from './post.ts';
import type { TestServer, TestServerOptions } from './server.ts';

interface Answered {
  readonly status: number;
  readonly value: string;
}

export interface Talking {
  readonly server: TestServer;
  readonly log: SessionLog;
  /** Sizes of the pieces that were written. */
  readonly puts: readonly number[];
  /** The messages that the agent was given, each time. */
  readonly prompts: readonly Message[][];
  readonly post: (path: string, body: object) => Promise<Answered>;
  readonly say: (parts: readonly object[], more?: { readonly id?: string }) => Promise<Answered>;
  /** The session as clients of ours read it. */
  readonly shown: () => Promise<readonly Message[]>;
}

/** A server whose agent remembers what it was given, and whose log counts the pieces that are written. */
export async function startTalking(options: TestServerOptions = {}): Promise<Talking> {
  const limits = { ...defaultLimits, ...options.limits };
  const log = createMemoryLog({ limits });
  const puts: number[] = [];
  const { putPiece } = log;
  log.putPiece = (session, upload, index, data) => {
    puts.push((data as Uint8Array).byteLength);
    return putPiece.call(log, session, upload, index, data);
  };
  const prompts: Message[][] = [];
  const agent: Agent = ({ messages }) => {
    prompts.push(messages as unknown as Message[]);
    return (async function* () {
      yield* answer('Well.');
    })();
  };
  const server = await startOwnServer({
    log,
    agent,
    clientData: ['data-place'],
    whileBusy: ({ asked = 'parallel' }) => asked,
    ...options,
    limits,
  });
  const post = async (path: string, body: object) => {
    const response = await postJson(`${server.api}${path}`, body);
    const value = response.status === 204 ? null : await response.text();
    return { status: response.status, value: value ?? '' };
  };
  const say = (parts: readonly object[], more: { readonly id?: string } = {}) => {
    const { id = crypto.randomUUID(), ...rest } = more;
    const message = { id, role: 'user', parts };
    return post('', { id: 's', command: id, trigger: 'submit-message', message, ...rest });
  };
  const shown = async (): Promise<readonly Message[]> => {
    const response = await fetch(`${server.api}/s?files=references`);
    return ((await response.json()) as { readonly messages: readonly Message[] }).messages;
  };
  return { server, log, puts, prompts, post, say, shown };
}

export const wordsOf = ({ value }: Pick<Answered, 'value'>): string =>
  (JSON.parse(value) as { readonly error: { readonly message: string } }).error.message;
