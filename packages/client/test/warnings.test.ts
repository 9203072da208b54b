import { createChatTransport } from '@holdfast/client';
import { expect, onTestFinished, test, vi } from 'vitest';
import { manualClock } from './support/clock.ts';

/** A transport whose token fails each time in other words, and its clock. */
function failing(options: Parameters<typeof createChatTransport>[0] = {}) {
  const clock = manualClock();
  const faults = ['no key', 'no key', 'no luck', 'no key'];
  let asked = 0;
  const transport = createChatTransport({
    api: 'http://127.0.0.1:9/api/chat',
    environment: clock.environment,
    token: () => Promise.reject(new Error(faults[asked++] ?? 'no key')),
    ...options,
  });
  onTestFinished(() => transport.close());
  transport.hold('s1');
  const tries = async (count: number) => {
    await vi.waitFor(() => {
      // Less than a token may take.
      clock.advance(7_000);
      expect(asked).toBeGreaterThanOrEqual(count);
    });
  };
  return { transport, tries };
}

test('faults that nobody is told of are warned of once for each kind', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const { tries } = failing();
  await tries(8);
  await vi.waitFor(() => expect(warn).toHaveBeenCalledTimes(3));
  expect(warn.mock.calls.map(([, error]) => (error as Error | undefined)?.message)).toEqual([
    'no key',
    'no luck',
    // That it does not connect is told with the words of its own.
    undefined,
  ]);
  expect(warn.mock.calls[2]?.[0]).toMatch(/unable to connect: token .*`token`/s);
});

test('an `onError` is told of each, and the console of nothing', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const errors: Error[] = [];
  const { tries } = failing({ onError: (error) => errors.push(error as Error) });
  await tries(8);
  expect(errors.filter(({ message }) => message === 'no key').length).toBeGreaterThan(3);
  expect(errors.filter(({ message }) => /unable to connect/.test(message))).toHaveLength(1);
  expect(warn).not.toHaveBeenCalled();
});
