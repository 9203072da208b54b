/** How a chat is given answers. */
const ways = ['addToolOutput', 'addToolResult', 'addToolApprovalResponse'];

type Methods = Record<string, ((given: unknown) => unknown) | undefined>;

/**
 * Calls `tell` whenever the chat was given an answer, until the returned function is called. A chat does
 * not tell of changes of its messages, and nothing else may come until the answer was sent.
 */
export function onAnswered(chat: object, tell: () => void): () => void {
  const methods = chat as Methods;
  const undo: (() => void)[] = [];
  let listener: (() => void) | null = tell;
  for (const way of Object.isFrozen(chat) ? [] : ways) {
    const own = methods[way];
    if (!own) continue;
    const told: typeof own = async (given) => {
      const result = await own.call(chat, given);
      listener?.();
      return result;
    };
    methods[way] = told;
    // Another listener of the same chat, which came later, stands in front of this one and stays.
    undo.push(() => {
      if (methods[way] === told) methods[way] = own;
    });
  }
  return () => {
    listener = null;
    for (const each of undo) each();
  };
}
