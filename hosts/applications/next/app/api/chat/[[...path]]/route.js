import { toRouteHandlers } from '@holdfast/server/next';
import { convertToModelMessages, streamText } from 'ai';
import { holdfast } from '../../../../lib/holdfast.js';
import { model } from '../../../../lib/model.js';

export const { GET, POST, DELETE } = toRouteHandlers(
  holdfast,
  async ({ messages, signal, prepareStep, steering }) =>
    streamText({
      model,
      messages: await convertToModelMessages(messages),
      abortSignal: signal,
      prepareStep,
      experimental_steering: steering,
    }),
);
