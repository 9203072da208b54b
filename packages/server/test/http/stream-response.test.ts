import type { Chunk } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { type StreamForm, streamResponse } from '../../src/http/stream-response.ts';
import { turn } from '../support/background.ts';

const chunks: readonly Chunk[] = [
  { type: 'start' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'Hel' },
  { type: 'reasoning-delta', id: 'r', delta: 'hm' },
  { type: 'text-delta', id: 't', delta: 'lo' },
  { type: 'text-end', id: 't' },
];

/** A response, and what came of it: `left` with the reason, `end`, and `returned` by the generator. */
function streaming(form: StreamForm, given: () => AsyncGenerator<Chunk>) {
  const told: unknown[] = [];
  async function* source() {
    try {
      yield* given();
    } finally {
      told.push('returned');
    }
  }
  const { response, fail } = streamResponse(source(), form, {
    onEnd: () => told.push('end'),
    onLeft: (reason) => told.push(['left', reason]),
  });
  return { response, fail, told };
}

async function* saying() {
  yield* chunks;
}

/** One that goes on, and is not told to. */
async function* waiting() {
  yield* chunks;
  await new Promise(() => {});
}

async function* failing() {
  yield* chunks;
  throw new Error('the log is away');
}

it('a text is the words of an answer and nothing else', async () => {
  const { response, told } = streaming('text', saying);
  expect(await response.text()).toBe('Hello');
  expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(response.headers.get('x-accel-buffering')).toBe('no');
  expect(told).toEqual(['returned', 'end']);
});

it('a UI message stream has every chunk, and says when it is over', async () => {
  const { response, told } = streaming('ui', saying);
  const events = (await response.text()).trim().split('\n\n');
  const data = events.map((event) => event.replace(/^data: /, ''));
  expect(data.slice(0, -1).map((text) => JSON.parse(text))).toEqual(chunks);
  expect(data.at(-1)).toBe('[DONE]');
  expect(response.headers.get('cache-control')).toBe('no-store, no-transform');
  expect(told).toEqual(['returned', 'end']);
});

it('a text that ends in an error is broken off', async () => {
  async function* ending() {
    yield* chunks;
    yield { type: 'error', errorText: 'The answer ended early.' };
  }
  await expect(streaming('text', ending).response.text()).rejects.toThrow('ended early');
});

it('HF-HTTP-37: a text that ends in an error has not been left by its reader', async () => {
  async function* ending() {
    yield* chunks;
    yield { type: 'error', errorText: 'The answer ended early.' };
    await new Promise(() => {});
  }
  const { response, told } = streaming('text', ending);
  await expect(response.text()).rejects.toThrow('ended early');
  await turn();
  expect(told).toEqual(['end']);
});

it.each<StreamForm>(['ui', 'text'])('a stream that fails is broken off: %s', async (form) => {
  const { response, told } = streaming(form, failing);
  await expect(response.text()).rejects.toThrow('the log is away');
  expect(told).toEqual(['returned', 'end']);
});

it.each<StreamForm>(['ui', 'text'])('so is one that is to fail: %s', async (form) => {
  const { response, fail, told } = streaming(form, waiting);
  const text = response.text();
  await turn();
  fail(new Error('closing'));
  await expect(text).rejects.toThrow('closing');
  expect(told).toEqual(['end']);
});

it('one that is to fail when it has failed or was left tells nothing more', async () => {
  const { response, fail, told } = streaming('ui', failing);
  await expect(response.text()).rejects.toThrow('the log is away');
  fail(new Error('closing'));
  expect(told).toEqual(['returned', 'end']);
  const other = streaming('ui', saying);
  await other.response.body?.cancel();
  await turn();
  other.fail(new Error('closing'));
  await turn();
  expect(other.told).toEqual([['left', undefined], 'end', 'returned']);
});

it('a reader that leaves is told of before the end, with its reason, and ends the generator', async () => {
  const { response, told } = streaming('ui', saying);
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel('enough');
  await turn();
  expect(told).toEqual([['left', 'enough'], 'end', 'returned']);
});
