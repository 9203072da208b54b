import { createMemoryLog, type SessionLog } from '@holdfast/log';
import type { UIMessageChunk } from 'ai';
import { expect, it, onTestFinished } from 'vitest';
import { type Agent, createHoldfast } from '../../src/index.ts';
import { userMessage } from '../support/server.ts';

type Controller = ReadableStreamDefaultController<UIMessageChunk>;

/** An agent that says what it is told to. */
function told() {
  const { promise, resolve } = Promise.withResolvers<Controller>();
  const agent = () =>
    new ReadableStream<UIMessageChunk>({
      start: (controller) => {
        controller.enqueue({ type: 'start' });
        controller.enqueue({ type: 'text-start', id: 't' });
        resolve(controller);
      },
    });
  return { agent, controller: promise };
}

const delta = (text: string): UIMessageChunk => ({ type: 'text-delta', id: 't', delta: text });

function holdfastOn(log: SessionLog) {
  const holdfast = createHoldfast({ log, authorize: () => ({ id: 'u' }) });
  onTestFinished(() => holdfast.close());
  const send = (agent: Agent) => {
    const body = {
      id: 's',
      command: 'c',
      trigger: 'submit-message',
      message: userMessage('m', 'Go'),
    };
    const request = new Request('http://x/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return holdfast.handle(request, { agent, path: [] });
  };
  return { send };
}

it('the first words of a run are written before the process looks for anything else, and later ones at the end of its turn', async () => {
  const log = createMemoryLog();
  const { send } = holdfastOn(log);
  const order: string[] = [];
  await log.subscribe('s', (delivery) => {
    const body = delivery.kind === 'entry' ? delivery.body : null;
    const [said] = /"delta":"[^"]+"/.exec(body ?? '') ?? [];
    if (said !== undefined) order.push(said);
  });
  const { agent, controller } = told();
  await send(agent);
  const { enqueue, close } = await controller.then((each) => ({
    enqueue: (text: string) => each.enqueue(delta(text)),
    close: () => each.close(),
  }));
  const say = (...texts: readonly string[]) =>
    new Promise<void>((resolve) => {
      // Behind a promise, as what comes over the network.
      setImmediate(() => {
        setImmediate(() => {
          order.push('turn');
          setImmediate(resolve);
        });
        for (const text of texts) enqueue(text);
      });
    });
  await say('one ', 'two ');
  await say('three ', 'four ');
  close();
  expect(order).toEqual(['"delta":"one two "', 'turn', 'turn', '"delta":"three four "']);
});

it('an agent is asked before its sender is answered', async () => {
  const { send } = holdfastOn(createMemoryLog());
  const order: string[] = [];
  const { agent, controller } = told();
  const answered = send(() => {
    order.push('asked');
    return agent();
  }).then(({ status }) => order.push(`answered ${status}`));
  await answered;
  (await controller).close();
  expect(order).toEqual(['asked', 'answered 200']);
});
