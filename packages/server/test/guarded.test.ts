import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { Agent, HoldfastOptions } from '../src/index.ts';
import { answer, replying } from './support/gated-agent.ts';
import { startOwnServer } from './support/own-server.ts';
import { startServer, userMessage } from './support/server.ts';
import { page } from './support/talk.ts';

/** What a framework would see of us if we let anything through. */
function watchProcess() {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => rejections.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
  });
  return rejections;
}

const bang = (): never => {
  throw new Error('bang');
};

/** A stream of the application's that does not keep to the contract. */
const streamOf = (changes: Partial<AsyncIterator<unknown>>): AsyncIterable<unknown> => {
  const chunks = answer('Hi').values();
  return {
    [Symbol.asyncIterator]: () => ({
      next: async () => chunks.next() as IteratorResult<unknown>,
      ...changes,
    }),
  };
};

interface Faulty {
  readonly agent?: Agent;
  readonly options?: HoldfastOptions;
  readonly outcome: 'finished' | 'failed';
}

const failing: Agent = () => {
  throw new Error('the model is away');
};

const cases: Readonly<Record<string, Faulty>> = {
  'an errorText that throws': { agent: failing, options: { errorText: bang }, outcome: 'failed' },
  'an errorText that gives no text': {
    agent: failing,
    options: { errorText: () => undefined as never },
    outcome: 'failed',
  },
  'an errorText that throws for a fault in the stream': {
    agent: () => ({
      toUIMessageStream: (options?: never) =>
        (async function* () {
          const { onError } = options as unknown as { onError: (error: unknown) => string };
          yield { type: 'start' };
          yield { type: 'error', errorText: onError(new Error('the model broke off')) };
        })() as never,
    }),
    options: { errorText: bang },
    outcome: 'failed',
  },
  'an onError that throws': { agent: failing, options: { onError: bang }, outcome: 'failed' },
  'an onError that rejects': {
    agent: failing,
    options: { onError: (async () => bang()) as never },
    outcome: 'failed',
  },
  'a return() that throws': {
    agent: () => streamOf({ return: bang }) as never,
    outcome: 'finished',
  },
  'a return() that rejects': {
    agent: () => streamOf({ return: async () => bang() }) as never,
    outcome: 'finished',
  },
  'a return() that never settles, behind a fault': {
    agent: () =>
      streamOf({ next: async () => bang(), return: () => new Promise(() => {}) }) as never,
    outcome: 'failed',
  },
  'a next() that throws at once': {
    agent: () => streamOf({ next: bang }) as never,
    outcome: 'failed',
  },
  'an iterator that cannot be had': {
    agent: () => ({ [Symbol.asyncIterator]: bang }) as never,
    outcome: 'failed',
  },
  'a chunk whose members throw': {
    agent: () =>
      (async function* () {
        yield {
          get type() {
            return bang();
          },
        };
      })() as never,
    outcome: 'failed',
  },
  'a chunk that is no JSON': {
    agent: () =>
      (async function* () {
        yield { type: 'start' };
        yield { type: 'data-x', data: 1n };
      })() as never,
    outcome: 'failed',
  },
  'hooks that throw': {
    agent: replying(...answer('Hi')),
    options: { hooks: { onMessage: bang, onTruncate: bang } },
    outcome: 'finished',
  },
};

describe('what the application gives is called under guard', () => {
  it.each(Object.entries(cases))('%s: the run ends all the same', async (_, faulty) => {
    const rejections = watchProcess();
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => {});
    const { agent = replying(...answer('Hi')), options = {}, outcome } = faulty;
    const server = await startOwnServer({ agent, ...options });
    const id = `s-${crypto.randomUUID()}`;
    await server.send({ id, message: userMessage('m', 'hi') });
    await vi.waitFor(async () => {
      const { runs } = (await page(server, id)) as unknown as { runs: { state: string }[] };
      expect(runs.map(({ state }) => state)).toEqual([outcome]);
    });
    expect(rejections).toEqual([]);
    quiet.mockRestore();
  });

  it('a dispatch that throws at once is a queue of jobs that did not take it', async () => {
    const dispatch = { add: bang, close: bang };
    const server = await startServer({ agent: null, dispatch });
    const id = `s-${crypto.randomUUID()}`;
    const response = await server.post({
      id,
      command: 'one',
      trigger: 'submit-message',
      message: userMessage('m', 'hi'),
    });
    expect(response.status).toBe(503);
    await expect(server[Symbol.asyncDispose]()).resolves.toBeUndefined();
  });

  it('a whileBusy that gives nonsense is a fault in words, and writes nothing', async () => {
    const server = await startOwnServer({ whileBusy: () => 'sideways' as never });
    const id = `s-${crypto.randomUUID()}`;
    const response = await server.post({
      id,
      command: 'one',
      trigger: 'submit-message',
      message: userMessage('m', 'hi'),
    });
    expect(response.status).toBe(500);
    expect(String((server.errors[0] as Error).cause)).toMatch(/whileBusy/);
    expect((await page(server, id)).messages).toEqual([]);
  });
});
