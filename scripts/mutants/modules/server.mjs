import { tests } from './tests.mjs';

const server = 'packages/server/src';
const onServer = ['server', 'server (ai 7)'];

/** @type {Readonly<Record<string, import('../modules.mjs').Module>>} */
export const modulesOfServer = {
  'server/session': {
    files: [`${server}/session/*.ts`],
    projects: onServer,
    tests: tests(
      'session/hub session/hubs session/parts session/view session/view-reads session/cursor session/ring session/framed session/roster session/presence session/presence-times session/presence-info session/hub-turns session/history session/edits session/page-cursor session/view-stored session/view-goes-on session/prompt-at gateway/subscribe integration/failover session/broadcaster session/authors session/order session/order.property session/presence-nobody session/long-texts commands/handoff session/view-turns',
    ),
    first: {
      'page-cursor.ts': tests('session/page-cursor'),
      'cursor.ts': tests('session/cursor gateway/subscription http/reply-stream'),
      'kind-of.ts': tests('session/cursor session/ring'),
      'fold-message.ts': tests('session/fold-message session/history'),
      'hub.ts': tests(
        'session/hub session/hub-turns session/hubs session/prompt-at session/snapshot session/page-cursor session/view',
      ),
      'hubs.ts': tests('session/hubs session/hub'),
      'page.ts': tests('session/page-cursor session/view session/view-goes-on session/history'),
      'presence.ts': tests('session/presence-times session/presence-info session/presence'),
      'presence-signals.ts': tests('session/presence-signals session/presence'),
      ...Object.fromEntries(
        'addresses applied-ids json-bytes older-items page-limit skipped stand-ins stored-item written'
          .split(' ')
          .map((name) => [`${name}.ts`, tests('session/parts')]),
      ),
      'checkpoint-base.ts': tests(
        'session/view session/view-stored session/view-goes-on session/hub',
      ),
      'checkpoint-draft.ts': tests(
        'session/view session/view-stored session/view-goes-on session/hub',
      ),
      'reduce-chunks.ts': tests('session/fold-message session/reduce-chunks.property'),
      'entry-of.ts': tests('session/entry-of gateway/unreadable'),
      'framed.ts': tests('session/framed'),
      'call-ends.ts': tests('session/revived'),
      'prompt-at.ts': tests('session/prompt-at session/hub'),
      'prompt.ts': tests('session/prompt commands/dangling'),
      'stored-prefix.ts': tests('session/kept-prefixes session/prompt growth/sending'),
      'awaited-prompts.ts': tests('session/awaited-prompts growth/runs'),
      'text-message.ts': tests('session/reduce-chunks.property'),
      'revive.ts': tests('session/revived'),
      'ring.ts': tests('session/ring'),
      'roster.ts': tests('session/roster session/presence'),
      'broadcaster.ts': tests('session/broadcaster'),
      'stored-marks.ts': tests('session/view-stored session/view-goes-on'),
      'stored-messages.ts': tests('session/view'),
      'slabs.ts': tests('session/slabs session/framed session/ring'),
      'snapshot.ts': tests('session/snapshot'),
      'words.ts': tests('session/words'),
      'store-view.ts': tests('session/view-reads session/history'),
      'view.ts': tests(
        'session/view-goes-on session/view-reads session/view-stored session/view session/kept-prefixes session/history session/view.property',
      ),
    },
  },
  'server/gateway': {
    files: [`${server}/gateway/*.ts`],
    projects: onServer,
    tests: tests(
      'gateway/gateway-parts gateway/connection gateway/subscription gateway/unread gateway/flow session/presence gateway/subscribe integration/failover guarded gateway/upgrades gateway/accept gateway/gateway gateway/frames gateway/sockets gateway/connection-time gateway/frame-queue gateway/event-parts gateway/event-socket http/events gateway/stock gateway/stock-idle gateway/stock-parts gateway/stock-request gateway/stock-time gateway/awake-clock gateway/attach gateway/flow-parts gateway/replay gateway/connection-rights gateway/unreadable gateway/kept-request gateway/encrypted gateway/standstill gateway/storm gateway/followed gateway/ws-socket telemetry/metrics telemetry/traces',
    ),
    first: {
      'answers-under-way.ts': tests('gateway/upgrades'),
      'as-request.ts': tests('gateway/attach gateway/upgrades'),
      'attach.ts': tests('gateway/attach gateway/gateway gateway/upgrades gateway/frames'),
      'awake-clock.ts': tests('gateway/awake-clock gateway/sockets'),
      // Before the others, which have the same end.
      'stock-connection.ts': tests(
        'gateway/stock-parts gateway/stock-time gateway/stock gateway/stock-idle',
      ),
      'connection.ts': tests(
        'gateway/connection gateway/connection-time gateway/connection-rights gateway/frame-queue',
      ),
      'credentials.ts': tests('gateway/connection gateway/connection-time'),
      'event-body.ts': tests('gateway/event-parts gateway/event-socket'),
      'event-refusal.ts': tests('gateway/event-parts gateway/event-socket http/events'),
      'event-socket.ts': tests('gateway/event-socket http/events'),
      'event-text.ts': tests('gateway/event-parts'),
      'long-poll.ts': tests('gateway/event-socket'),
      'flow.ts': tests('gateway/flow-parts'),
      'frame-queue.ts': tests('gateway/frame-queue gateway/connection'),
      'gateway.ts': tests('gateway/sockets gateway/upgrades gateway/accept'),
      'guarded-socket.ts': tests('guarded gateway/gateway telemetry/metrics'),
      'heartbeat.ts': tests('gateway/connection-time'),
      'intercept.ts': tests('gateway/upgrades gateway/gateway'),
      'lobby.ts': tests('gateway/gateway-parts'),
      'outlet.ts': tests('gateway/gateway-parts'),
      'replay.ts': tests('gateway/replay gateway/subscription'),
      'snapshot-frames.ts': tests('gateway/gateway-parts'),
      'snapshot-sender.ts': tests('gateway/unread gateway/subscription'),
      'stock-frame.ts': tests('gateway/stock-request gateway/stock-parts gateway/stock'),
      'stock-reply.ts': tests('gateway/stock-parts gateway/stock'),
      'stock-request.ts': tests('gateway/stock-request gateway/stock'),
      'subscription.ts': tests('gateway/subscription gateway/unread gateway/frames'),
      'subscriptions.ts': tests(
        'gateway/connection gateway/connection-rights gateway/subscription telemetry/traces http/events-presence',
      ),
      'window.ts': tests('gateway/gateway-parts'),
    },
  },
  'server/runs': {
    files: [
      `${server}/runs/tail.ts`,
      `${server}/runs/writer.ts`,
      `${server}/retry-unavailable.ts`,
      `${server}/upkeep/{hook-delivery,checkpointer,topic,worker}.ts`,
    ],
    projects: onServer,
    tests: tests(
      'runs/writer runs/writer-gives-up runs/tail upkeep/hook-delivery upkeep/hook-looks upkeep/checkpointer upkeep/checkpoint-costs upkeep/worker upkeep/topic upkeep/kept session/history session/authors',
    ),
    first: {
      'tail.ts': tests('runs/tail runs/writer runs/writer-gives-up'),
      'writer.ts': tests('runs/writer runs/writer-gives-up'),
      'retry-unavailable.ts': tests('runs/writer-gives-up'),
      'hook-delivery.ts': tests('upkeep/hook-delivery upkeep/hook-looks'),
      'checkpointer.ts': tests('upkeep/checkpointer upkeep/checkpoint-costs'),
      'topic.ts': tests('upkeep/topic upkeep/hook-delivery upkeep/hook-looks'),
      'worker.ts': tests('upkeep/worker'),
    },
  },
  'server/commands': {
    files: [`${server}/commands/**/*.ts`],
    projects: onServer,
    tests: tests(
      'commands/answers commands/client-tools commands/heedless commands/steer commands/queue commands/handoff commands/addressing commands/allow-message commands/interrupt commands/dangling commands/doubles commands/load commands/load-gone commands/load-refused commands/contended commands/sizes commands/rounds commands/while-busy commands/stored-meanwhile commands/unsure-sends commands/files commands/stop commands/cuts commands/queue.property commands/named-files commands/picture-lives commands/large-picture commands/round-trips http/http http/edits http/act',
    ),
    first: {
      'allow-message.ts': tests('commands/allow-message'),
      'answers.ts': tests('commands/answers'),
      'answer.ts': tests('commands/answers commands/client-tools'),
      'cancel-run.ts': tests('commands/stop'),
      'claim.ts': tests('commands/client-tools'),
      'client-tools.ts': tests('commands/client-tools'),
      'commit.ts': tests('commands/contended commands/queue commands/while-busy'),
      'dangling.ts': tests('commands/dangling'),
      'decide.ts': tests('commands/while-busy commands/queue commands/doubles'),
      'draft.ts': tests('http/edits commands/dangling commands/heedless'),
      'enqueue.ts': tests('commands/queue commands/while-busy'),
      'handoff.ts': tests('commands/handoff'),
      'load.ts': tests('commands/load commands/load-gone commands/load-refused'),
      'message-files.ts': tests('commands/files commands/named-files'),
      'message-size.ts': tests('commands/sizes'),
      'queue.ts': tests('commands/queue'),
      'steer.ts': tests('commands/steer'),
      'stop-live.ts': tests('commands/stop commands/interrupt'),
      'unsure.ts': tests('commands/unsure-sends'),
      'while-busy.ts': tests('commands/while-busy commands/interrupt'),
    },
  },
  'server/http': {
    files: [`${server}/http/*.ts`],
    projects: onServer,
    tests: tests(
      'http/send-body http/values http/long-pages http/admission http/cors http/compare-list http/reply-stream http/stream-run http/stream-response http/answers http/act http/large-body http/lists http/http http/edits http/files http/file-changes http/file-store http/files-too-large http/events http/events-presence http/events-hosts http/admission.property writers/writer-commands writers/writer-limits',
    ),
    first: {
      'act.ts': tests('http/act'),
      'compare-list.ts': tests('http/compare-list http/edits'),
      'answers.ts': tests('http/answers'),
      'cors.ts': tests('http/cors'),
      'events.ts': tests('http/events http/events-presence'),
      'on-disconnect.ts': tests('http/http'),
      'range.ts': tests('http/files http/file-store'),
      'reply-stream.ts': tests('http/reply-stream'),
      'send-body.ts': tests('http/send-body'),
      'stream-response.ts': tests('http/stream-response'),
      'stream-run.ts': tests('http/stream-run'),
      'shown-files.ts': tests('http/files http/file-changes'),
      'writer-commands.ts': tests('writers/writer-commands writers/writer-limits'),
      'body.ts': tests('http/admission http/large-body'),
      'files.ts': tests('http/files http/file-store http/files-too-large'),
    },
  },
  'server/files': {
    files: [`${server}/files/*.ts`],
    projects: onServer,
    tests: tests(
      'files/file-texts files/filling files/large-members files/same http/files http/file-changes http/file-store http/files-too-large commands/files commands/named-files commands/picture-lives session/words',
    ),
    first: {
      'file-store.ts': tests('files/file-texts http/file-store'),
      'same.ts': tests('files/same'),
      'filled.ts': tests('files/file-texts files/filling files/large-members'),
      'keep-large.ts': tests('files/large-members http/files'),
    },
  },
  'server/writers': {
    files: [`${server}/{writers,remote}/*.ts`],
    projects: onServer,
    tests: tests(
      'writers/writer-commands writers/writer-limits writers/lost-ends writers/conformance remote/remote-agent',
    ),
  },
  'server/upkeep': {
    files: [`${server}/upkeep/*.ts`],
    except: ['hook-delivery', 'checkpointer', 'topic', 'worker'].map(
      (name) => `${server}/upkeep/${name}.ts`,
    ),
    projects: onServer,
    tests: tests(
      'upkeep/looks upkeep/waits upkeep/refusing-log upkeep/own-runs upkeep/kept upkeep/lost-ends upkeep/take-over upkeep/leaving upkeep/handed-on.property commands/queue commands/queue.property commands/interrupt workers/work telemetry/metrics',
    ),
    first: {
      'expire.ts': tests('commands/interrupt upkeep/refusing-log'),
      'next.ts': tests('upkeep/looks upkeep/refusing-log commands/queue'),
      '.ts': tests('upkeep/looks upkeep/waits upkeep/refusing-log'),
    },
  },
};
