import type {} from '@holdfast/testkit/redis-global-setup';
import { expect, it, onTestFinished, vi } from 'vitest';
import { tail } from '../../src/cli/tail.ts';
import { userMessage } from '../support/server.ts';
import { spokenSession } from '../support/spoken-session.ts';
import { fakeTerminal, typed } from '../support/typed.ts';

/** A tail that goes on until the test is over. */
function following(args: readonly string[]) {
  const { terminal, told, end } = fakeTerminal();
  const done = tail.read(args, terminal)();
  onTestFinished(async () => {
    end();
    await done;
  });
  return { told, end, done };
}

it('shows what stands in the log, and what comes, in their order and once', async () => {
  const { args, run, finish } = await spokenSession('Who is there?');
  const { told, end, done } = following([...args, '--all']);
  await vi.waitFor(() => expect(told.text).toContain('Hel'));
  await finish();
  await vi.waitFor(() => expect(told.text).toContain('outcome finished'));
  end();
  expect(await done).toBe(0);
  const lines = told.text.split('\n');
  expect(lines[0]).toMatch(/^─ 1-\d+ message messageId m1 by user user-1$/);
  expect(lines[1]).toBe('Who is there?');
  expect(lines[2]).toMatch(new RegExp(`^─ 2-\\d+ run-start run ${run} attempt 1 agent agent`));
  expect(told.text.match(/Hello/g)).toHaveLength(1);
});

it('begins with what is new, without --all, and waits for a session that is not there', async () => {
  const { args, server, finish } = await spokenSession('old');
  const { told } = following(args);
  await vi.waitFor(() => expect(told.notes).toContain('following s1'));
  await finish();
  await vi.waitFor(() => expect(told.text).toContain('run-end'));
  expect(told.text).not.toContain('old');
  const other = following(['s2', ...args.slice(1), '--json']);
  await vi.waitFor(() => expect(other.told.notes).toContain('following s2'));
  await server.send({ id: 's2', message: userMessage('m', 'first') });
  await vi.waitFor(() => expect(other.told.text).toContain('run-start'));
  const [first = ''] = other.told.text.split('\n');
  expect(JSON.parse(first).entry).toMatchObject({ k: 'message', message: { id: 'm' } });
  await server.holdfast.session('s2').delete();
  await vi.waitFor(() => expect(other.told.text).toContain('{"deleted":true}'));
});

it('lets a terminal obey nothing that strangers or models wrote', async () => {
  const { args } = await spokenSession('\u001b]0;owned\u0007 and \u202e turned');
  const { text, code } = await typed(tail, [...args, '--all', '--once']);
  expect(code).toBe(0);
  expect(text).toContain('\\u001b]0;owned\\u0007 and \\u202e turned');
  for (const obeyed of ['\u001b', '\u0007', '\u202e']) expect(text).not.toContain(obeyed);
});

it('ends with a fault where there is no session to show', async () => {
  const args = ['nobody', '--prefix', 'none', '--all', '--once'];
  await expect(typed(tail, args)).rejects.toThrow(/no session of that id/);
});
