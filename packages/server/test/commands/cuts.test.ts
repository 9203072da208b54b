import type { Entry, TruncateEntry } from '@holdfast/protocol';
import { SessionProjection } from '@holdfast/protocol/projection';
import { describe, expect, it, vi } from 'vitest';
import { gatedAgent } from '../support/gated-agent.ts';
import { eachStore } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { userMessage } from '../support/server.ts';
import { ended, join } from '../support/talk.ts';

describe.each(eachStore())('a cut, over %s', (_, open) => {
  async function setUp() {
    const log = open();
    const session = crypto.randomUUID();
    const messageOf = (id: string) => ({ id: session, command: id, message: userMessage(id, id) });
    const gated = gatedAgent();
    const server = await startOwnServer({
      log,
      agent: gated.agent,
      whileBusy: ({ asked = 'parallel' }) => asked,
    });
    /** Asks, and stops the run before its agent is called: its message shows nothing. */
    const askInVain = async (id: string) => {
      await postJson(`${server.api}/${session}/cancel`, { command: id });
      return (await server.send(messageOf(id))).messageId;
    };
    /** The message behind which the last cut keeps nothing. */
    const anchor = async () => {
      const read = await log.read(session, { after: null, limit: 1_000 });
      const bodies = read.kind === 'entries' ? read.entries : [];
      return bodies
        .map(({ body }) => JSON.parse(body) as Entry)
        .findLast((entry): entry is TruncateEntry => entry.k === 'truncate')?.after;
    };
    return { server, gated, session, messageOf, askInVain, anchor };
  }

  it('HF-HTTP-18: names a message that every reader has, and no answer that shows nothing', async () => {
    const { server, gated, session, messageOf, askInVain, anchor } = await setUp();
    const empty = await askInVain('m1');
    gated.end();
    const { run } = await server.send(messageOf('m2'));
    await ended(server, session, run);
    const { items, runs } = await join(server, session);
    const late = new SessionProjection();
    late.load(items, runs ?? []);
    await server.send({ ...messageOf('m3'), after: empty });
    expect(await anchor()).toBe('m1');
    expect(late.misses({ k: 'truncate', after: (await anchor()) ?? null, at: 0 })).toBeNull();
  });

  it('HF-HTTP-18: keeps nothing where all that is in front shows nothing', async () => {
    const { server, gated, messageOf, askInVain, anchor } = await setUp();
    gated.end();
    const empty = await askInVain('m1');
    await server.send({ ...messageOf('m1'), command: 'again', after: null });
    expect(await anchor()).toBeNull();
    await expect(server.send({ ...messageOf('m2'), after: empty })).rejects.toThrow();
  });

  it('HF-AUTH-2, HF-FRM-5: stops the run that it takes the message of, also where it was itself stopped before it came', async () => {
    const { server, gated, session, messageOf } = await setUp();
    await server.send(messageOf('m1'));
    await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
    await postJson(`${server.api}/${session}/cancel`, { command: 'edit' });
    const edit = await server.send({ ...messageOf('m1'), command: 'edit', after: null });
    expect(edit.state).toBe('stopped');
    await vi.waitFor(() => expect(gated.calls[0]?.signal.aborted).toBe(true));
    expect(gated.calls).toHaveLength(1);
  });

  it('HF-HTTP-18: keeps an answer that has said nothing yet, while it is under way', async () => {
    const { server, gated, messageOf, anchor } = await setUp();
    const { messageId } = await server.send(messageOf('m1'));
    await vi.waitFor(() => expect(gated.calls).toHaveLength(1));
    await server.send(messageOf('m2'));
    await server.send({ ...messageOf('m3'), after: messageId });
    expect(await anchor()).toBe(messageId);
    expect(gated.calls[0]?.signal.aborted).toBe(false);
  });
});
