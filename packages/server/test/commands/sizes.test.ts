import type { UIMessageChunk } from 'ai';
import { describe, expect, it } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { answer } from '../support/gated-agent.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import type { TestServerOptions } from '../support/server.ts';

const text = (bytes: number) => ({ type: 'text', text: 'x'.repeat(bytes) });
const file = (bytes: number, filename?: string) => ({
  type: 'file',
  mediaType: 'image/png',
  ...(filename === undefined ? {} : { filename }),
  url: `data:image/png;base64,${Buffer.alloc(bytes, 7).toString('base64')}`,
});
const kilo = 1_024;

const agent: Agent = () =>
  (async function* () {
    yield* answer('Well.');
  })();

async function serve(options: TestServerOptions = {}) {
  const server = await startOwnServer({ agent, clientData: ['data-place'], ...options });
  const id = `s-${crypto.randomUUID()}`;
  const post = async (path: string, body: object): Promise<readonly [number, string]> => {
    const response = await postJson(`${server.api}${path}`, body);
    const said = await response.text();
    if (response.ok) return [response.status, ''];
    return [response.status, (JSON.parse(said) as { error: { message: string } }).error.message];
  };
  const say = (parts: readonly object[], more = {}) => {
    const message = { id: crypto.randomUUID(), role: 'user', parts };
    return post('', { id, command: message.id, trigger: 'submit-message', message, ...more });
  };
  return { server, id, post, say };
}

const limits = { entryBytes: 256 * kilo, fileBytes: 256 * kilo };

describe('HF-HTTP-12: a message that is too large is refused in words for its user', () => {
  it.each<readonly [string, readonly object[], string, 'fileBytes' | 'entryBytes']>([
    [
      'a file with a name',
      [text(5), file(380 * kilo, 'photo.png')],
      'unable to send: the file photo.png is 380 KB; the limit is 256 KB',
      'fileBytes',
    ],
    [
      'a file without a name',
      [file(300 * kilo)],
      'unable to send: the file of the type image/png is 300 KB; the limit is 256 KB',
      'fileBytes',
    ],
    [
      'the larger one of two files',
      [file(60 * kilo, 'a.png'), file(270 * kilo, 'b.png')],
      'unable to send: the file b.png is 270 KB; the limit is 256 KB',
      'fileBytes',
    ],
    [
      'a text',
      [text(300 * kilo)],
      'unable to send: the text is 300 KB; the limit is 255 KB',
      'entryBytes',
    ],
    [
      'a data part',
      [{ type: 'data-place', data: 'x'.repeat(300 * kilo) }],
      'unable to send: the part data-place is 301 KB; the limit is 256 KB',
      'fileBytes',
    ],
    [
      'many parts',
      Array.from({ length: 200 }, () => text(2 * kilo)),
      'unable to send: the message is 406 KB, with its files as text; the limit is 256 KB. Send it in several messages',
      'entryBytes',
    ],
  ])('%s', async (_, parts, words, option) => {
    const { server, say } = await serve({ limits });
    expect(await say(parts)).toEqual([413, words]);
    // Only who runs the server is told of the option, and once.
    expect(await say(parts)).toEqual([413, words]);
    expect(server.errors.map(String)).toEqual([
      expect.stringContaining(`limits.${option}\`, which is 262144; raise it`),
    ]);
  });

  it('takes what has the size that it names', async () => {
    const { server, say } = await serve({ limits });
    expect(await say([text(5), file(256 * kilo, 'photo.png')])).toEqual([200, '']);
    expect(await say([text(255 * kilo)])).toEqual([200, '']);
    expect(server.errors).toEqual([]);
  });

  it('at every door: waiting, for people, for a run', async () => {
    const { say, post, id } = await serve({ limits, whileBusy: ({ asked = 'parallel' }) => asked });
    const parts = [file(380 * kilo, 'photo.png')];
    expect((await say([text(1)]))[0]).toBe(200);
    const words = /the file photo\.png is 380 KB; the limit is 256 KB/;
    expect((await say(parts, { whileBusy: 'queue' }))[1]).toMatch(words);
    expect((await say(parts, { wake: false }))[1]).toMatch(words);
    const message = { id: 'm', role: 'user', parts };
    expect((await post(`/${id}/steer`, { message }))[1]).toMatch(words);
  });

  it('with a name that would be no line', async () => {
    const { say } = await serve({ limits });
    const [, words] = await say([file(380 * kilo, `a\n\u202eb${'c'.repeat(500)}.png`)]);
    expect(words).toMatch(/^unable to send: the file a bc{70,80} is 380 KB; the limit is \d+ KB$/);
  });

  it('also when the request as a whole is', async () => {
    const { server, say } = await serve({ limits: { sendBytes: kilo * kilo } });
    const parts = [file(1_200 * kilo, 'photo.png')];
    const words =
      'unable to send: what was sent is over 1 MB, with its files as text; send smaller files, or fewer at once';
    expect(await say(parts)).toEqual([413, words]);
    expect(server.errors.map(String)).toEqual([expect.stringMatching(/limits\.sendBytes`/)]);
  });

  it('what a client’s tool gave', async () => {
    const calling: Agent = () =>
      (async function* (): AsyncGenerator<UIMessageChunk> {
        yield { type: 'start' };
        yield { type: 'tool-input-available', toolCallId: 'c', toolName: 'ask', input: {} };
      })();
    const { say, post, id, server } = await serve({ agent: calling, limits });
    await say([text(1)]);
    const read = async () =>
      (await (await fetch(`${server.api}/${id}`)).json()) as {
        messages: { id: string; role: string }[];
        runs: { state: string }[];
      };
    await expect.poll(async () => (await read()).runs.at(-1)?.state).toBe('finished');
    const messageId = (await read()).messages.at(-1)?.id ?? '';
    const output = 'x'.repeat(300 * kilo);
    const answers = [{ type: 'tool-output-available', toolCallId: 'c', output }];
    const words = 'unable to answer: the output of the tool is 301 KB; the limit is 255 KB';
    expect(await post(`/${id}/answer`, { messageId, answers })).toEqual([413, words]);
    const send = { id, command: 'x', trigger: 'submit-message', continues: messageId, answers };
    expect(await post('', send)).toEqual([413, words]);
  });
});

describe('HF-HTTP-12: an answer that is too large ends in words for its user', () => {
  const ends = async (chunk: UIMessageChunk, options: TestServerOptions = {}) => {
    const giving: Agent = () =>
      (async function* (): AsyncGenerator<UIMessageChunk> {
        yield { type: 'start' };
        yield { type: 'tool-input-available', toolCallId: 'c', toolName: 'find', input: {} };
        yield chunk;
      })();
    const { server, id } = await serve({ agent: giving, limits, ...options });
    const messages = [{ id: 'm', role: 'user', parts: [text(1)] }];
    const response = await server.post({ id, messages, trigger: 'submit-message' });
    const said = /"type":"error","errorText":"([^"]*)"/.exec(await response.text())?.[1];
    return [said, server.errors.map(String).join('\n')] as const;
  };
  const output = 'x'.repeat(300 * kilo);

  const url = `data:image/png;base64,${output}${output}`;
  it.each<readonly [UIMessageChunk, string, number, string]>([
    [
      { type: 'tool-output-available', toolCallId: 'c', output },
      'the output of a tool',
      301,
      'fileBytes',
    ],
    [{ type: 'file', mediaType: 'image/png', url }, 'a file', 601, 'fileBytes'],
    [{ type: 'data-map', data: output }, 'a part of the answer (data-map)', 301, 'fileBytes'],
    [
      { type: 'message-metadata', messageMetadata: output },
      'a part of the answer (message-metadata)',
      301,
      'entryBytes',
    ],
  ])('%#', async (chunk, name, size, option) => {
    const [said, told] = await ends(chunk);
    expect(said).toBe(
      `The answer ended early: ${name} is too large (${size} KB; the limit is 256 KB).`,
    );
    expect(told).toContain(`unable to keep the answer: ${name}`);
    expect(told).toContain(`${size} KB; the limit is 256 KB. Return less`);
    expect(told).toContain(`raise \`limits.${option}\``);
    expect(told).not.toContain('xxx');
  });

  it('unless the application has words of its own', async () => {
    const [said] = await ends({ type: 'data-map', data: output }, { errorText: () => 'Own words' });
    expect(said).toBe('Own words');
  });
});
