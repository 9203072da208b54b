import { createMemoryLog, type SessionLog } from '@holdfast/log';
import { expect, it } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';
import { textOf } from '../support/talk.ts';

/** The log, as far away as one on a network, and the calls that wait for an answer of it. */
function counted(log: SessionLog) {
  const calls: string[] = [];
  const count = <M extends 'send' | 'read' | 'open' | 'head' | 'items' | 'find'>(method: M) => ({
    [method]: (...given: Parameters<SessionLog[M]>) => {
      calls.push(method);
      return (log[method] as (...args: unknown[]) => unknown)(...given);
    },
  });
  const methods = (['send', 'read', 'open', 'head', 'items', 'find'] as const).map(count);
  const subscribe: SessionLog['subscribe'] = (session, listener) =>
    log.subscribe(session, (delivery) => setTimeout(() => listener(delivery), 20));
  return { calls, log: changed(log, Object.assign({ subscribe }, ...methods)) };
}

it('from a send to its agent’s start in a session that is followed, or begins, there is one round trip to the log', async () => {
  const { calls, log } = counted(createMemoryLog());
  const made: string[][] = [];
  const given: string[] = [];
  const agent: Agent = ({ messages }) => {
    made.push([...calls]);
    given.push(messages.map((message) => textOf(message as never)).join('|'));
    return (async function* () {
      yield* answer('fine');
    })();
  };
  await using server = await startServer({ agent, log });
  const client = await server.greet();
  client.send({ t: 'sub', r: 1, s: 's1' });
  await client.next('live');
  for (const text of ['one', 'two', 'three']) {
    calls.length = 0;
    const { run } = await server.send({ id: 's1', message: userMessage(text, text) });
    await client.until(
      (frame) => frame.t === 'entry' && frame.d.k === 'run-end' && frame.d.run === run,
    );
  }
  expect(made).toEqual([['send'], ['send'], ['send']]);
  expect(given.at(-1)).toBe('one|fine|two|fine|three');
});
