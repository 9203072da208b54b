/** The events of one streamed answer of the API, before they are written as server-sent events. */
export interface Frames {
  readonly opening: readonly object[];
  readonly piece: (text: string) => object;
  readonly closing: readonly object[];
  /** Written behind the last event. */
  readonly trailer: string;
}

/** `POST /v1/responses` with `stream: true`: what the provider's default model calls. */
export const responsesFrames = (model: string): Frames => {
  const item_id = 'msg_1';
  const response = { id: 'resp_1', created_at: 0, model };
  const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
  const item = { type: 'message', id: item_id };
  return {
    opening: [
      { type: 'response.created', response },
      { type: 'response.output_item.added', output_index: 0, item },
    ],
    piece: (delta) => ({ type: 'response.output_text.delta', item_id, output_index: 0, delta }),
    closing: [
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: { ...response, usage } },
    ],
    trailer: '',
  };
};

/** `POST /v1/chat/completions` with `stream: true`. */
export const chatFrames = (model: string): Frames => {
  const frame = (delta: object, finish_reason: string | null): object => ({
    id: 'chatcmpl_1',
    object: 'chat.completion.chunk',
    created: 0,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  return {
    opening: [frame({ role: 'assistant', content: '' }, null)],
    piece: (content) => frame({ content }, null),
    closing: [frame({}, 'stop')],
    trailer: 'data: [DONE]\n\n',
  };
};

export const eventOf = (frame: object): string => `data: ${JSON.stringify(frame)}\n\n`;
