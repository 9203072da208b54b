import { expect, it, onTestFinished } from 'vitest';
import { createHoldfast } from '../../src/index.ts';
import { saying } from '../support/gated-agent.ts';
import { userMessage } from '../support/server.ts';

it('a run goes on behind its answer in the hands of the host, and a host that has no place for it is told of', async () => {
  const errors: unknown[] = [];
  const holdfast = createHoldfast({
    prefix: crypto.randomUUID(),
    authorize: () => ({ id: 'u' }),
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => holdfast.close());
  const works: Promise<unknown>[] = [];
  const send = async (waitUntil?: (work: Promise<unknown>) => void) => {
    const id = crypto.randomUUID();
    const body = { id: 's', command: id, trigger: 'submit-message', message: userMessage(id, id) };
    const request = new Request('http://x/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const agent = saying('Hello');
    const { status } = await holdfast.handle(request, {
      ...{ agent, path: [] },
      ...(waitUntil && { waitUntil }),
    });
    return status;
  };
  expect(await send((work) => works.push(work))).toBe(200);
  expect(await send()).toBe(200);
  expect([works.length, errors]).toEqual([1, []]);
  expect(await works[0]).toBe('finished');
  const full = new Error('there is no place for it');
  const refuse = () => {
    throw full;
  };
  expect(await send(refuse)).toBe(200);
  expect(errors).toEqual([full]);
});
