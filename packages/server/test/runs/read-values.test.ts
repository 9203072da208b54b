import { expect, it } from 'vitest';
import { readValues, type Values, valuesOf } from '../../src/runs/read-values.ts';

/** Reads, and notes what it takes and whom it waits for. */
function reading(values: Values, take: (value: unknown) => boolean | Promise<boolean>) {
  const events: unknown[] = [];
  const done = readValues(values, {
    onAsk: () => events.push('asked'),
    onAnswer: () => events.push('answered'),
    take: (value) => {
      events.push(value);
      return take(value);
    },
  });
  return { events, done };
}

async function* letters() {
  yield 'a';
  yield 'b';
}

const streamOf = (...values: readonly string[]): ReadableStream =>
  new ReadableStream({
    start(controller) {
      for (const value of values) controller.enqueue(value);
      controller.close();
    },
  });

it.each([
  ['a generator', () => letters()],
  ['a stream', () => streamOf('a', 'b')],
])('reads %s to its end, one value after the other', async (_, source) => {
  const { events, done } = reading(valuesOf(source()), () => true);
  await done;
  expect(events).toEqual(['asked', 'answered', 'a', 'asked', 'answered', 'b', 'asked', 'answered']);
});

it('asks for no more than is taken, and waits for who takes', async () => {
  const taken = Promise.withResolvers<boolean>();
  const { events, done } = reading(letters(), (value) => (value === 'a' ? taken.promise : false));
  await new Promise(setImmediate);
  expect(events).toEqual(['asked', 'answered', 'a']);
  taken.resolve(true);
  await done;
  expect(events).toEqual(['asked', 'answered', 'a', 'asked', 'answered', 'b']);
});

it('fails as the source does, or who takes', async () => {
  const failing = (async function* () {
    yield 'a';
    throw new Error('no more');
  })();
  await expect(reading(failing, () => true).done).rejects.toThrow('no more');
  const refuse = () => {
    throw new Error('refused');
  };
  await expect(reading(letters(), refuse).done).rejects.toThrow('refused');
  const late = () => Promise.reject(new Error('refused late'));
  await expect(reading(letters(), late).done).rejects.toThrow('refused late');
});

it('fails where a source throws instead of giving a promise, at the first value or a later one', async () => {
  let left = 1;
  const values: Values = {
    next: () => {
      if (left-- === 0) throw new Error('thrown');
      return Promise.resolve({ done: false, value: 'a' });
    },
  };
  await expect(reading(values, () => true).done).rejects.toThrow('thrown');
  left = 0;
  await expect(reading(values, () => true).done).rejects.toThrow('thrown');
});

it('a stream is cancelled at once, also while its next value is waited for', async () => {
  let cancelled = false;
  const stream = new ReadableStream({
    cancel: () => {
      cancelled = true;
    },
  });
  const values = valuesOf(stream);
  const { done } = reading(values, () => true);
  await values.return?.();
  await done;
  expect(cancelled).toBe(true);
});
