// Answers that go on by themselves, and where that ends.
import type { UIMessageChunk } from 'ai';
import { expect, it } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import type { TestServer } from '../support/server.ts';
import { allPages, ended, say } from '../support/talk.ts';

/** Calls a client's tool each time that it is asked, or asks for an approval where it is told so. */
function calling(): { readonly agent: Agent; asksFirst: boolean; calls: number } {
  const state = { asksFirst: false, calls: 0 };
  const agent: Agent = ({ messages }) =>
    (async function* (): AsyncGenerator<UIMessageChunk> {
      if (JSON.stringify(messages.at(-1)).includes('enough')) return yield* answer('Well.');
      state.calls++;
      const toolCallId = `c${state.calls}`;
      yield { type: 'start' };
      yield { type: 'start-step' };
      yield { type: 'tool-input-available', toolCallId, toolName: 'look', input: {} };
      if (state.asksFirst)
        yield { type: 'tool-approval-request', approvalId: `p${state.calls}`, toolCallId };
      yield { type: 'finish-step' };
      yield { type: 'finish' };
    })();
  return Object.assign(state, { agent });
}

const goOn = async (server: TestServer, continues: string, ...answers: object[]) => {
  const sent = await server.send({ id: 's', continues, answers: answers as never });
  await ended(server, 's', sent.run);
  return sent;
};
const output = (call: number) => ({
  type: 'tool-output-available',
  toolCallId: `c${call}`,
  output: 1,
});
const approval = (call: number) => ({
  type: 'tool-approval-response',
  approvalId: `p${call}`,
  approved: true,
});

it('HF-HTTP-31: an answer that goes on by itself again and again is ended, and a message goes on', async () => {
  const { agent } = calling();
  const server = await startOwnServer({ agent, maxContinuations: 3 });
  const { messageId } = await say(server, 's', 'Go.');
  for (const at of [1, 2, 3]) await goOn(server, messageId, output(at));
  const before = await allPages(server, 's');
  await expect(goOn(server, messageId, output(4))).rejects.toThrow(
    /429 .*limit.*by itself too often/,
  );
  expect(await allPages(server, 's')).toEqual(before);
  expect(server.errors.map(String)).toEqual([expect.stringMatching(/`maxContinuations`/)]);
  await say(server, 's', 'That is enough.');
  expect(await allPages(server, 's')).toHaveLength(4);
});

it('HF-HTTP-31: a repetition of a send that was taken is answered as ever', async () => {
  const { agent } = calling();
  const server = await startOwnServer({ agent, maxContinuations: 1 });
  const { messageId } = await say(server, 's', 'Go.');
  const send = { id: 's', command: 'again', continues: messageId, answers: [output(1)] as never };
  const first = await server.send(send);
  await ended(server, 's', first.run);
  expect(await server.send(send)).toMatchObject({ run: first.run });
  await expect(goOn(server, messageId, output(2))).rejects.toThrow(/429/);
});

it('HF-HTTP-31: where a person approves, the count begins anew', async () => {
  const tool = calling();
  const server = await startOwnServer({
    agent: tool.agent,
    maxContinuations: 1,
    openCalls: 'keep',
  });
  const { messageId } = await say(server, 's', 'Go.');
  await goOn(server, messageId, output(1));
  await expect(goOn(server, messageId, output(2))).rejects.toThrow(/429/);
  tool.asksFirst = true;
  const { messageId: asked } = await say(server, 's', 'Ask me.');
  for (const at of [3, 4, 5, 6]) await goOn(server, asked, approval(at));
  tool.asksFirst = false;
  await goOn(server, asked, approval(7));
  await goOn(server, asked, output(8));
  await expect(goOn(server, asked, output(9))).rejects.toThrow(/429/);
});
