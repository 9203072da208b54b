import { type ChatInit, convertToModelMessages, streamText, type UIMessage } from 'ai';
import type { Agent } from '../contract/agent.ts';
import type { HoldfastOptions } from '../contract/options.ts';
import type { Participant } from '../contract/participant.ts';
import { systemEnvironment } from '../environment.ts';
import { createHoldfast, type Holdfast } from '../holdfast.ts';
import type { HandleOptions } from '../http/handler.ts';
import { asOperator } from '../rights/operator.ts';
import { type ScriptedModel, type ScriptedModelOptions, scriptedModel } from './model.ts';
import { api, createNetwork, gatewayUrl, type Network } from './network.ts';
import type { TestChat } from './test-chat.ts';
import { createTab, type TabSync, type TabTransport, type TestTab } from './test-tab.ts';

/** Options of `createTestHoldfast`: those of `createHoldfast`, and who answers. */
export interface TestHoldfastOptions extends HoldfastOptions {
  /**
   * The agent of the application.
   * @default one that asks `streamText` of the model that plays `script`
   */
  readonly agent?: Agent | undefined;
  /** What the model says when there is no `agent`. @default nothing */
  readonly script?: ScriptedModelOptions['script'] | undefined;
  /** The options of the route besides its agent, such as `clientTools`. */
  readonly route?: Omit<HandleOptions, 'agent' | 'path'> | undefined;
}

/** What a transport is made with. */
export interface TabTransportOptions {
  /** Sent with each request; for an `authorize` of the application. */
  readonly headers?: Record<string, string>;
  /** Given to the agent with each send. */
  readonly body?: object;
  /** Where the route is; nothing listens there. */
  readonly api: string;
  /** Where the gateway is; nothing listens there. */
  readonly url: string;
  /** Says who sits in front of the tab. */
  readonly token: string;
  /** Reaches the route within the process; rejects while the network is cut. */
  readonly fetch: typeof globalThis.fetch;
  /** Reaches the gateway within the process; closed with 1006 while the network is cut. */
  readonly WebSocket: Network['WebSocket'];
}

/** The parts of `@holdfast/client` that a tab is made of. */
export interface TabClient<TRANSPORT extends TabTransport, SYNC extends TabSync> {
  /** Of `@holdfast/client`. */
  readonly createChatTransport: (options: TabTransportOptions) => TRANSPORT;
  /** Of `@holdfast/client/sync`: has the tab show what others do. */
  readonly syncChat?: ((chat: TestChat, transport: TRANSPORT) => SYNC) | undefined;
}

/** Options of `open`. */
export interface TabOptions {
  /** The chat that the tab shows. @default 'chat' */
  readonly chatId?: string;
  /** Who sits in front of it, as `authorize` gives it. @default 'user' */
  readonly user?: string;
  /** Makes that user an operator. @default false */
  readonly operator?: boolean;
  /** Options of the transport, such as the `token` that the application's own `authorize` wants. */
  readonly transport?: Partial<TabTransportOptions>;
  /** Options of the chat itself, such as `sendAutomaticallyWhen` or `onToolCall`. */
  readonly chat?: Omit<ChatInit<UIMessage>, 'id' | 'transport'>;
}

/** A Holdfast in memory, with its clients in the same process. */
export interface TestHoldfast extends AsyncDisposable {
  /** The server itself, for `session(id)` and all else that server code does. */
  readonly holdfast: Holdfast;
  /** The model of `script`: `calls` has what it was asked. */
  readonly model: ScriptedModel;
  /** The messages that the agent was given, for each time that it was asked. */
  readonly prompts: readonly (readonly UIMessage[])[];
  /** Opens a tab. */
  open<TRANSPORT extends TabTransport, SYNC extends TabSync = TabSync>(
    client: TabClient<TRANSPORT, SYNC>,
    options?: TabOptions,
  ): TestTab<TRANSPORT, SYNC | null>;
  /** Closes the tabs and the server; runs that are live are stopped. */
  close(): Promise<void>;
}

/**
 * A Holdfast for tests: with the log in memory, every rule of the real one, clients that reach it without a port, and a
 * model that plays a script. Its users are whoever `open` says, unless `authorize` is given.
 */
export function createTestHoldfast({
  agent,
  script = [],
  route,
  ...options
}: TestHoldfastOptions = {}): TestHoldfast {
  const users = new Map<string, Participant>();
  const prompts: (readonly UIMessage[])[] = [];
  const tabs: TestTab[] = [];
  const model = scriptedModel({ script });
  const { redis, prefix, authorize = ({ token }) => users.get(token ?? '') ?? null } = options;
  const holdfast = createHoldfast({
    ...options,
    authorize,
    // What is in memory is shared by all of one name in a process, and tests may run side by side.
    ...(redis || prefix !== undefined ? {} : { prefix: `test-${systemEnvironment.id()}` }),
  });
  const answer = agent ?? scriptedAgent(model);
  const asked: Agent = (context) => {
    prompts.push(structuredClone(context.messages));
    return answer(context);
  };
  holdfast.register(asked, route?.agentName);
  const close = async () => {
    for (const tab of tabs) tab.close();
    await holdfast.close({ runsMs: 0 });
  };

  return {
    holdfast,
    model,
    prompts,
    open({ createChatTransport, syncChat }, { chatId = 'chat', ...given } = {}) {
      const { user = 'user', operator = false, chat = {}, transport = {} } = given;
      const network = createNetwork(holdfast, (request, path) =>
        holdfast.handle(request, { ...route, agent: asked, path }),
      );
      const token = systemEnvironment.id();
      users.set(token, operator ? asOperator({ id: user }) : { id: user });
      const { fetch, WebSocket } = network;
      const tab = createTab({
        init: { ...chat, id: chatId },
        transport: createChatTransport({
          ...{ api, url: gatewayUrl, token, fetch, WebSocket },
          ...transport,
        }),
        network,
        follow: (shown, carried) => syncChat?.(shown, carried) ?? null,
      });
      tabs.push(tab);
      return tab;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

const scriptedAgent =
  (model: ScriptedModel): Agent =>
  async ({ messages, signal }) =>
    streamText({
      model,
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      // What a script lets fail is told to the chat and to `onError`.
      onError: () => {},
    });
