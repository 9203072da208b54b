import type { SessionLog } from '@holdfast/log';
import { expect, it } from 'vitest';
import { LosingLog } from '../support/failover.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';
import { allPages } from '../support/talk.ts';

/** A server whose log fails over, and loses what came behind `keep`, when it is asked the next time behind `arm`. */
async function losing(whileBusy: 'parallel' | 'queue') {
  const losing = new LosingLog();
  let lose = () => {};
  const failing = <Ask extends 'send' | 'command'>(name: Ask): Partial<SessionLog> => ({
    [name]: (...given: unknown[]) => {
      lose();
      lose = () => {};
      return (losing.log[name] as (...args: unknown[]) => unknown)(...given);
    },
  });
  const log = changed(losing.log, { ...failing('send'), ...failing('command') });
  const { agent } = gatedAgent();
  const server = await startOwnServer({ log, agent, whileBusy });
  let restore = () => {};
  return {
    server,
    keep: () => {
      restore = losing.replica('s');
    },
    arm: () => {
      lose = restore;
    },
  };
}

it.each(['parallel', 'queue'] as const)(
  'HF-HTTP-13, HF-POS-6: a send is not refused for its own message, which a failover takes while it is repeated: %s',
  async (whileBusy) => {
    const { server, keep, arm } = await losing(whileBusy);
    await server.post({ id: 's', command: 'c0', message: userMessage('m0', 'one'), wake: false });
    keep();
    const again = {
      id: 's',
      command: 'c1',
      trigger: 'submit-message',
      message: userMessage('m1', 'two'),
    };
    expect((await server.post(again)).status).toBe(200);
    arm();
    const response = await server.post(again);
    expect([response.status, await response.text()]).toEqual([200, expect.any(String)]);
    const ids = (await allPages(server, 's')).map(({ id }) => id);
    expect(ids.filter((id) => /^m\d/.test(id))).toEqual(['m0', 'm1']);
  },
);

it('HF-HTTP-33: nor is a message for people', async () => {
  const { server, keep, arm } = await losing('parallel');
  const post = (at: number) =>
    server.post({
      id: 's',
      command: `c${at}`,
      trigger: 'submit-message',
      message: userMessage(`m${at}`, 'Hi'),
      wake: false,
    });
  await post(0);
  keep();
  await post(1);
  arm();
  expect((await post(1)).status).toBe(200);
  expect((await allPages(server, 's')).map(({ id }) => id)).toEqual(['m0', 'm1']);
});

it.each(['parallel', 'queue'] as const)(
  'HF-HTTP-13: what the session has of another command is refused all the same: %s',
  async (whileBusy) => {
    const { server } = await losing(whileBusy);
    const send = (command: string) =>
      server.post({
        id: 's',
        command,
        trigger: 'submit-message',
        message: userMessage('m1', command),
      });
    expect((await send('a')).status).toBe(200);
    const response = await send('b');
    expect(response.status).toBe(409);
    expect(await response.json()).toMatchObject({ error: { code: 'conflict', reason: 'taken' } });
  },
);
