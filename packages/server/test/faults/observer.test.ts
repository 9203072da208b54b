import { createRedisLog } from '@holdfast/log/redis';
import { defaultLimits } from '@holdfast/protocol';
import { FaultProxy } from '@holdfast/testkit/fault-proxy';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Actor, away } from './actor.ts';
import { Observer } from './observer.ts';
import { Store } from './store.ts';

const note = (entry: object, nonce: number) => ({ nonce, body: JSON.stringify(entry) });

/** A store, an observer of it, and a log that writes there as processes do. */
async function setUp() {
  const store = await Store.start();
  onTestFinished(() => store.dispose());
  const observer = await Observer.start(store.port, 'p');
  onTestFinished(() => observer.close());
  store.showTo(observer);
  await observer.watch('s');
  const way = await FaultProxy.start({ port: store.port });
  onTestFinished(() => way[Symbol.asyncDispose]());
  store.lead(way);
  const redis = `redis://127.0.0.1:${way.port}`;
  const log = createRedisLog({ redis, prefix: 'p', onWarning: () => {} });
  onTestFinished(() => log.close());
  let nonce = 0;
  const begin = async (run: string) => {
    const named = { run, attempt: 1, agent: 'a', messageId: run, command: run };
    await log.send('s', {
      command: run,
      entries: [note({ k: 'run-start', ...named, at: 0 }, ++nonce)],
      run: { run, info: '{}', leaseMs: 60_000, stopped: note({ k: 'run-end' }, ++nonce) },
    });
  };
  const runs = async () =>
    (await observer.read('s')).flatMap(({ entry }) => (entry.k === 'run-start' ? [entry.run] : []));
  return { store, observer, begin, runs };
}

it('F7: the observer has seen whatever was acknowledged when a failover takes it, to the last entry', async () => {
  const { store, observer, begin, runs } = await setUp();
  await begin('kept');
  const acknowledged: string[] = [];
  const over = store.suffer('fail over', 200);
  let state: 'writing' | 'over' = 'writing';
  // As fast as they come, also in the moment in which the master dies.
  const writing = (async () => {
    for (let at = 0; state === 'writing'; at++)
      await begin(`r${at}`).then(
        () => acknowledged.push(`r${at}`),
        // A Redis that is away answers at once.
        () => away(5),
      );
  })();
  await over;
  state = 'over';
  await writing;
  const left = await vi.waitFor(runs);
  const taken = acknowledged.filter((run) => !left.includes(run));
  expect(left).toContain('kept');
  expect(taken).not.toEqual([]);
  for (const run of taken) expect(observer.startsOf('s', run), run).toHaveLength(1);
}, 60_000);

it('F8: a network that fails for the processes does not for the observer', async () => {
  const { store, observer, begin, runs } = await setUp();
  await begin('r');
  const over = store.suffer('refuse', 1_000);
  await observer.catchUp();
  expect(await runs()).toEqual(['r']);
  await over;
});

it('a process that got no processor for a third of a lease may have lost its runs, though no schedule touched it', async () => {
  const { store } = await setUp();
  const faults: string[] = [];
  const limits = { ...defaultLimits, leaseMs: 900 };
  const actor = await Actor.start('gateway 0', 'gateway', {
    port: store.port,
    place: {
      redis: '',
      prefix: 'p',
      jobs: '',
      mode: 'routes',
      onLost: 'fail',
      gatherMs: 0,
      limits,
    },
    hears: { healed: async () => {}, prompt: () => {}, fault: (text) => faults.push(text) },
  });
  onTestFinished(() => actor.dispose());
  const [life] = actor.lives;
  expect(life).toMatchObject({ state: 'up', isTouched: false });
  life?.child.kill('SIGSTOP');
  await away(1_000);
  life?.child.kill('SIGCONT');
  await vi.waitFor(() => expect(life?.isTouched).toBe(true));
  expect(faults).toContain('gateway 0 got no processor for a third of a lease');
});
