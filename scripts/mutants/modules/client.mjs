import { tests } from './tests.mjs';

const onClient = ['client', 'client (ai 7)'];

/** @type {Readonly<Record<string, import('../modules.mjs').Module>>} */
export const modulesOfClient = {
  'client/session': {
    files: ['packages/client/src/session/*.ts'],
    projects: onClient,
    tests: tests(
      'session/state session/gate session/own-send session/reader session/replay session/sessions session/transcript session/transcript-snapshot session/transcript-parts session/cuts.property session/order.property session/presence.property session/turns session/following session/holes session/told session/reading wire wire-liveness wire-stops sync/played sync/played-room sync/reconcile sync/sending sync/queue sync/handoff integration/resume',
    ),
    first: {
      'gate.ts': tests('session/gate'),
      'own-send.ts': tests('session/own-send sync/sending'),
      'state.ts': tests('session/state'),
      'transcript.ts': tests(
        'session/transcript session/transcript-snapshot session/transcript-parts session/cuts.property',
      ),
      'reply.ts': tests('session/transcript session/transcript-snapshot'),
      'pending-actions.ts': tests('session/own-send'),
      'session.ts': tests('session/following session/holes session/told session/reading wire'),
      'sessions.ts': tests('session/sessions'),
      'position.ts': tests('session/turns'),
      'turns.ts': tests('session/turns'),
      'reader.ts': tests('session/reader'),
      'replay.ts': tests('session/replay'),
    },
  },
  'client/connection': {
    files: ['packages/client/src/connection/**/*.ts'],
    projects: onClient,
    tests: tests(
      'connection/state connection/choice connection/events connection/socket connection/limits connection/carriers connection/reconnecting wire wire-liveness wire-stops warnings without-http integration/chat integration/resume integration/silence integration/http integration/http-answers integration/http-cuts integration/http-late integration/http-moves integration/http-posts integration/over-http outbox/stored',
    ),
    first: {
      'cancels.ts': tests('wire-stops'),
      'carriers.ts': tests('connection/carriers integration/http'),
      'choice.ts': tests('connection/choice'),
      'connection.ts': tests(
        'wire wire-liveness warnings connection/reconnecting integration/http-moves outbox/stored',
      ),
      'events.ts': tests('connection/events'),
      'http-socket.ts': tests(
        'integration/http integration/http-answers integration/http-posts integration/http-moves',
      ),
      'probe.ts': tests('integration/http-moves'),
      '/socket.ts': tests('connection/socket'),
      'state.ts': tests('connection/state connection/reconnecting'),
      'stream.ts': tests(
        'integration/http integration/http-answers integration/http-cuts integration/http-moves',
      ),
    },
  },
  'client/sync': {
    files: ['packages/client/src/{sync,transport}/*.ts'],
    projects: onClient,
    tests: tests(
      'sync/answered sync/answers-beside sync/answers-beside-over-http sync/reconcile sync/reconcile.property sync/played sync/played-room sync/cut sync/transient sync/queue sync/sending sync/edits sync/tools sync/client-tools sync/early-answers sync/steer sync/handoff sync/authors sync/history sync/tabs sync/long-texts sync/beginning.property sync/schedules.property sync/everywhere.property sync/over-http sync/more-over-http integration/chat integration/edits integration/tools integration/continuations integration/resume integration/signed-files sync/completed outbox/stored react/sync edge-cases http/send wire-stops',
    ),
    first: {
      'cut.ts': tests('sync/cut'),
      'answering.ts': tests(
        'sync/completed sync/tools sync/queue sync/answers-beside outbox/stored',
      ),
      'client-tools.ts': tests('sync/client-tools'),
      '/tools.ts': tests('sync/tools sync/client-tools'),
      'mount-tracker.ts': tests('integration/chat wire-stops'),
      'typing.ts': tests('sync/played-room'),
      'following.ts': tests('react/sync'),
      'history.ts': tests('sync/history'),
      'older.ts': tests('sync/history integration/signed-files'),
      'reconcile.ts': tests('sync/reconcile sync/reconcile.property'),
      'session-model.ts': tests('sync/played sync/played-room'),
      'whole.ts': tests('sync/long-texts'),
      'chat-transport.ts': tests('sync/sending integration/chat http/send wire-stops'),
      'continuations.ts': tests('integration/continuations'),
      '.ts': tests('sync/played sync/tools sync/sending'),
    },
  },
};
