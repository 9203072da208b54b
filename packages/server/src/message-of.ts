import type { Agent } from './contract/agent.ts';

/**
 * The messages of an agent: `type ChatMessage = MessageOf<typeof agent>` types the client after the
 * server, by a type-only import of the agent.
 */
// biome-ignore lint/suspicious/noExplicitAny: infers from an agent of whatever messages
export type MessageOf<AGENT extends Agent<any>> =
  AGENT extends Agent<infer UI_MESSAGE> ? UI_MESSAGE : never;
