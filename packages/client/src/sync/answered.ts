/** How a chat is given answers. */
const ways = ['addToolOutput', 'addToolResult', 'addToolApprovalResponse'];

type Methods = Record<string, ((given: unknown) => unknown) | undefined>;

/**
 * Calls `tell` whenever the chat was given an answer, until the returned function is called. A chat does
 * not tell of changes of its messages, and nothing else may come until the answer was sent.
 */
export function onAnswered(chat: object, tell: () => void): () => void {
  const methods = chat as Methods;
  const before: Methods = {};
  for (const way of Object.isFrozen(chat) ? [] : ways) {
    const own = methods[way];
    if (!own) continue;
    before[way] = own;
    methods[way] = async (given) => {
      const result = await own.call(chat, given);
      tell();
      return result;
    };
  }
  return () => void Object.assign(methods, before);
}
