import type { UIMessage } from 'ai';
import { type Mock, vi } from 'vitest';
import type { Agent, Load } from '../../src/index.ts';
import { answer } from './gated-agent.ts';
import { startOwnServer } from './own-server.ts';
import { type TestServer, type TestServerOptions, userMessage } from './server.ts';

export const user = (id: string, text: string = id): UIMessage =>
  userMessage(id, text) as unknown as UIMessage;
export const reply = (id: string, ...parts: object[]): UIMessage => ({
  id,
  role: 'assistant',
  parts: parts.length > 0 ? (parts as UIMessage['parts']) : [{ type: 'text', text: id }],
});
/** Twenty questions with their answers. */
export const forty: readonly UIMessage[] = Array.from({ length: 20 }, (_, at) => [
  user(`u${at}`),
  reply(`a${at}`),
]).flat();
export const idsOf = (messages: readonly { readonly id: string }[]): string[] =>
  messages.map(({ id }) => id);

export interface LoadingServer {
  readonly server: TestServer;
  /** What its agent was given, run by run. */
  readonly prompts: UIMessage[][];
  readonly asked: Mock<Load>;
}

/** A server whose agent notes what it is given. */
export async function serveLoading(
  load: Load,
  options: TestServerOptions = {},
): Promise<LoadingServer> {
  const prompts: UIMessage[][] = [];
  const asked = vi.fn(load);
  const agent: Agent = ({ messages }) => {
    prompts.push(messages);
    return (async function* () {
      yield* answer('Well.');
    })();
  };
  const server = await startOwnServer({ agent, load: asked, ...options });
  return { server, prompts, asked };
}

/** Sends a message, whatever the answer. */
export const sending = (server: TestServer, id: string = 'm1'): Promise<Response> =>
  server.post({
    id: 's',
    command: crypto.randomUUID(),
    trigger: 'submit-message',
    message: userMessage(id, 'Hello'),
  });
