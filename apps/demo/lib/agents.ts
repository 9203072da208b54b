import type { Agent } from '@holdfast/server';
import { agent } from './agent.ts';
import type { AgentName } from './agent-names.ts';
import type { ChatMessage } from './tools.ts';
import { voices } from './voices.ts';

/** Who may answer: in the route, or in workers. */
export const agents: Readonly<Record<AgentName, Agent<ChatMessage>>> = { agent, ...voices };
