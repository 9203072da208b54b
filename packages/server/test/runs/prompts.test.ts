import type { SessionLog } from '@holdfast/log';
import { seqOf } from '@holdfast/protocol';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { LosingLog } from '../support/failover.ts';
import { answer } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startServer, userMessage } from '../support/server.ts';
import { textOf } from '../support/talk.ts';

const session = 's1';

it.each([
  ['delivered at once', 0],
  ['behind others that this process has not seen', 2],
])(
  'HF-POS-6: an agent is given nothing that came behind its send, also when that is stored already: %s',
  async (_, unseen) => {
    const stored = new LosingLog();
    const { log } = stored;
    const prompts = new Map<string, readonly string[]>();
    const agent: Agent = ({ messages }) => {
      const given = messages.map((message) => `${message.id}: ${textOf(message as never)}`);
      const own = messages.findLast(({ role }) => role === 'user')?.id ?? '';
      prompts.set(own, given);
      return (async function* () {
        yield* answer(`re: ${own}`);
      })();
    };
    await using elsewhere = await startServer({ log, agent });
    const ask = (id: string, by = elsewhere) =>
      by.send({ id: session, command: id, message: userMessage(id, id) });
    const isStored = () =>
      vi.waitFor(async () => {
        const head = await log.head(session);
        expect(head?.runs).toEqual([]);
        expect(head?.checkpoint).toBe(head?.top);
      });
    // Once the log has the send, others come and are stored before this process hears of it.
    let isFirst = true;
    const send: SessionLog['send'] = async (id, command) => {
      if (!isFirst || command.command !== 'm2') return await log.send(id, command);
      isFirst = false;
      for (let at = 0; at < unseen; at++) await ask(`u${at}`);
      const sent = await log.send(id, command);
      await ask('later');
      await vi.waitFor(async () => {
        const { checkpoint = '0-0', top = '0-0' } = (await log.head(session)) ?? {};
        expect(prompts.has('later')).toBe(true);
        expect(checkpoint).toBe(top);
      });
      return sent;
    };
    await using server = await startServer({ log: changed(log, { send }), agent });
    const follower = await server.greet();
    await ask('m1');
    await isStored();
    follower.send({ t: 'sub', r: 1, s: session });
    await follower.next('live');
    const { run } = await ask('m2', server);
    const entries = stored.entries(session);
    const start = entries.find(({ entry }) => entry?.k === 'run-start' && entry.run === run)?.id;
    expect(seqOf(start ?? '')).toBeLessThan(seqOf((await log.head(session))?.checkpoint ?? ''));
    await vi.waitFor(() => expect(prompts.has('m2')).toBe(true));
    expect(prompts.get('m2')).toEqual(await stored.shownAt(session, seqOf(start ?? '')));
    expect(prompts.get('m2')?.at(-1)).toBe('m2: m2');
    expect(prompts.get('m2')?.join()).not.toContain('later');
  },
);
