import type { SessionTransport } from '@holdfast/client/react';
import { expect, it } from 'vitest';
import { askerFirst } from '../lib/asker-first.ts';

const call = { messageId: 'm', toolCallId: 'c', holder: 'h' };

/** What happens, in its order. */
function watched(isAsker: boolean, isOpen = true) {
  const events: string[] = [];
  const claim: SessionTransport['claim'] = async (_, { release }) => {
    events.push(release ? 'release' : 'claim');
    return { state: 'held', leaseMs: 1 };
  };
  const wait = async () => {
    events.push('wait');
  };
  const transport = askerFirst(
    { claim } as SessionTransport,
    { here: () => isAsker, isOpen: () => isOpen },
    wait,
  );
  return { transport, events };
}

it.each([
  ['the browser that asked claims a call at once', true, ['claim']],
  ['another one lets it go first, and then claims it all the same', false, ['wait', 'claim']],
])('%s', async (_, isAsker, expected) => {
  const { transport, events } = watched(isAsker);
  await transport.claim('chat', call);
  expect(events).toEqual(expected);
});

it('what is given up is given up at once', async () => {
  const { transport, events } = watched(false);
  await transport.claim('chat', { ...call, release: true });
  expect(events).toEqual(['release']);
});

it('what is settled meanwhile is not asked for', async () => {
  const { transport, events } = watched(false, false);
  expect(await transport.claim('chat', call)).toEqual({ state: 'settled' });
  expect(events).toEqual(['wait']);
});
