// Stands for Redis, so that the example needs none: with it, `createResumableStreamContext({ waitUntil })`
// of `resumable-stream` is all there is.
import {
  createResumableStreamContext,
  type Publisher,
  type Subscriber,
} from 'resumable-stream/generic';

const values = new Map<string, string | number>();
const listeners = new Map<string, Set<(message: string) => void>>();

const publisher: Publisher = {
  connect: async () => {},
  publish: async (channel, message) => {
    const heard = [...(listeners.get(channel) ?? [])];
    for (const listener of heard) listener(message);
    return heard.length;
  },
  set: async (key, value) => void values.set(key, value),
  get: async (key) => values.get(key) ?? null,
  incr: async (key) => {
    const value = Number(values.get(key) ?? 0) + 1;
    values.set(key, value);
    return value;
  },
};

const subscriber: Subscriber = {
  connect: async () => {},
  subscribe: async (channel, callback) => {
    const heard = listeners.get(channel) ?? new Set();
    listeners.set(channel, heard.add(callback));
  },
  unsubscribe: async (channel) => listeners.delete(channel),
};

export const streams = createResumableStreamContext({ waitUntil: null, publisher, subscriber });
