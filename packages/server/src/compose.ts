import {
  createFeeds,
  createMemoryLog,
  durabilityText,
  type Feeds,
  type SessionLog,
  withFileStore,
} from '@holdfast/log';
import { checkKeys, createEncryptedLog } from '@holdfast/log/encrypted';
import { createRedisLog } from '@holdfast/log/redis';
import { HoldfastError, type Limits } from '@holdfast/protocol';
import { inCleanContext } from './clean-context.ts';
import { isClientToolOf } from './commands/client-tools.ts';
import { HistoryLoader } from './commands/load.ts';
import type { AgentStreamOptions } from './contract/agent.ts';
import type { Dispatch } from './contract/job.ts';
import type { DecideWhileBusy, HoldfastOptions } from './contract/options.ts';
import type { Core } from './core.ts';
import { type Environment, systemEnvironment } from './environment.ts';
import { createFiles } from './files/create-files.ts';
import { FileStore } from './files/file-store.ts';
import { FileTexts } from './files/filled.ts';
import { guardedReport, guardedText } from './guarded.ts';
import { Lifecycle } from './lifecycle.ts';
import { limitsOf } from './limits-of.ts';
import { MetLimits } from './over-limit.ts';
import { Reach } from './reach.ts';
import { createConsoleReport } from './report.ts';
import { Gatekeeper } from './rights/authorize.ts';
import { LargeBodies } from './rights/large-bodies.ts';
import { Quotas } from './rights/quotas.ts';
import { Revocations } from './rights/revocations.ts';
import { isStillAllowed } from './rights/still-allowed.ts';
import { Aftermath } from './runs/aftermath.ts';
import { afterRun } from './runs/execute.ts';
import { LiveAttempts } from './runs/live-attempts.ts';
import { gatheringOf } from './runs/pace.ts';
import { WrittenRuns } from './runs/written-runs.ts';
import { SessionHubs } from './session/hubs.ts';
import type { PieceStore } from './session/pieces.ts';
import { type Shared, shareByKey } from './shared.ts';
import { Checkpointer } from './upkeep/checkpointer.ts';
import { HookDelivery } from './upkeep/hook-delivery.ts';
import { Lookout } from './upkeep/lookout.ts';
import { Scheduler } from './upkeep/scheduler.ts';
import { createWorkers } from './upkeep/worker.ts';
import { atMost } from './within.ts';

interface Store {
  readonly log: SessionLog;
  readonly feeds: Feeds;
  readonly hubs: SessionHubs;
  readonly checkpointer: Checkpointer;
  readonly reach: Reach;
}

async function shut({ reach, checkpointer, hubs, feeds }: Store): Promise<void> {
  reach.close();
  await checkpointer.close();
  await hubs.close();
  await feeds.close();
}

const pieceStoreOf = (files: FileStore, texts: FileTexts, limits: Limits): PieceStore => ({
  keepValue: (session, text) => files.keepValue(session, text),
  read: (session, reference) => texts.piece(session, reference),
  window: limits.textWindowBytes,
});

export function createCore(
  options: HoldfastOptions,
  environment: Environment = systemEnvironment,
): Core {
  const limits = limitsOf(options.limits);
  const gathering = gatheringOf(environment, options.gatherMs);
  if (options.encryption !== undefined) checkKeys(options.encryption);
  const report = guardedReport(options.onError ?? createConsoleReport());
  const { worker, underWay } = createWorkers({ environment, report });
  const open = (plain: SessionLog): Store => {
    const log = layered(plain, options, limits);
    const feeds = createFeeds(log, {
      // The hubs keep a session for a while; its feed need not linger on top of that.
      limits: { ...limits, lingerMs: 0 },
      onError: (error) => report(error, {}),
      // The feed may have been opened for somebody's request; whose run was lost is another question.
      onHead: (session, head) => void inCleanContext(() => core.lookout.look(session, head)),
    });
    const files = new FileStore(log, limits);
    const hubs = new SessionHubs({
      ...{ log, feeds, limits, environment, report },
      files: pieceStoreOf(files, new FileTexts(files, environment), limits),
    });
    const checkpointer = new Checkpointer({ log, hubs, limits, worker: worker() });
    return { log, feeds, hubs, checkpointer, reach: new Reach(environment) };
  };
  const { value: store, release } = storeFor(options, limits, open, shut);
  const { log, hubs, checkpointer } = store;
  const ofFiles = createFiles({ log, limits, environment, links: options.files });
  const isInMemory = !options.log && !options.redis;
  const hookDelivery = options.hooks
    ? new HookDelivery({ log, hubs, ...ofFiles, hooks: options.hooks, worker: worker() })
    : null;
  const scheduler = new Scheduler(() => core, { log, worker: worker() });
  const revocations = new Revocations({ log, environment, report });
  const lookout = new Lookout(() => core, worker());
  const core: Core = {
    log,
    hubs,
    ...ofFiles,
    checkpointer,
    reach: isInMemory ? store.reach : null,
    scheduler,
    dispatch: options.dispatch ?? null,
    hookDelivery,
    gatekeeper: new Gatekeeper(options.authorize, {
      environment,
      authorizeMs: limits.authorizeMs,
      report,
    }),
    revocations,
    lifecycle: new Lifecycle(),
    quotas: new Quotas(limits, environment),
    largeBodies: new LargeBodies(),
    metLimits: new MetLimits(report, limits),
    isStillAllowed: isStillAllowed(options.stillAllowed, environment, limits),
    origins: options.origins ?? [],
    limits,
    environment,
    stream: streamOptionsOf(options),
    ...choicesOf(options),
    gathering,
    isClientTool: isClientToolOf(options.clientTools),
    clientData: options.clientData,
    acceptMessage: options.acceptMessage,
    generateId: options.generateId,
    loader: options.load ? new HistoryLoader(() => core, options.load) : null,
    report,
    errorText: guardedText(options.errorText, report),
    writers: options.writers ?? null,
    writtenRuns: new WrittenRuns(environment),
    attempts: new LiveAttempts(),
    aftermath: new Aftermath({
      environment,
      report,
      onMended: (session) => void afterRun(core, session),
    }),
    lookout,
    runs: new Set(),
    tasks: underWay,
    close: async () => {
      lookout.close();
      core.aftermath.close();
      revocations.close();
      if (hookDelivery) await atMost(environment, theirsMs, hookDelivery.close());
      const dispatched = closeDispatch(options.dispatch);
      await atMost(environment, theirsMs, dispatched).catch((error: unknown) => report(error, {}));
      await release();
    },
  };
  return core;
}

type Choices =
  | 'openCalls'
  | 'onLost'
  | 'maxAttempts'
  | 'maxContinuations'
  | 'stallMs'
  | 'approvalMs'
  | 'whileBusy';

/** Options that only have a default. */
const choicesOf = (options: HoldfastOptions): Pick<Core, Choices> => ({
  openCalls: options.openCalls ?? 'settle',
  onLost: options.onLost ?? 'fail',
  maxAttempts: options.maxAttempts ?? 3,
  maxContinuations: options.maxContinuations ?? 50,
  stallMs: options.stallMs ?? null,
  approvalMs: options.approvalMs ?? null,
  whileBusy: options.whileBusy ?? parallelUnlessAsked,
});

/** Only what is named: the SDK has defaults of its own for the rest. */
const streamOptionsOf = ({ sendReasoning, sendSources }: HoldfastOptions): AgentStreamOptions => ({
  ...(sendReasoning === undefined ? {} : { sendReasoning }),
  ...(sendSources === undefined ? {} : { sendSources }),
});

/** The log, with what the options lay over it. */
function layered(
  log: SessionLog,
  { encryption, fileStore, prefix }: HoldfastOptions,
  limits: Limits,
): SessionLog {
  const stored = fileStore ? withFileStore(log, fileStore, { prefix, limits }) : log;
  return encryption ? createEncryptedLog(stored, encryption) : stored;
}

/** How long what is the application's may take when all is closed, in ms: a hook, which is called again elsewhere; its queue. */
const theirsMs = 5_000;

/** Closes it; what it throws at once is a rejection like any other. */
const closeDispatch = async (dispatch: Dispatch | undefined): Promise<void> => dispatch?.close?.();

/**
 * Several copies of a module live in one Next.js process: the custom server's, one per route
 * bundle, and new ones with every hot reload. They must share the memory log, and should share the
 * connections to Redis.
 */
function storeFor(
  options: HoldfastOptions,
  limits: Limits,
  open: (log: SessionLog) => Store,
  shut: (store: Store) => Promise<void>,
): Shared<Store> {
  const { log, redis, prefix = 'holdfast', durability } = options;
  if (durability !== undefined && (log || !redis)) throw noRedis();
  if (log) {
    const store = open(log);
    return { value: store, release: () => shut(store) };
  }
  const make = () =>
    open(
      redis ? createRedisLog({ redis, prefix, limits, durability }) : createMemoryLog({ limits }),
    );
  const close = async (store: Store) => {
    await shut(store);
    await store.log.close();
  };
  if (typeof redis === 'object') {
    const store = make();
    return { value: store, release: () => close(store) };
  }
  const keys = options.encryption?.keys.map(({ id }) => id).join() ?? '';
  const files = options.fileStore ? ' files' : '';
  const durable = durability ? ` ${durabilityText(durability)}` : '';
  return shareByKey(`store ${redis ?? 'memory'} ${prefix} ${keys}${files}${durable}`, make, close);
}

const noRedis = (): HoldfastError =>
  new HoldfastError(
    'internal',
    'unable to promise a `durability`: it is what Redis does, and the option `redis` is not given; leave it out, or give a `log` its own',
  );

/** To wait does no harm to anybody, and who may send may steer: both are granted to who asks. */
const parallelUnlessAsked: DecideWhileBusy = ({ asked }) =>
  asked === 'queue' || asked === 'steer' ? asked : 'parallel';
