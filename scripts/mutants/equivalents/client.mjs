/** @type {readonly import('../equivalents.mjs').Equivalent[]} */
export const equivalentsOfClient = [
  {
    file: 'packages/client/src/session/session.ts',
    before: 'let unacknowledged = 0;',
    after: 'let unacknowledged = 1;',
    reason: 'nothing comes before a subscription, and each one begins with none',
  },
];
