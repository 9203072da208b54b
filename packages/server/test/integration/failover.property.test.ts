import type { UIMessageChunk } from 'ai';
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import type { Agent } from '../../src/index.ts';
import { LosingLog, saidIn } from '../support/failover.ts';
import { startServer, type TestServer, userMessage } from '../support/server.ts';
import { Shown } from '../support/shown.ts';
import { textOf } from '../support/talk.ts';
import type { WireClient } from '../support/wire-client.ts';

const session = 's1';

/** Numbers choose among what there is at that moment. */
const acts = fc.array(
  fc.record({
    kind: fc.constantFrom('ask', 'ask', 'ask', 'save', 'lose', 'join', 'leave', 'rest', 'rest'),
    at: fc.nat(3),
  }),
  { minLength: 4, maxLength: 16 },
);

/** A client, and what it shows: as `useChat` does, it goes on from its position. */
class Follower {
  readonly shown: Shown = new Shown();
  #client: WireClient | null = null;
  #received = 0;

  async join(server: TestServer): Promise<void> {
    this.leave();
    const client = await server.greet();
    const { position } = this.shown;
    const pos = position ? { pos: `${position.epoch}:${position.id}` } : {};
    client.send({ t: 'sub', r: 1, s: session, ...pos });
    this.#client = client;
    this.#received = 0;
  }

  leave(): void {
    this.take();
    this.#client?.terminate();
    this.#client = null;
  }

  take(): void {
    const frames = this.#client?.frames ?? [];
    for (const frame of frames.slice(this.#received)) this.shown.receive(frame);
    this.#received = frames.length;
  }
}

/** What an agent was given, beside what the log shows at the start of its run. */
interface Prompt {
  readonly given: readonly string[];
  readonly shown: Promise<readonly string[] | null>;
}

function askedAgent(losing: LosingLog): { readonly agent: Agent; readonly prompts: Prompt[] } {
  const prompts: Prompt[] = [];
  const agent: Agent = ({ messages, runId }) => {
    prompts.push({
      given: messages.map((message) => `${message.id}: ${textOf(message as never)}`),
      shown: losing.shownAtStart(session, runId),
    });
    return (async function* (): AsyncGenerator<UIMessageChunk> {
      yield { type: 'start' };
      yield { type: 'text-start', id: 't' };
      for (const delta of ['one ', 'two ']) {
        await new Promise((resolve) => setImmediate(resolve));
        yield { type: 'text-delta', id: 't', delta };
      }
      yield { type: 'text-end', id: 't' };
      yield { type: 'finish' };
    })();
  };
  return { agent, prompts };
}

it('HF-POS-5, HF-POS-6, F7: whatever tails failovers lose, clients show the log, and agents are given what it shows at their start', async () => {
  let lost = 0;
  await fc.assert(
    fc.asyncProperty(acts, async (list) => {
      const losing = new LosingLog();
      const { log } = losing;
      const { agent, prompts } = askedAgent(losing);
      // Of a session with more messages than a page has, who joins is shown the newest alone.
      const limits = { pollMs: 20, leaseMs: 60_000, pageMessages: 100 };
      const options = { log, agent, limits };
      await using a = await startServer(options);
      await using b = await startServer(options);
      const servers = [a, b];
      const followers = [0, 1, 2, 3].map(() => new Follower());
      let asked = 0;
      const ask = async (server = a) => {
        const id = `m${asked++}`;
        await server.send({ id: session, command: id, message: userMessage(id, id) });
        return id;
      };
      await ask();
      let back = losing.replica(session);
      for (const { kind, at } of list) {
        if (kind === 'ask') await ask(servers[at % 2]);
        if (kind === 'save') back = losing.replica(session);
        if (kind === 'lose') {
          back();
          lost++;
        }
        if (kind === 'join') await followers[at]?.join(servers[at % 2] as TestServer);
        if (kind === 'leave') followers[at]?.leave();
        if (kind === 'rest')
          for (let left = 4; left > 0; left--)
            await new Promise((resolve) => setImmediate(resolve));
      }
      for (const [at, follower] of followers.entries())
        await follower.join(servers[at % 2] as TestServer);
      const last = await ask();
      await vi.waitFor(
        async () => {
          const expected = await losing.shownAt(session);
          expect(expected.join()).toContain(last);
          for (const follower of followers) {
            follower.take();
            expect(await saidIn(follower.shown.projection)).toEqual(expected);
          }
        },
        { timeout: 20_000 },
      );
      for (const { given, shown } of prompts) {
        const expected = await shown;
        if (expected) expect(given).toEqual(expected);
      }
    }),
    // Each failure is waited for: to look for a smaller one would take longer than the test may.
    { numRuns: 40, endOnFailure: true },
  );
  expect(lost).toBeGreaterThan(0);
}, 120_000);
