import { createMemoryLog } from '@holdfast/log';
import { formatPosition } from '@holdfast/protocol';
import { expect, it } from 'vitest';
import { processOn, write } from '../support/hub.ts';
import { changed } from '../support/logs.ts';
import { startOwnServer } from '../support/own-server.ts';
import { userMessage } from '../support/server.ts';

/** A log that counts what is read of it. */
function countedLog() {
  const inner = createMemoryLog();
  let count = 0;
  const counting =
    <Args extends unknown[], Result>(act: (...args: Args) => Result) =>
    (...args: Args): Result => {
      count++;
      return act(...args);
    };
  const log = changed(inner, {
    read: counting((session, request) => inner.read(session, request)),
    open: counting((session, request) => inner.open(session, request)),
    head: counting((session) => inner.head(session)),
  });
  return { log, reads: () => count };
}

it('HF-SUB-2: 100 sockets that come back to 5 sessions with their positions have nothing read', async () => {
  const { log, reads } = countedLog();
  const server = await startOwnServer({ log, limits: { lingerMs: 60_000, pollMs: 600_000 } });
  const sessions = ['s0', 's1', 's2', 's3', 's4'];
  for (const s of sessions)
    await server.holdfast.session(s).seed([userMessage('m', 'Hi')] as never);
  const join = async (s: string, pos?: string) => {
    const client = await server.greet();
    client.send({ t: 'sub', r: 1, s, pos });
    const subbed = await client.next('subbed');
    const { i } = await client.next('live');
    return {
      client,
      s,
      mode: subbed.mode,
      position: formatPosition({ epoch: subbed.epoch, id: i }),
    };
  };
  const first = await Promise.all(sessions.map((s) => join(s)));
  for (const { client } of first) client.terminate();
  // What comes while nobody is there is at hand as well.
  for (const id of sessions)
    await server.holdfast.session(id).run({ agent: 'a' }, async () => (async function* () {})());
  const before = reads();
  const again = await Promise.all(
    Array.from({ length: 100 }, (_, at) => {
      const known = first[at % first.length];
      return join(known?.s ?? '', known?.position);
    }),
  );
  expect(reads() - before).toBe(0);
  for (const { mode, client, position, s } of again) {
    expect(mode).toBe('replay');
    const from = first.find((each) => each.s === s)?.position;
    expect(position).not.toBe(from);
    const entries = client.frames.filter(({ t }) => t === 'entry');
    expect(entries.map((frame) => frame.t === 'entry' && frame.d.k)).toContain('run-end');
  }
}, 60_000);

it('HF-SUB-9: snapshots that are asked for at the same time are one, and later ones see what came since', async () => {
  const { log, reads } = countedLog();
  await write(log, 'a');
  const { hub } = await processOn(log).hubs.acquire('s');
  await hub.snapshot();
  const before = reads();
  const asked = [hub.snapshot(), hub.snapshot(), hub.snapshot()];
  const [one, two, three] = await Promise.all(asked);
  expect(two).toBe(one);
  expect(three).toBe(one);
  expect(reads() - before).toBe(1);
  await write(log, 'b');
  expect((await hub.snapshot()).items.map(({ id }) => id)).toEqual(['a', 'b']);
});
