/** Names of tools; or the tools of an agent themselves, of which those without `execute` are meant. */
export type ToolNames = readonly string[] | Readonly<Record<string, object>>;

/**
 * The tools that clients execute, and whose calls they may answer therefore: for all agents, or for each by
 * its name.
 */
export type ClientTools = ToolNames | ((agentName: string) => ToolNames);

/** Tells whether clients execute that tool of an agent. */
export type IsClientTool = (tool: string, agentName: string) => boolean;
