import { jsonSchema, parseJsonEventStream, type UIMessageChunk } from 'ai';
import type { Agent } from '../contract/agent.ts';
import { unreadable } from '../runs/agent-fault.ts';

/**
 * A chat route as the AI SDK documents it: takes `{ id, messages, trigger }` as JSON, and answers with a UI message
 * stream (`createUIMessageStreamResponse`, `toUIMessageStreamResponse`).
 */
export type StockRoute = (request: Request) => Response | Promise<Response>;

/** Describe the body that came, which is another one now. */
const ofBody = ['content-encoding', 'content-length', 'transfer-encoding'];

/** An agent that asks a stock route, with the session's messages and the run's signal. */
export const agentOfRoute =
  (route: StockRoute): Agent =>
  async ({ sessionId, messageId, messages, trigger, body, signal, request, headers: given }) => {
    const headers = new Headers(given);
    for (const name of ofBody) headers.delete(name);
    headers.set('content-type', 'application/json');
    // No member of the body: there, a stock client names what it asks again.
    headers.set('holdfast-message', messageId);
    const asked = new Request(request?.url ?? 'http://localhost/', {
      method: 'POST',
      headers,
      body: JSON.stringify({ ...body, id: sessionId, messages, trigger }),
      signal,
    });
    return chunksOf(await route(asked));
  };

/** Anything that JSON can say: kinds of chunks that do not exist yet pass. */
const anything = jsonSchema<UIMessageChunk>({});

/** The SDK says with it that a response is a UI message stream, also one without chunks. */
const streamMark = 'x-vercel-ai-ui-message-stream';

async function* chunksOf({ ok, status, headers, body }: Response): AsyncGenerator<UIMessageChunk> {
  if (!ok || !body)
    throw unreadable(
      `unable to read the answer of the route: its status is ${status}; a route that is wrapped has to answer with a UI message stream`,
    );
  let isRead = headers.has(streamMark);
  for await (const event of parseJsonEventStream({ stream: body, schema: anything })) {
    if (!event.success) throw event.error;
    isRead = true;
    yield event.value;
  }
  if (!isRead)
    throw unreadable(
      'unable to read the answer of the route: it has no chunk; answer with `toUIMessageStreamResponse()` or `createUIMessageStreamResponse()`, and not with text or JSON',
    );
}
