import { tests } from './tests.mjs';

/** @type {Readonly<Record<string, import('../modules.mjs').Module>>} */
export const modulesOfClient = {
  'client/session': {
    files: ['packages/client/src/session/*.ts'],
    projects: ['client', 'client (ai 7)'],
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
};
