import type { ClientTools } from '@holdfast/client/react';
import type { ChatMessage } from '../lib/tools.ts';

/** Tools that browsers execute: each call in one of those that have the chat open. */
export const clientTools: ClientTools<ChatMessage> = {
  location: (_, { signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      navigator.geolocation.getCurrentPosition(
        ({ coords: { latitude, longitude } }) => resolve({ latitude, longitude }),
        ({ message }) => reject(new Error(message)),
        { timeout: 60_000 },
      );
    }),
};
