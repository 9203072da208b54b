import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { asOperator } from '../../src/index.ts';
import { Crowds } from '../../src/rights/crowds.ts';
import { startServer } from '../support/server.ts';

const visit = (crowds: Crowds, session: string, from: number, to: number) => {
  for (let at = from; at < to; at++) crowds.admitted(session, `visitor-${at}`);
};

describe('a session that suddenly has many participants', () => {
  it('is told of once, in development, with the page to read', () => {
    const told: string[] = [];
    const crowds = new Crowds((message) => told.push(message), true);
    visit(crowds, 's1', 0, 4);
    visit(crowds, 's1', 0, 4);
    visit(crowds, 's2', 4, 8);
    expect(told).toEqual([]);
    crowds.admitted('s1', 'one more');
    visit(crowds, 's2', 0, 100);
    visit(crowds, 's1', 0, 100);
    expect(told).toEqual([
      expect.stringMatching(/session s1 has 5 participants\. .*prerendered.*docs\/sync\.md/),
    ]);
  });

  it('is not told of in production', () => {
    const told: string[] = [];
    visit(new Crowds((message) => told.push(message), false), 's', 0, 100);
    expect(told).toEqual([]);
  });

  it('is looked for in a bounded number of sessions', () => {
    const told: string[] = [];
    const crowds = new Crowds((message) => told.push(message), true);
    for (let at = 0; at < 1_000; at++) crowds.admitted(`s${at}`, 'ann');
    visit(crowds, 'late', 0, 100);
    expect(told).toEqual([]);
    visit(crowds, 's0', 0, 4);
    expect(told).toHaveLength(1);
  });

  it.each([
    ['visitors', (id: string) => ({ id }), 1],
    ['operators', (id: string) => asOperator({ id }), 0],
  ])('is looked for at the door: %s', async (_, made, warnings) => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    await using server = await startServer({ authorize: ({ token = '' }) => made(token) });
    const read = (who: string) =>
      fetch(`${server.api}/s`, { headers: { authorization: `Bearer ${who}` } });
    for (const who of 'abcdefg') expect((await read(who)).status).toBe(200);
    const told = warn.mock.calls.filter(([, options]) =>
      JSON.stringify(options).includes('HOLDFAST_SHARED_SESSION'),
    );
    expect(told).toHaveLength(warnings);
  });
});
