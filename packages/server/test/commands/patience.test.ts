import type { SessionLog } from '@holdfast/log';
import { HoldfastError } from '@holdfast/protocol';
import { describe, expect, it } from 'vitest';
import { keepAnswers } from '../../src/commands/answer.ts';
import { claimCall } from '../../src/commands/claim.ts';
import { again, commit, isKnown } from '../../src/commands/commit.ts';
import { keepMessage, withOwnFiles } from '../../src/commands/send/message-files.ts';
import { acceptedLater } from '../../src/commands/send/unsure.ts';
import { interruptRuns } from '../../src/commands/send/while-busy.ts';
import { stopLive } from '../../src/commands/stop-live.ts';
import type { Core } from '../../src/core.ts';
import { abandon } from '../../src/runs/abandon.ts';
import { dispatchRun } from '../../src/runs/dispatch-run.ts';
import { createSteps } from '../../src/runs/steps.ts';
import { turn } from '../support/background.ts';
import { beginRun, patient } from '../support/patient.ts';
import { session } from '../support/writing.ts';

const away = () => new HoldfastError('unavailable', 'unable to reach the log: away');
const large = 'x'.repeat(20_000);
const files = { id: 'm', role: 'user', parts: [{ type: 'data-x', data: large }] };
const url = `holdfast:file/${'d'.repeat(43)}`;
const named = { id: 'm', role: 'user', parts: [{ type: 'file', mediaType: 'image/png', url }] };
const claimed = { messageId: 'm-r', toolCallId: 'c', holder: 'h', release: false };

type Asked = 'send' | 'command' | 'claim' | 'putPiece' | 'fileInfo' | 'renew' | 'run';
type Ask = (core: Core) => Promise<unknown>;

const asks: readonly (readonly [what: string, forMs: number, asked: Asked, ask: Ask])[] = [
  [
    'a command',
    5_000,
    'send',
    (core) =>
      commit(core, session, {
        name: 'act',
        decide: async () => ({ command: { command: 'c', entries: [] }, accepted: () => 1 }),
      }),
  ],
  ['whether a command is known', 5_000, 'command', (core) => isKnown(core, session, 'c')],
  ['a claim', 5_000, 'claim', (core) => claimCall(core, session, claimed, { id: 'u' })],
  [
    'what a client’s tool gave',
    5_000,
    'putPiece',
    (core) => keepAnswers(core, session, [{ type: 'tool-output-available', output: large }]),
  ],
  ['what a message has with it', 5_000, 'putPiece', (core) => keepMessage(core, session, files)],
  ['a file that a message names', 5_000, 'fileInfo', (core) => withOwnFiles(core, session, named)],
  [
    'the end of a run that nobody works on',
    5_000,
    'renew',
    (core) => abandon(core, session, { run: 'r', attempt: 1, info: '{}' }, { outcome: 'stopped' }),
  ],
  [
    'a step of an agent',
    10_000,
    'run',
    (core) =>
      core.hubs.use(session, (hub) => createSteps(core, hub, 'r', 1).step('charge', () => 1)),
  ],
];

describe.each(asks)('%s is repeated to a log that is away', (_, forMs, asked, ask) => {
  /** How often it is asked where the second answer comes so long before the time is over. */
  async function countOf(leftMs: number): Promise<number> {
    let count = 0;
    const answer = async () => {
      count++;
      // The next one is waited for 40 ms.
      if (count === 2) await environment.wait(forMs - leftMs - environment.now());
      throw away();
    };
    const { core, inner, environment } = patient(
      () => ({ [asked]: answer }) as Partial<SessionLog>,
    );
    await beginRun(inner, { run: 'r' });
    await expect(ask(core)).rejects.toMatchObject({ code: 'unavailable' });
    return count;
  }

  it(`for ${forMs} ms since its first failure, and not a millisecond longer`, async () => {
    expect(await countOf(40)).toBe(3);
    expect(await countOf(39)).toBe(2);
  });
});

it('HF-HTTP-13: what is decided anew each time is given up after 5 times, and is to be asked again in a second', async () => {
  const { core } = patient(() => ({}));
  let decided = 0;
  const deciding = commit(core, session, {
    name: 'act',
    decide: async () => {
      decided++;
      return again;
    },
  });
  await expect(deciding).rejects.toMatchObject({ code: 'unavailable', retryMs: 1_000 });
  expect(decided).toBe(5);
});

it('HF-RUN-10: a send of which nobody knows is asked for 5 times, once a second', async () => {
  let asked = 0;
  const { core, environment } = patient(() => ({
    command: async () => {
      asked++;
      return null;
    },
  }));
  const drafted = { command: { command: 'c', entries: [] } };
  const found = await core.hubs.use(session, (hub) => acceptedLater(core, hub, drafted as never));
  expect([found, asked]).toEqual([null, 5]);
  expect(environment.waits).toEqual(Array.from({ length: 5 }, () => 1_000));
});

it('HF-RUN-19: a queue of jobs has 5 s to take one, and the send is to be repeated in a second', async () => {
  for (const add of [() => new Promise<void>(() => {}), () => Promise.reject(new Error('no'))]) {
    const { core, environment } = patient(() => ({}), { dispatch: { add } });
    const job = { session, run: 'r', attempt: 1, agent: 'a' };
    await expect(dispatchRun(core, job)).rejects.toMatchObject({
      code: 'unavailable',
      retryMs: 1_000,
      cause: { message: expect.stringMatching(/^no( answer in 5000 ms)?$/) },
    });
    expect(environment.waits).toEqual([5_000]);
  }
});

it('HF-HTTP-21: a run that does not end when it is interrupted is waited for a lease and 5 s', async () => {
  const { core, inner, environment } = patient(() => ({}));
  await beginRun(inner, { run: 'r' });
  const interrupting = core.hubs.use(session, (hub) => interruptRuns(core, hub, { id: 'u' }));
  await expect(interrupting).rejects.toMatchObject({ code: 'unavailable', retryMs: 1_000 });
  expect(new Set(environment.waits)).toEqual(new Set([500]));
  expect(environment.now()).toBe(core.limits.leaseMs + 5_000);
});

it('HF-HTTP-37: of many runs that are stopped at once 8 are asked at a time, and each once', async () => {
  const asked: string[] = [];
  let [underWay, most] = [0, 0];
  const { core, inner } = patient((log) => ({
    cancel: async (id, command) => {
      if ('run' in command.target) asked.push(command.target.run);
      most = Math.max(most, ++underWay);
      await turn();
      underWay--;
      return await log.cancel(id, command);
    },
  }));
  for (let at = 0; at < 20; at++) await beginRun(inner, { run: `r${at}` });
  expect(await stopLive(core, session, undefined, { id: 'u' })).toEqual({ state: 'stopping' });
  expect(asked).toHaveLength(20);
  expect(new Set(asked).size).toBe(20);
  expect(most).toBe(8);
});
