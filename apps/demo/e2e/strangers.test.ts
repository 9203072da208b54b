import { expect, it } from 'vitest';
import { visits } from '../../../packages/server/test/fuzz/cases.ts';
import { pay } from '../../../packages/server/test/fuzz/pay.ts';
import { freePort, Program } from './support/program.ts';

it('HF-CONN-8: strangers who come to Next and the gateway on one port are answered or closed, and both live on', async () => {
  const port = await freePort();
  const env = { HOST: '127.0.0.1', PORT: String(port), REDIS_URL: '', OPENAI_API_KEY: '' };
  await using program = new Program(['server.ts'], env, /demo on/);
  await program.start();
  const ports = { node: port, root: port, express: port, routes: port } as const;
  const doors = { ports: { ...ports, gateway: port, accept: port, http2: port }, exit: null };
  const hung: string[] = [];
  const work = visits(12, 300);
  const stranger = async () => {
    for (let next = work.pop(); next; next = work.pop()) {
      const each = next;
      await pay({ ...doors, state: () => Promise.reject(), close: () => {} }, each).catch((error) =>
        hung.push(`${error} ${JSON.stringify(each).slice(0, 400)}`),
      );
    }
  };
  await Promise.all(Array.from({ length: 12 }, stranger));
  expect(hung).toEqual([]);
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
}, 120_000);
