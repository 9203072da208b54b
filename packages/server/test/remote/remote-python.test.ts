import { describe, expect, it, vi } from 'vitest';
import { remoteAgent } from '../../src/index.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { startPython } from '../support/python.ts';
import { storyOf } from '../support/run-story.ts';
import { userMessage } from '../support/server.ts';
import { allPages, textOf } from '../support/talk.ts';

const faulty = 'packages/server/test/support/faulty_agent.py';

/** A server whose agent is a process in Python. */
async function serve(file = faulty) {
  const python = startPython(file, { PORT: '0', KEY: 'secret' });
  const port = await python.says('listening on ');
  const agent = remoteAgent({
    url: `http://127.0.0.1:${port}/`,
    headers: { authorization: 'Bearer secret' },
  });
  const server = await startOwnServer({ agent, clientTools: ['locate'], whileBusy: 'steer' });
  const id = `s-${crypto.randomUUID()}`;
  const texts = async () => (await allPages(server, id)).map(textOf);
  return { python, server, id, texts };
}

describe('an agent in Python', () => {
  it('answers, and goes on with the output of a tool that the client has executed', async () => {
    const { server, id, texts } = await serve('examples/python-agent/agent.py');
    expect(await storyOf(server, id, 'hello')).toMatchObject({ outcome: 'finished' });
    const asked = await storyOf(server, id, 'where am I?');
    const output = { type: 'tool-output-available', toolCallId: asked.run, output: 'Rome' };
    const { messageId } = asked;
    const answered = await storyOf(server, id, '', { continues: messageId, answers: [output] });
    expect(answered).toMatchObject({ messageId, outcome: 'finished' });
    expect(await texts()).toEqual(['hello', 'You said: hello', 'where am I?', 'You are in Rome.']);
  });

  it('answers a picture with words, and goes on without the output of a tool that has failed', async () => {
    const { server, id, texts } = await serve('examples/python-agent/agent.py');
    const url = 'data:image/png;base64,AAAA';
    const picture = { type: 'file', mediaType: 'image/png', url };
    const parts = [picture, { type: 'text', text: 'where was that?' }];
    const asked = await storyOf(server, id, '', { message: { id: 'm1', role: 'user', parts } });
    const error = { type: 'tool-output-error', toolCallId: asked.run, errorText: 'Not allowed' };
    const { messageId } = asked;
    const answered = await storyOf(server, id, '', { continues: messageId, answers: [error] });
    expect(answered).toMatchObject({ messageId, outcome: 'finished' });
    expect(await texts()).toEqual(['where was that?', 'I do not know where you are.']);
  });

  it('is told of a stop by the end of its request, and hears what was steered to it in its turn', async () => {
    const { python, server, id, texts } = await serve();
    const stopped = await storyOf(server, id, 'on and on', {
      meanwhile: async (run) => {
        await vi.waitFor(async () => expect((await texts()).at(-1)).toMatch(/\.\.$/));
        await server.send({ id, message: userMessage('m2', 'and now?'), whileBusy: 'steer' });
        await postJson(`${server.api}/${id}/cancel`, { run });
      },
    });
    expect(stopped).toMatchObject({ outcome: 'stopped', error: undefined });
    expect(await python.says('stopped ')).toBe(stopped.run);
    await vi.waitFor(async () => expect((await texts()).at(-1)).toBe('You said: and now?'));
  });

  it.each(['half a chunk', 'die'])(
    'that goes away (%s) ends its run in words, with what there was',
    async (wish) => {
      const { python, server, id, texts } = await serve();
      const story = await storyOf(server, id, wish, {
        meanwhile: async () => {
          if (wish !== 'die') return;
          await vi.waitFor(async () => expect((await texts()).at(-1)).toBe('You said: '));
          python.kill();
        },
      });
      expect(story).toMatchObject({
        outcome: 'failed',
        reason: 'unavailable',
        error: 'The answer broke off: the connection to the agent was lost.',
      });
      expect((await texts()).at(-1)).toBe('You said: ');
      expect(JSON.stringify(story.chunks)).not.toContain('text-de"');
      python.kill();
      await python.ended;
      expect(await storyOf(server, id, 'anybody there?')).toMatchObject({
        outcome: 'failed',
        reason: 'unavailable',
        error: 'The agent cannot be reached. Try again later.',
      });
    },
  );

  it('that hangs is left alone by a stop', async () => {
    const { python, server, id, texts } = await serve();
    const story = await storyOf(server, id, 'hang', {
      meanwhile: async (run) => {
        await python.says('hanging');
        await vi.waitFor(async () => expect((await texts()).at(-1)).toBe('You said: '));
        await postJson(`${server.api}/${id}/cancel`, { run });
      },
    });
    expect(story).toMatchObject({ outcome: 'stopped', error: undefined });
    expect(await storyOf(server, id, 'hello')).toMatchObject({ outcome: 'finished' });
  });
});
