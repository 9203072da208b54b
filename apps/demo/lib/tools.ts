import { setTimeout as wait } from 'node:timers/promises';
import { type InferUITools, tool, type UIDataTypes, type UIMessage } from 'ai';
import { z } from 'zod';
import type { Metadata } from './ending.ts';

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
  location: tool({
    description: 'Where the user is. Their browser asks them whether to tell.',
    inputSchema: z.object({}),
    outputSchema: z.object({ latitude: z.number(), longitude: z.number() }),
    // Without `execute` the call is a client's: see components/client-tools.ts.
  }),
  book: tool({
    description: 'Books a table in a restaurant; the user is asked first',
    inputSchema: z.object({ restaurant: z.string(), guests: z.number() }),
    execute: async ({ restaurant, guests }) => {
      await wait(400);
      return { restaurant, guests, table: (sumOf(restaurant) % 20) + 1 };
    },
  }),
  survey: tool({
    description: 'A survey of the harbour, which takes half a minute',
    inputSchema: z.object({}),
    execute: async (_, { abortSignal }) => {
      await wait(30_000, undefined, { signal: abortSignal });
      return { ships: 17 };
    },
  }),
};

export type ChatMessage = UIMessage<Metadata, UIDataTypes, InferUITools<typeof tools>>;
