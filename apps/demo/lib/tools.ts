import { setTimeout as wait } from 'node:timers/promises';
import { type InferUITools, tool, type UIDataTypes, type UIMessage } from 'ai';
import { z } from 'zod';

const skies = ['clear', 'cloudy', 'light rain', 'fog', 'snow'] as const;

const sumOf = (text: string): number =>
  [...text.toLowerCase()].reduce(
    (sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0,
    7,
  );

/** Made up, but the same for the same city, so that an answer can be checked. */
function forecast(city: string): { city: string; sky: string; celsius: number; windKmh: number } {
  const sum = sumOf(city);
  return {
    city,
    sky: skies[sum % skies.length] ?? 'clear',
    celsius: (sum % 35) - 5,
    windKmh: sum % 50,
  };
}

export const tools = {
  weather: tool({
    description: 'The weather in a city',
    inputSchema: z.object({ city: z.string().describe('Name of the city') }),
    execute: async ({ city }, { abortSignal }) => {
      // A forecast takes its time, so that a page can be reloaded while the tool is at work.
      await wait(900, undefined, { signal: abortSignal });
      return forecast(city);
    },
  }),
};

export type ChatMessage = UIMessage<unknown, UIDataTypes, InferUITools<typeof tools>>;
