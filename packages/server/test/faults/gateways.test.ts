import { createRedisLog } from '@holdfast/log/redis';
import { formatPosition } from '@holdfast/protocol';
import { RedisServer } from '@holdfast/testkit/redis-harness';
import { Redis } from 'ioredis';
import { expect, it, onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { forked } from '../support/forked.ts';
import { gatedAgent } from '../support/gated-agent.ts';
import { startServer, userMessage } from '../support/server.ts';
import { Shown } from '../support/shown.ts';
import { WireClient } from '../support/wire-client.ts';

const patient = { timeout: 60_000 };
const sessions = ['s0', 's1', 's2', 's3'];
const perSession = 50;
const clients = sessions.length * perSession;
const limits = { pollMs: 500, participantConnections: 1e4, connections: 1e4 };

/** A client that moves to where the others are when it is told to, before it leaves, as the package's does. */
class Mover {
  readonly shown: Shown = new Shown();
  /** How often it came to another gateway, and how often it was cut off before it had. */
  readonly counts = { moves: 0, cuts: 0 };
  readonly #session: string;
  #wire: WireClient | null = null;
  #state: 'open' | 'closed' = 'open';

  constructor(session: string) {
    this.#session = session;
    onTestFinished(() => {
      this.#state = 'closed';
      this.#wire?.terminate();
    });
  }

  /** `where` tells the gateway to go to; resolves when it follows the session there. */
  async come(where: () => string): Promise<void> {
    const s = this.#session;
    const wire = new WireClient(
      new WebSocket(`${where().replace('http', 'ws')}/holdfast`, ['holdfast.v1']),
    );
    await wire.opened;
    wire.send({ t: 'hello', v: 1 });
    const pos = this.shown.position ? { pos: formatPosition(this.shown.position) } : {};
    wire.send({ t: 'sub', r: 1, s, ...pos });
    const before = this.#wire;
    this.#wire = wire;
    void this.#listen(wire, where);
    before?.terminate();
  }

  async #listen(wire: WireClient, where: () => string): Promise<void> {
    const s = this.#session;
    for (;;) {
      const frame = await wire.until(() => true).catch(() => null);
      if (this.#wire !== wire || this.#state === 'closed') return;
      if (!frame) {
        this.counts.cuts++;
        return await this.#again(where);
      }
      this.shown.receive(frame);
      if (frame.t === 'entry') wire.send({ t: 'ack', s, i: frame.i });
      if (frame.t === 'drain') {
        this.counts.moves++;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * frame.spreadMs));
        return await this.#again(where);
      }
    }
  }

  async #again(where: () => string): Promise<void> {
    while (this.#state === 'open') {
      const came = await this.come(where).then(
        () => true,
        () => false,
      );
      if (came) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

/** Clients of four sessions whose runs go on, and gateways that are processes of their own. */
async function setUp() {
  const redis = await RedisServer.start();
  onTestFinished(() => redis[Symbol.asyncDispose]());
  const prefix = 'gateways';
  const log = createRedisLog({ redis: redis.url, prefix });
  const gated = sessions.map(() => gatedAgent());
  const route = await startServer({
    log,
    limits,
    agent: (context) => (gated[sessions.indexOf(context.sessionId)] ?? gatedAgent()).agent(context),
  });
  onTestFinished(async () => {
    await route[Symbol.asyncDispose]();
    await log.close();
  });
  const gateway = async () => {
    const child = forked('gateway-process.ts', redis.url, prefix, JSON.stringify(limits));
    const { origin } = (await child.tells('origin')) as { origin: string };
    return { ...child, origin };
  };
  for (const id of sessions) await route.send({ id, message: userMessage(`m ${id}`, 'Hi') });
  for (const { calls, emit } of gated) {
    await vi.waitFor(() => expect(calls).toHaveLength(1), patient);
    emit({ type: 'start' }, { type: 'text-start', id: 't' });
  }
  let said = '';
  const say = () => {
    const delta = `${said.length} `;
    said += delta;
    for (const { emit } of gated) emit({ type: 'text-delta', id: 't', delta });
  };
  const movers = Array.from({ length: clients }, (_, at) => new Mover(sessions[at % 4] ?? ''));
  const runs = gated.map(({ calls }) => calls[0]?.runId ?? '');
  const heard = () =>
    vi.waitFor(() => {
      for (const [at, { shown }] of movers.entries())
        expect(shown.text(runs[at % 4] ?? '')).toBe(said);
    }, patient);
  return { redis, gateway, movers, say, heard };
}

it('F3, F24: when a gateway dies, all of its clients come to another one at once, which reads the log once for each of them and loses nothing', async () => {
  const { redis, gateway, movers, say, heard } = await setUp();
  const [first, second] = [await gateway(), await gateway()];
  let { origin } = first;
  await Promise.all(movers.map((mover) => mover.come(() => origin)));
  for (let left = 50; left > 0; left--) say();
  await heard();
  const admin = new Redis(redis.url);
  onTestFinished(() => admin.disconnect());
  await admin.config('RESETSTAT');
  origin = second.origin;
  first.child.kill('SIGKILL');
  for (let left = 50; left > 0; left--) say();
  await heard();
  const reads = Number(
    /cmdstat_xrange:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0,
  );
  // A position is looked up and read behind: the rest comes from what the sessions share.
  expect(reads).toBeLessThan(2 * clients + 20 * sessions.length);
  for (const { shown, counts } of movers) {
    expect(counts).toEqual({ moves: 0, cuts: 1 });
    expect(shown.breaks).toEqual([]);
    expect(shown.modes.at(-1)).toBe('replay');
  }
}, 120_000);

it('F16, HF-CONN-14: gateways that are deployed one after another under load move each client once for each, and cut nobody off', async () => {
  const { gateway, movers, say, heard } = await setUp();
  const [first, second] = [await gateway(), await gateway()];
  let { origin } = first;
  await Promise.all(movers.map((mover) => mover.come(() => origin)));
  const deploy = async (from: { child: typeof first.child }, to: string) => {
    const ended = new Promise((resolve) => from.child.once('exit', resolve));
    origin = to;
    from.child.kill('SIGTERM');
    for (let left = 50; left > 0; left--) say();
    await heard();
    expect(await ended).toBe(0);
  };
  await deploy(first, second.origin);
  const third = await gateway();
  await deploy(second, third.origin);
  await heard();
  for (const { shown, counts } of movers) {
    expect(counts).toEqual({ moves: 2, cuts: 0 });
    expect(shown.breaks).toEqual([]);
    expect(new Set(shown.modes.slice(1))).toEqual(new Set(['replay']));
  }
}, 120_000);
