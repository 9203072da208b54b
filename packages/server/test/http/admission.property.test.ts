import { isRecord } from '@holdfast/protocol';
import type { UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { Agent, AgentContext } from '../../src/index.ts';
import { doors, png, serve } from '../support/doors.ts';
import { answer } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { allPages, join, textOf } from '../support/talk.ts';

/** Whatever a client may think of as parts. */
const anyPart = fc.oneof(
  fc.record({ type: fc.constant('text'), text: fc.string() }),
  fc.record({
    type: fc.constant('file'),
    mediaType: fc.constantFrom('image/png', '', 'x', 'text/html'),
    url: fc.constantFrom(
      png,
      'https://files.example.com/a',
      'file:///a',
      'http://a.example',
      'https://localhost/a',
      'data:,x',
    ),
    providerReference: fc.constant({ openai: 'file-1' }),
  }),
  fc.record({
    type: fc.constantFrom(
      'tool-ask',
      'reasoning',
      'step-start',
      'source-url',
      'data-mood',
      'data-place',
      'data-steering',
      'steering-message',
      'dynamic-tool',
    ),
    id: fc.string(),
    text: fc.string(),
    data: fc.jsonValue({ maxDepth: 2 }),
    toolCallId: fc.string(),
    state: fc.constantFrom('approval-responded', 'output-available', 'input-available'),
    providerMetadata: fc.constant({ openai: { itemId: 'x' } }),
  }),
  fc.jsonValue({ maxDepth: 2 }),
);
const anyMessage = fc.record({
  parts: fc.array(anyPart, { minLength: 1, maxLength: 3 }),
  metadata: fc.option(fc.jsonValue({ maxDepth: 2 }), { nil: undefined }),
  door: fc.constantFrom(...Object.keys(doors).filter((door) => door !== 'edit')),
});

const members: Readonly<Record<string, readonly string[]>> = {
  text: ['type', 'text'],
  file: ['type', 'mediaType', 'filename', 'url'],
  'data-mood': ['type', 'id', 'data'],
};

/** Nothing but what is allowed stands in it. */
function expectAllowed(parts: readonly unknown[]): void {
  for (const part of parts) {
    if (!isRecord(part)) throw new Error('a part is no object');
    const known = members[String(part.type)] ?? [];
    expect(known, `a part ${String(part.type)}`).not.toEqual([]);
    expect(Object.keys(part).filter((member) => !known.includes(member))).toEqual([]);
    if (part.type === 'file')
      expect(part.url).toMatch(/^(data:image\/png;base64,|https:\/\/files\.example)/);
  }
}

describe.each(eachStore())('any parts by any door, in %s', (_, log) => {
  it('S5, HF-HTTP-16: agents and all clients are given the same, and nothing that is not allowed', async () => {
    const given: AgentContext[] = [];
    const agent: Agent = (context) => {
      given.push(context);
      return (async function* (): AsyncGenerator<UIMessageChunk> {
        yield* answer('ok');
      })();
    };
    const { server, post } = await serve(agent, { log: log(), clientData: ['data-mood'] });
    await fc.assert(
      fc.asyncProperty(fc.array(anyMessage, { minLength: 1, maxLength: 4 }), async (sends) => {
        const id = `s-${crypto.randomUUID()}`;
        for (const [at, { door, ...message }] of sends.entries()) {
          const came = { id: `${id}-${at}`, role: 'user', ...message };
          const { status = 0 } = (await doors[door]?.(post, id, came)) ?? {};
          expect(status).toBeLessThan(500);
        }
        await vi.waitFor(async () => {
          const { runs = [], queue = [] } = await join(server, id);
          expect(runs.every(({ state }) => state !== 'running')).toBe(true);
          expect(queue).toEqual([]);
        });
        const messages = await allPages(server, id);
        const written = messages.filter(({ parts }) => textOf({ parts } as never) !== 'ok');
        for (const { parts } of written) expectAllowed(parts);
        const shown = (await server.holdfast.session(id).state()).messages;
        expect(JSON.parse(JSON.stringify(shown))).toEqual(messages);
        // What another run was still writing then is more by now.
        const prompt = given
          .filter(({ sessionId }) => sessionId === id)
          .flatMap((context) => context.messages.filter(({ role }) => role === 'user'));
        expect(messages).toEqual(expect.arrayContaining(JSON.parse(JSON.stringify(prompt))));
      }),
      { numRuns: 25 },
    );
    expect(server.errors).toEqual([]);
  }, 60_000);
});
