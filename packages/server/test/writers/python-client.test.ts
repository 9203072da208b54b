// What the Python client does by itself, where a program only writes.
import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { lossyRoute } from '../support/lossy-route.ts';
import { startOwnServer } from '../support/own-server.ts';
import { postJson } from '../support/post.ts';
import { startPython } from '../support/python.ts';
import { allPages, join, textOf } from '../support/talk.ts';

async function play(scene: string, more: object = {}) {
  const server = await startOwnServer({
    writers: { authorize: ({ token }) => token === 'secret' },
  });
  const route = await lossyRoute(server.origin);
  const session = `s-${crypto.randomUUID()}`;
  const options = { url: route.api, token: 'secret', session, agent: 'planner', command: 'c1' };
  const file = 'packages/server/test/support/writer_scenes.py';
  const python = startPython(file, {}, scene, JSON.stringify({ ...options, ...more }));
  const texts = async () => (await allPages(server, session)).map(textOf);
  const runs = async () => (await join(server, session)).runs ?? [];
  return { server, route, session, python, texts, runs };
}

describe('a program in Python', () => {
  it.each([
    ['finishes', 'came out well', 'finished'],
    ['reuses', 'came out well', 'finished'],
    ['raises', 'raised KeyError', 'failed'],
    ['explains', 'came out well', 'failed'],
    ['bursts', 'raised Refused', 'failed'],
    ['goes_on', 'raised WriterError', 'finished'],
    ['answers', 'came out well', 'finished'],
  ])('that %s: %s, and its run is %s', async (scene, says, state) => {
    const { python, texts, runs } = await play(scene);
    await python.says(says);
    expect(await runs()).toMatchObject([{ agent: 'planner', state }]);
    expect(await texts()).toEqual(['Hello']);
  });

  it('that stops when it is told to: its run is stopped', async () => {
    const { server, session, python, texts, runs } = await play('stops', { lease_ms: 1_000 });
    await vi.waitFor(async () => expect(await texts()).toEqual(['Hello']));
    const [live] = await runs();
    await postJson(`${server.api}/${session}/cancel`, { run: live?.run });
    await python.says('came out well');
    expect(await runs()).toMatchObject([{ state: 'stopped' }]);
  });

  it('that writes much at once takes few requests for it', async () => {
    const { route, python, texts } = await play('chatters');
    await python.says('came out well');
    expect(await texts()).toEqual([Array.from({ length: 2_000 }, (_, at) => `${at} `).join('')]);
    expect(route.came.filter((verb) => verb === 'append').length).toBeLessThan(1_000);
  });

  it('that nobody answers any more is told so, and says nothing of its own', async () => {
    const { route, python, texts, runs } = await play('leaves', { retry_for: 0.3 });
    await vi.waitFor(async () => expect(await texts()).toEqual(['Hello']));
    route.lose('append', ...Array.from({ length: 100 }, () => 'request' as const));
    route.lose('renew', ...Array.from({ length: 100 }, () => 'request' as const));
    await python.ask('');
    await python.says('raised Unavailable');
    expect(await runs()).toMatchObject([{ state: 'running' }]);
    expect(route.came).not.toContain('end');
  });

  it('HF-WRT-5: that is answered by what stands in between asks again, whatever JSON that speaks', async () => {
    const { route, python, texts, runs } = await play('finishes');
    for (const verb of ['begin', 'append', 'end']) route.lose(verb, 'proxy', 'stranger');
    await python.says('came out well');
    expect(await runs()).toMatchObject([{ state: 'finished' }]);
    expect(await texts()).toEqual(['Hello']);
  });

  it('has a client that is short enough to be read', () => {
    const file = new URL('../../../../clients/python/holdfast_writer.py', import.meta.url);
    expect(readFileSync(file, 'utf8').trimEnd().split('\n').length).toBeLessThan(300);
  });
});
