import type { UIMessageChunk } from 'ai';
import type { OpenPage } from './page.ts';

/** `fetch`, lines, `JSON.parse`: SSE by a client that looks at as little as Holdfast's does. */
export const openLightPage: OpenPage = (origin, chatId) => {
  const gone = new AbortController();
  return {
    open: async () => null,
    send: async (schedule) => {
      const response = await fetch(`${origin}/api/chat`, {
        method: 'POST',
        body: JSON.stringify({ id: chatId, schedule }),
        signal: gone.signal,
      });
      if (!response.ok || !response.body) throw new Error(`the send failed: ${response.status}`);
      return response.body.pipeThrough(new TextDecoderStream()).pipeThrough(eventsOf());
    },
    stop: null,
    frames: null,
    close: () => gone.abort(),
  };
};

const field = 'data: ';
const last = '[DONE]';

/** Events of one line of data each, as the AI SDK writes them. */
function eventsOf(): TransformStream<string, UIMessageChunk> {
  let rest = '';
  return new TransformStream({
    transform(text, controller) {
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = event.slice(field.length);
        if (data !== last) controller.enqueue(JSON.parse(data) as UIMessageChunk);
      }
    },
  });
}
