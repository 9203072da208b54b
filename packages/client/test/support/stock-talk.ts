import type { Agent } from '@holdfast/server';
import type { ChatInit, ChatTransport, UIMessage } from 'ai';
import { onTestFinished } from 'vitest';
import { type ObservedChat, observe } from './chat.ts';
import { lineOf } from './room.ts';
import { freshId, type GatedAgent, gatedAgent, startServer, type TestServer } from './server.ts';
import { behindTurns, type Talked } from './turns.ts';

export interface StockTalk<T> extends Talked {
  readonly id: string;
  readonly server: TestServer;
  readonly gated: GatedAgent;
  readonly observed: ObservedChat & { readonly transport: T };
  /** Another page of the session, with these messages. */
  open(messages?: UIMessage[]): ObservedChat & { readonly transport: T };
  /** What the session has. */
  shown(): Promise<string[]>;
}

/** A chat of the SDK on a transport of the SDK, behind some turns on a session of the real server. */
export async function stockTalk<T extends ChatTransport<UIMessage>>(
  turns: number,
  transportOf: (server: TestServer, agent: Agent) => T,
  {
    limits = {},
    ...init
  }: Omit<ChatInit<UIMessage>, 'id' | 'messages' | 'transport'> & {
    readonly limits?: NonNullable<Parameters<typeof startServer>[1]>['limits'];
  } = {},
): Promise<StockTalk<T>> {
  const gated = gatedAgent();
  const server = await startServer(gated.agent, { limits });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const id = freshId();
  const open = (messages: UIMessage[] = []) => {
    const transport = transportOf(server, gated.agent);
    return Object.assign(observe({ ...init, id, messages, transport }), { transport });
  };
  const observed = open();
  const talked = await behindTurns(observed, gated, turns);
  const shown = async () =>
    (await server.holdfast.session<UIMessage>(id).state({ limit: 200 })).messages.map(lineOf);
  return { ...talked, observed, shown, open, gated, server, id };
}
