import { expect, it } from 'vitest';
import { LargeBodies } from '../../src/rights/large-bodies.ts';
import { answer, replying } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';

const limits = { requestBytes: 1_000, sendBytes: 100_000 };
const send = (text: string) => ({
  id: 's1',
  command: crypto.randomUUID(),
  trigger: 'submit-message',
  message: userMessage(crypto.randomUUID(), text),
});

it('HF-HTTP-7: what a stranger sends is read no further than requestBytes', async () => {
  const asked: (string | undefined)[] = [];
  await using server = await startServer({
    limits,
    agent: replying(...answer('Hello')),
    authorize: ({ action, token }) => {
      asked.push(`${action} ${token}`);
      return action === 'connect' && token !== 'mine' ? null : { id: 'u' };
    },
  });
  const large = send('x'.repeat(5_000));
  const refused = await server.post(large);
  expect([refused.status, asked]).toEqual([401, ['connect undefined']]);
  const headers = { 'content-type': 'application/json', authorization: 'Bearer mine' };
  expect((await server.post(JSON.stringify(large), { headers })).status).toBe(200);
  // A small one asks for nothing more than before.
  asked.length = 0;
  expect((await server.post(send('x'))).status).toBe(200);
  expect(asked).not.toContain('connect undefined');
});

it('HF-HTTP-7: of one participant two large bodies are read at once, and the next when one is through', async () => {
  await using server = await startServer({ limits, agent: replying(...answer('Hello')) });
  const begin = () => {
    const text = JSON.stringify(send('x'.repeat(5_000)));
    const half = new TransformStream<Uint8Array, Uint8Array>();
    const writer = half.writable.getWriter();
    const bytes = new TextEncoder().encode(text);
    const begun = writer.write(bytes.subarray(0, 4_000));
    const response = fetch(server.api, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: half.readable,
      duplex: 'half',
    } as RequestInit);
    const finish = async () => {
      await begun;
      await writer.write(bytes.subarray(4_000));
      await writer.close();
      return (await response).status;
    };
    return { finish, response };
  };
  const [first, second] = [begin(), begin()];
  await expect.poll(async () => (await server.post(send('x'.repeat(5_000)))).status).toBe(429);
  expect(await first.finish()).toBe(200);
  expect((await server.post(send('x'.repeat(5_000)))).status).toBe(200);
  expect(await second.finish()).toBe(200);
});

it('what all hold together has a bound, and is given back', () => {
  const bodies = new LargeBodies();
  const held = Array.from({ length: 16 }, (_, at) => bodies.hold(`p${at}`));
  for (const each of held) each.take(16 * 1_048_576);
  const further = bodies.hold('other');
  expect(() => further.take(1)).toThrow(/at once/);
  further.release();
  held[0]?.release();
  const again = bodies.hold('p0');
  again.take(16 * 1_048_576);
  expect(() => again.take(1)).toThrow(/at once/);
});
