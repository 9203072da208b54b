/** Whom a message may be for; the first one answers where nobody is named. */
export const agentNames = ['agent', 'optimist', 'skeptic'] as const;

export type AgentName = (typeof agentNames)[number];
